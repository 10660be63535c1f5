"""Connected accounts of v2, their recipient capability, and the links that lead through onboarding."""

from __future__ import annotations

from typing import Any

from . import identifiers, ledger
from .account_view import as_v1
from .events import emit, emit_thin
from .refusals import Body, Refused
from .state import StripeObject, World, iso

LINK_SECONDS = 300
CAPABILITY = "stripe_balance.stripe_transfers"
# What an individual still has to say; Stripe's own names of requirements.
WANTED = (
    "identity.individual.given_name",
    "identity.individual.surname",
    "identity.individual.date_of_birth",
    "identity.attestations.terms_of_service.account",
    "configuration.recipient.default_outbound_destination",
)
INCLUDABLE = ("configuration.customer", "configuration.merchant", "configuration.recipient", "defaults",
              "future_requirements", "identity", "requirements")  # fmt: skip
DETAILS: dict[str, list[Body]] = {
    "active": [],
    "pending": [{"code": "requirements_pending_verification", "resolution": "no_resolution"}],
    "restricted": [{"code": "requirements_past_due", "resolution": "provide_info"}],
}


def create(world: World, params: dict[str, Any]) -> Body:
    """POST /v2/core/accounts: a recipient who cannot receive anything yet."""
    recipient = params.get("configuration", {}).get("recipient")
    transfers = (
        (recipient or {}).get("capabilities", {}).get("stripe_balance", {}).get("stripe_transfers", {})
    )
    country = params.get("identity", {}).get("country", "")
    if transfers.get("requested") and not country:
        raise Refused(400, "identity.country is needed for a recipient.", code="identity_country_required")
    id = identifiers.account()
    account = StripeObject(
        id,
        "account",
        "",
        {
            "id": id,
            "object": "v2.core.account",
            "applied_configurations": ["recipient"] if recipient is not None else [],
            "closed": False,
            "created": iso(world.now),
            "dashboard": params.get("dashboard", "none"),
            "livemode": False,
            "metadata": params.get("metadata", {}),
            **{
                name: params[name]
                for name in ("contact_email", "contact_phone", "display_name")
                if name in params
            },
        },
        {
            "created": world.now,
            "identity": params.get("identity", {}),
            "defaults": params.get("defaults", {}),
            "requested": bool(transfers.get("requested")),
            "status": "restricted",
            "wanted": list(WANTED),
            "refusal": None,
        },
    )
    world.insert(account)
    emit_thin(world, "v2.core.account.created", id)
    return rendered(world, account, params.get("include", []))


def find(world: World, id: str, *, open_only: bool = False) -> StripeObject:
    account = world.known_account(id)
    if account is None or (open_only and account.body["closed"]):
        raise Refused(404, f"The account {id[:80]} was not found.", code="not_found")
    return account


def rendered(world: World, account: StripeObject, include: list[str]) -> Body:
    """The account as v2 shows it: what is not asked for by `include` is null, whatever it really is."""
    body = {
        **account.body,
        **dict.fromkeys(("configuration", "defaults", "future_requirements", "identity", "requirements")),
    }
    if body.get("dashboard") is None:
        body.pop("dashboard")
    hidden = account.hidden
    if "configuration.recipient" in include:
        state = {"status": hidden["status"], "status_details": DETAILS[hidden["status"]]}
        recipient: Body = {"applied": "recipient" in body["applied_configurations"]}
        if hidden["requested"]:
            recipient["capabilities"] = {"stripe_balance": {"payouts": state, "stripe_transfers": state}}
        body["configuration"] = {"recipient": recipient}
    if "defaults" in include:
        asked = hidden["defaults"].get("responsibilities", {})
        responsibilities = {"requirements_collector": "stripe", **asked}
        body["defaults"] = {**hidden["defaults"], "responsibilities": responsibilities}
    if "identity" in include:
        body["identity"] = hidden["identity"]
    if "requirements" in include:
        body["requirements"] = _requirements(hidden)
    if "future_requirements" in include:
        body["future_requirements"] = {"entries": []}
    return body


def _requirements(hidden: Body) -> Body:
    by_stripe = hidden["status"] == "pending"
    deadline = "currently_due"
    entries = [
        {
            "awaiting_action_from": "stripe" if by_stripe else "user",
            "description": name,
            "errors": [],
            "impact": {
                "restricts_capabilities": [
                    {"capability": CAPABILITY, "configuration": "recipient", "deadline": {"status": deadline}}
                ]
            },
            "minimum_deadline": {"status": deadline},
            "requested_reasons": [{"code": "routine_onboarding"}],
        }
        for name in hidden["wanted"]
    ]
    return {"entries": entries, "summary": {"minimum_deadline": {"status": deadline}} if entries else {}}


def retrieve(world: World, id: str, params: dict[str, Any]) -> Body:
    return rendered(world, find(world, id), params.get("include", []))


def list_all(world: World, params: dict[str, Any]) -> Body:
    """GET /v2/core/accounts: newest first, closed ones only on request."""
    accounts = world.all_of("account")[::-1]
    closed, applied = params.get("closed", False), params.get("applied_configurations")
    accounts = [
        account
        for account in accounts
        if account.body["closed"] == closed
        and (not applied or set(applied) & set(account.body["applied_configurations"]))
    ]
    if params.get("page"):
        ids = [account.id for account in accounts]
        if params["page"] not in ids:
            raise Refused(400, "This page is not known.", code="invalid_page")
        accounts = accounts[ids.index(params["page"]) + 1 :]
    limit = params.get("limit", 20)
    following = f"/v2/core/accounts?page={accounts[limit - 1].id}" if len(accounts) > limit else None
    return {
        "data": [rendered(world, account, []) for account in accounts[:limit]],
        "next_page_url": following,
        "previous_page_url": None,
    }


def close(world: World, id: str, *, by_force: bool = False) -> Body:
    """POST /v2/core/accounts/{id}/close: refused while money lies on it."""
    account = find(world, id)
    if not by_force and any(any(both) for both in ledger.balances(world, id).values()):
        raise Refused(
            400, "An account with a balance cannot be closed.", code="cannot_delete_account_with_balance"
        )
    if not account.body["closed"]:
        account.body |= {"closed": True, "applied_configurations": []}
        account.hidden["status"] = "restricted"
        world.save(account)
        emit_thin(world, "v2.core.account.closed", id)
    return rendered(world, account, [])


def move(world: World, account: StripeObject, status: str, refusal: str | None = None) -> None:
    """The capability becomes active, pending or restricted, and everybody concerned hears of it."""
    before, hidden = account.hidden["status"], account.hidden
    hidden["status"] = status
    hidden["wanted"] = {"active": [], "pending": ["identity.individual.documents"]}.get(
        status, hidden["wanted"] if before == "restricted" and hidden["wanted"] else list(WANTED)
    )
    hidden["refusal"] = refusal
    hidden["onboarded"] = hidden.get("onboarded", False) or status != "restricted"
    world.save(account)
    emit_thin(world, "v2.core.account[requirements].updated", account.id)
    if status != before:
        emit_thin(
            world,
            "v2.core.account[configuration.recipient].capability_status_updated",
            account.id,
            {"updated_capability": CAPABILITY},
        )
    emit(world, "account.updated", as_v1(account), account.id)


def link(world: World, params: dict[str, Any]) -> Body:
    """POST /v2/core/account_links: a page to be visited once, within five minutes."""
    account = find(world, params["account"], open_only=True)
    use = params["use_case"]
    settings = use.get(use["type"])
    if settings is None:
        raise Refused(400, f"use_case.{use['type']} is missing.", code="parameter_missing", param="use_case")
    token = identifiers.new("link", 32)
    expires = world.now + LINK_SECONDS
    hidden = {"account": account.id, "expires": expires, "used": False, "visit": None,
              "refresh_url": settings["refresh_url"], "return_url": settings.get("return_url")}  # fmt: skip
    world.insert(StripeObject(token, "account_link", "", {"id": token}, hidden))
    return {
        "object": "v2.core.account_link",
        "account": account.id,
        "created": iso(world.now),
        "expires_at": iso(expires),
        "livemode": False,
        "url": f"{world.config.public_url}/onboarding/{token}",
        "use_case": use,
    }


def open_link(world: World, token: str) -> tuple[StripeObject, str | None] | None:
    """Visit a link: (link, name of the visit); the name is None when the link is used up or too old."""
    link = world.find(token, "account_link")
    if link is None:
        return None
    if link.hidden["used"] or link.hidden["expires"] <= world.now:
        return link, None
    link.hidden |= {"used": True, "visit": identifiers.new("visit", 32)}
    world.save(link)
    return link, link.hidden["visit"]


OUTCOMES = {"finish": "active", "check": "pending", "leave": "restricted"}


def finish_onboarding(world: World, id: str, outcome: str) -> None:
    """What the person did on Stripe's pages: finish, finish while Stripe still checks, or leave it unfinished."""
    account = world.known_account(id)
    if account is None or account.body["closed"]:
        raise Refused(404, "This account does not exist, or is closed.", code="not_found")
    if outcome not in OUTCOMES:
        raise Refused(400, f"outcome is one of: {', '.join(OUTCOMES)}", param="outcome")
    if outcome != "leave":
        move(world, account, OUTCOMES[outcome])
