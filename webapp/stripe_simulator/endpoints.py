"""The part of Stripe's interface that the simulator knows: each address, what it takes, and who answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import (
    account_view,
    accounts,
    checkout,
    currencies,
    events,
    ledger,
    listing,
    payouts,
    refunds,
    transfers,
)
from .parameters import LOCALES, ONBOARDING, PRICE, NoLonger
from .refusals import Body, Refused, missing
from .schemas import (
    EXPAND,
    INSTANTS,
    PAGES,
    Address,
    Fields,
    Flag,
    Items,
    Metadata,
    Moment,
    Shape,
    Text,
    Whole,
)
from .state import PLATFORM, StripeObject, World

Run = Callable[[World, list[str], dict[str, Any]], Body]


@dataclass(frozen=True)
class Endpoint:
    """`check` refuses what can be refused from the request alone: that is never stored under a key."""

    method: str
    pattern: re.Pattern[str]
    takes: Fields
    run: Run
    check: Callable[[dict[str, Any]], object] = lambda params: None

    @property
    def version(self) -> int:
        return 2 if self.pattern.pattern.startswith("/v2/") else 1


ENDPOINTS: list[Endpoint] = []


def add(method: str, path: str, takes: dict[str, Shape], run: Run, needed: tuple[str, ...] = (),
        check: Callable[[dict[str, Any]], object] = lambda params: None) -> None:  # fmt: skip
    pattern = re.compile(re.sub(r"\{[a-z_]+\}", "([^/]+)", path) + r"\Z")
    if path.startswith("/v1/"):
        takes = {"expand": EXPAND, **takes}
    ENDPOINTS.append(Endpoint(method, pattern, Fields(takes, needed), run, check))


def find(method: str, path: str) -> tuple[Endpoint, list[str]]:
    """The endpoint of an address, literal parts before templated ones; 404 as Stripe words it."""
    for endpoint in ENDPOINTS:
        match = endpoint.pattern.match(path)
        if match and endpoint.method == method:
            return endpoint, list(match.groups())
    raise Refused(404, f"Unrecognized request URL ({method}: {path[:200]}).")


def body_of(world: World, stripe_object: StripeObject) -> Body:
    return stripe_object.body


def look_up(world: World, id: str) -> Body | None:
    """The object behind an id, for `expand`."""
    entry = ledger.find_entry(world, id)
    if entry:
        return ledger.as_object(entry, world.now)
    stripe_object = world.find(id)
    if stripe_object is None:
        return None
    return account_view.as_v1(stripe_object) if stripe_object.kind == "account" else stripe_object.body


def _kind(kind: str, base: str, filters: dict[str, Shape], fields: tuple[str, ...]) -> None:
    """Retrieve and list of one kind of object."""

    def retrieve(world: World, ids: list[str], params: dict[str, Any]) -> Body:
        return world.need(ids[0], kind).body

    def listed(world: World, ids: list[str], params: dict[str, Any]) -> Body:
        return listing.of_objects(world, kind, params, fields, base, body_of)

    add("GET", base, {**PAGES, "created": INSTANTS, **filters}, listed)
    add("GET", base + "/{id}", {}, retrieve)


add(
    "POST", "/v1/checkout/sessions",
    {
        "adaptive_pricing": Fields({"enabled": Flag()}),
        "cancel_url": Address(),
        "client_reference_id": Text(200),
        "currency": Text(3),
        "customer_email": Text(800),
        "expires_at": Whole(0),
        "line_items": Items(Fields({"price_data": PRICE, "quantity": Whole(1, 999_999), "metadata": Metadata()},
                                   ["price_data"])),
        "locale": Text(choices=LOCALES),
        "metadata": Metadata(),
        "mode": Text(choices=["payment", "setup", "subscription"]),
        "payment_intent_data": Fields({"description": Text(1000), "metadata": Metadata(),
                                       "receipt_email": Text(800), "transfer_group": Text()}),
        "payment_method_types": NoLonger(),
        "submit_type": Text(choices=["auto", "book", "donate", "pay"]),
        "success_url": Address(),
        "ui_mode": Text(choices=["hosted_page"]),
    },
    lambda world, ids, params: checkout.create(world, params), check=checkout.check,
)  # fmt: skip
_kind("checkout.session", "/v1/checkout/sessions",
      {"payment_intent": Text(), "status": Text(choices=["complete", "expired", "open"])},
      ("payment_intent", "status"))  # fmt: skip
add(
    "POST", "/v1/checkout/sessions/{id}/expire", {}, lambda world, ids, params: checkout.expire(world, ids[0])
)
add("GET", "/v1/checkout/sessions/{id}/line_items", dict(PAGES),
    lambda world, ids, params: checkout.line_items(world, ids[0], params))  # fmt: skip
_kind("payment_intent", "/v1/payment_intents", {}, ())
_kind("charge", "/v1/charges", {"transfer_group": Text(), "payment_intent": Text()},
      ("transfer_group", "payment_intent"))  # fmt: skip


def _check_transfer(params: dict[str, Any]) -> None:
    currency = currencies.known(params["currency"])
    currencies.check_amount(params["amount"], currency)


add(
    "POST", "/v1/transfers",
    {"amount": Whole(1), "currency": Text(3), "description": Text(5000, empty=True), "destination": Text(),
     "metadata": Metadata(), "source_transaction": Text(), "source_type": Text(choices=["bank_account", "card", "fpx"]),
     "transfer_group": Text()},
    lambda world, ids, params: transfers.create(world, params), ("amount", "currency", "destination"),
    check=_check_transfer,
)  # fmt: skip
_kind(
    "transfer",
    "/v1/transfers",
    {"transfer_group": Text(), "destination": Text()},
    ("transfer_group", "destination"),
)
add("POST", "/v1/transfers/{id}", {"description": Text(empty=True), "metadata": Metadata()},
    lambda world, ids, params: transfers.update(world, ids[0], params))  # fmt: skip
add("POST", "/v1/transfers/{id}/reversals",
    {"amount": Whole(1), "description": Text(empty=True), "metadata": Metadata(), "refund_application_fee": Flag()},
    lambda world, ids, params: transfers.reverse(world, ids[0], params))  # fmt: skip


def _reversals(world: World, ids: list[str], params: dict[str, Any]) -> Body:
    world.need(ids[0], "transfer")
    return listing.of_objects(
        world, "transfer_reversal", {**params, "transfer": ids[0]}, ("transfer",),
        f"/v1/transfers/{ids[0]}/reversals", body_of,
    )  # fmt: skip


def _reversal(world: World, ids: list[str], params: dict[str, Any]) -> Body:
    reversal = world.need(ids[1], "transfer_reversal")
    if reversal.body["transfer"] != ids[0]:
        raise missing("transfer_reversal", ids[1], status=404)
    return reversal.body


add("GET", "/v1/transfers/{id}/reversals", dict(PAGES), _reversals)
add("GET", "/v1/transfers/{id}/reversals/{reversal}", {}, _reversal)
add(
    "POST", "/v1/refunds",
    {"amount": Whole(1), "charge": Text(), "payment_intent": Text(), "metadata": Metadata(),
     "reason": Text(choices=["duplicate", "fraudulent", "requested_by_customer"])},
    lambda world, ids, params: refunds.create(world, params),
)  # fmt: skip
_kind("refund", "/v1/refunds", {"charge": Text(), "payment_intent": Text()}, ("charge", "payment_intent"))
add("POST", "/v1/refunds/{id}", {"metadata": Metadata()},
    lambda world, ids, params: refunds.update(world, ids[0], params))  # fmt: skip
add("GET", "/v1/balance", {}, lambda world, ids, params: ledger.balance(world))
add("GET", "/v1/balance_transactions",
    {**PAGES, "created": INSTANTS, "currency": Text(3), "payout": Text(), "source": Text(), "type": Text()},
    lambda world, ids, params: listing.of_entries(world, params))  # fmt: skip
add("GET", "/v1/balance_transactions/{id}", {}, lambda world, ids, params: ledger.retrieve(world, ids[0]))
add("GET", "/v1/events",
    {**PAGES, "created": INSTANTS, "type": Text(), "types": Items(Text()), "delivery_success": Flag()},
    lambda world, ids, params: events.list_v1(world, params))  # fmt: skip
add("GET", "/v1/events/{id}", {}, lambda world, ids, params: events.retrieve(world, ids[0], thin=False))


def _check_payout(params: dict[str, Any]) -> None:
    currencies.check_amount(params["amount"], currencies.known(params["currency"]))


add("POST", "/v1/payouts",
    {"amount": Whole(1), "currency": Text(3), "description": Text(), "metadata": Metadata(),
     "method": Text(choices=["instant", "standard"]), "statement_descriptor": Text(22)},
    lambda world, ids, params: payouts.create(world, params), ("amount", "currency"), check=_check_payout)  # fmt: skip
_kind("payout", "/v1/payouts", {"status": Text()}, ("status",))


def _account_v1(world: World, ids: list[str], params: dict[str, Any]) -> Body:
    id = ids[0] if ids else world.account
    platform = account_view.platform(world)
    if id in (PLATFORM, platform["id"]):
        return platform
    account = world.known_account(id)
    if account is None or world.account not in (PLATFORM, id):
        raise missing("account", id, status=404)
    return account_view.as_v1(account)


add("GET", "/v1/account", {}, _account_v1)
add("GET", "/v1/accounts/{id}", {}, _account_v1)

INCLUDE = Items(Text(choices=accounts.INCLUDABLE))
REQUESTED = Fields({"requested": Flag()}, ["requested"])
add(
    "POST", "/v2/core/accounts",
    {
        "configuration": Fields({"recipient": Fields({"capabilities": Fields({"stripe_balance": Fields(
            {"stripe_transfers": REQUESTED})})})}),
        "contact_email": Text(800),
        "contact_phone": Text(100),
        "dashboard": Text(choices=["express", "full", "none"]),
        "defaults": Fields({
            "currency": Text(3),
            "locales": Items(Text(20)),
            "profile": Fields({"business_url": Address(), "doing_business_as": Text(), "product_description": Text()}),
            "responsibilities": Fields({"fees_collector": Text(choices=["application", "stripe"]),
                                        "losses_collector": Text(choices=["application", "stripe"])},
                                       ["fees_collector", "losses_collector"]),
        }),
        "display_name": Text(),
        "identity": Fields({"country": Text(2), "entity_type": Text(
            choices=["company", "government_entity", "individual", "non_profit"])}),
        "include": INCLUDE,
        "metadata": Metadata(form=False),
    },
    lambda world, ids, params: accounts.create(world, params),
)  # fmt: skip
add("GET", "/v2/core/accounts",
    {"limit": Whole(1, 100), "page": Text(), "closed": Flag(),
     "applied_configurations": Items(Text(choices=["customer", "merchant", "recipient"]))},
    lambda world, ids, params: accounts.list_all(world, params))  # fmt: skip
add("GET", "/v2/core/accounts/{id}", {"include": INCLUDE},
    lambda world, ids, params: accounts.retrieve(world, ids[0], params))  # fmt: skip
add("POST", "/v2/core/accounts/{id}/close",
    {"applied_configurations": Items(Text(choices=["customer", "merchant", "recipient"]))},
    lambda world, ids, params: accounts.close(world, ids[0]))  # fmt: skip
add("POST", "/v2/core/account_links",
    {"account": Text(), "use_case": Fields(
        {"type": Text(choices=["account_onboarding", "account_update"]),
         "account_onboarding": ONBOARDING, "account_update": ONBOARDING}, ["type"])},
    lambda world, ids, params: accounts.link(world, params), ("account", "use_case"))  # fmt: skip
MOMENTS = Fields({name: Moment() for name in ("gt", "gte", "lt", "lte")})
add("GET", "/v2/core/events",
    {"limit": Whole(1, 100), "page": Text(), "object_id": Text(), "types": Items(Text()), "created": MOMENTS},
    lambda world, ids, params: events.list_v2(world, params))  # fmt: skip
add("GET", "/v2/core/events/{id}", {}, lambda world, ids, params: events.retrieve(world, ids[0], thin=True))


def expanded(world: World, body: Body, params: dict[str, Any]) -> Body:
    """The answer with what `expand` asks for: every v1 answer may have it."""
    if not params.get("expand"):
        return body
    return listing.expand(world, body, params["expand"], look_up, checkout.line_items)
