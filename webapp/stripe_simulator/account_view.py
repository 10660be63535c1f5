"""An account as v1 shows it: the same account, in the older words; and the platform itself."""

from __future__ import annotations

from . import identifiers
from .refusals import Body
from .state import StripeObject, World

NO_REQUIREMENTS: Body = {
    "alternatives": [], "current_deadline": None, "currently_due": [], "disabled_reason": None, "errors": [],
    "eventually_due": [], "past_due": [], "pending_verification": [],
}  # fmt: skip
CURRENCIES = {
    "US": "usd",
    "GB": "gbp",
    "VN": "vnd",
    "JP": "jpy",
    "SG": "sgd",
    "AU": "aud",
    "CA": "cad",
    "CH": "chf",
}
EURO = frozenset(
    [
        "AT",
        "BE",
        "CY",
        "DE",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PT",
        "SI",
        "SK",
    ]
)


def currency_of(country: str) -> str:
    return "eur" if country in EURO else CURRENCIES.get(country, "usd")


def as_v1(account: StripeObject) -> Body:
    hidden = account.hidden
    active, pending = hidden["status"] == "active", hidden["status"] == "pending"
    country = str(hidden["identity"].get("country", "US")).upper()
    requirements = hidden["wanted"]
    dashboard = account.body.get("dashboard")
    return {
        "id": account.id,
        "object": "account",
        "business_profile": None,
        "business_type": hidden["identity"].get("entity_type"),
        "capabilities": {"transfers": "active" if active else "pending" if pending else "inactive"}
        if hidden["requested"]
        else {},
        "charges_enabled": False,
        "controller": {
            "type": "application",
            "is_controller": True,
            "requirement_collection": "stripe",
            "fees": {"payer": "application"},
            "losses": {"payments": "application"},
            "stripe_dashboard": {"type": dashboard or "none"},
        },
        "country": country,
        "created": hidden["created"],
        "default_currency": currency_of(country),
        "details_submitted": bool(hidden.get("onboarded")),
        "email": account.body.get("contact_email"),
        "external_accounts": {
            "object": "list", "data": [], "has_more": False, "url": f"/v1/accounts/{account.id}/external_accounts",
        },
        "future_requirements": dict(NO_REQUIREMENTS),
        "metadata": account.body["metadata"],
        "payouts_enabled": active,
        "requirements": {
            **NO_REQUIREMENTS,
            "currently_due": [] if pending else requirements,
            "eventually_due": [] if pending else requirements,
            "pending_verification": requirements if pending else [],
            "disabled_reason": None
            if active
            else "requirements.pending_verification"
            if pending
            else "requirements.past_due",
        },
        "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
        "type": "express" if dashboard == "express" else "none" if dashboard == "none" else "standard",
    }  # fmt: skip


def platform(world: World) -> Body:
    """GET /v1/account without an account: the platform itself."""
    id = world.platform_id(identifiers.account)
    return {
        "id": id,
        "object": "account",
        "business_profile": None,
        "business_type": "company",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": "US",
        "created": 1_600_000_000,
        "default_currency": "usd",
        "details_submitted": True,
        "email": "platform@example.com",
        "external_accounts": {
            "object": "list", "data": [], "has_more": False, "url": f"/v1/accounts/{id}/external_accounts",
        },
        "future_requirements": dict(NO_REQUIREMENTS),
        "metadata": {},
        "payouts_enabled": True,
        "requirements": dict(NO_REQUIREMENTS),
        "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
        "type": "standard",
    }  # fmt: skip
