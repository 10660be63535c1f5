"""What Stripe's answers say, as plain facts: nothing behind the gateway holds an object of the SDK."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class ChargeFacts:
    """What Stripe took: gross amount, its fee, and what it has given back or must defend."""

    id: str
    payment_intent: str
    amount: int
    currency: str
    paid: bool
    refunded: int
    disputed: bool
    created: datetime
    balance_transaction: str = ""
    booked_currency: str = ""
    fee: int = 0


@dataclass(frozen=True)
class Session:
    """A Checkout page as Stripe knows it."""

    id: str
    status: str  # open, complete, expired
    payment_status: str  # paid, unpaid, no_payment_required
    url: str | None
    metadata: Mapping[str, str]
    failed: bool = False  # complete, and its bank debit came to nothing
    charge: ChargeFacts | None = None


@dataclass(frozen=True)
class Sent:
    """A transfer or a refund as Stripe knows it; `to` is the account or the charge. Only `done` money has moved."""

    id: str
    amount: int
    currency: str
    to: str
    metadata: Mapping[str, str]
    created: datetime
    done: bool = True
    failed: str = ""
    reversed: int = 0


@dataclass(frozen=True)
class Account:
    """A recipient: may it receive transfers, and what does Stripe still want, from whom."""

    id: str
    transfers: str  # active, pending, restricted, unsupported, rejected; closed
    requirements: tuple[str, ...]
    waits_for_user: bool
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class Event:
    """What a webhook or the list of events says has happened: a hint to read the object itself."""

    id: str
    type: str
    livemode: bool
    created: datetime
    object_id: str
    account: str | None = None


def _at(seconds: Any) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _id(value: Any) -> str:
    """An object's id, whether it was expanded or not."""
    return str(value if isinstance(value, str) else value["id"]) if value is not None else ""


def _plain(stripe_object: Any) -> dict[str, str]:
    metadata = getattr(stripe_object, "metadata", None)
    return {str(k): str(v) for k, v in metadata.to_dict().items()} if metadata is not None else {}


def session(stripe_object: Any) -> Session:
    intent = getattr(stripe_object, "payment_intent", None)
    latest = getattr(intent, "latest_charge", None)
    taken = charge(latest) if latest is not None and not isinstance(latest, str) else None
    stuck = getattr(intent, "status", "") in ("requires_payment_method", "canceled")
    return Session(
        id=stripe_object["id"],
        status=str(stripe_object["status"]),
        payment_status=str(stripe_object["payment_status"]),
        url=getattr(stripe_object, "url", None),
        metadata=_plain(stripe_object),
        failed=stripe_object["status"] == "complete"
        and stripe_object["payment_status"] == "unpaid"
        and stuck,
        charge=taken,
    )


def charge(stripe_object: Any) -> ChargeFacts:
    booked = stripe_object["balance_transaction"]
    whole = booked is not None and not isinstance(booked, str)
    return ChargeFacts(
        id=stripe_object["id"],
        payment_intent=_id(stripe_object["payment_intent"]),
        amount=int(stripe_object["amount_captured"]),
        currency=str(stripe_object["currency"]).upper(),
        paid=bool(stripe_object["paid"])
        and bool(stripe_object["captured"])
        and stripe_object["status"] == "succeeded",
        refunded=int(stripe_object["amount_refunded"]),
        disputed=bool(stripe_object["disputed"]),
        created=_at(stripe_object["created"]),
        balance_transaction=_id(booked),
        booked_currency=str(booked["currency"]).upper() if whole else "",
        fee=int(booked["fee"]) if whole else 0,
    )


def transfer(stripe_object: Any) -> Sent:
    return Sent(
        id=stripe_object["id"],
        amount=int(stripe_object["amount"]),
        currency=str(stripe_object["currency"]).upper(),
        to=_id(stripe_object["destination"]),
        metadata=_plain(stripe_object),
        created=_at(stripe_object["created"]),
        reversed=int(stripe_object["amount_reversed"]),
    )


def refund(stripe_object: Any) -> Sent:
    status = str(stripe_object["status"])
    return Sent(
        id=stripe_object["id"],
        amount=int(stripe_object["amount"]),
        currency=str(stripe_object["currency"]).upper(),
        to=_id(stripe_object["charge"]),
        metadata=_plain(stripe_object),
        created=_at(stripe_object["created"]),
        done=status == "succeeded",
        failed=status if status in ("failed", "canceled") else "",
    )


def account(stripe_object: Any) -> Account:
    recipient = getattr(getattr(stripe_object, "configuration", None), "recipient", None)
    capability = getattr(getattr(recipient, "capabilities", None), "stripe_balance", None)
    transfers = getattr(getattr(capability, "stripe_transfers", None), "status", None)
    entries = list(getattr(getattr(stripe_object, "requirements", None), "entries", None) or [])
    closed = bool(getattr(stripe_object, "closed", False))
    return Account(
        id=stripe_object["id"],
        transfers="closed" if closed else str(transfers or "restricted"),
        requirements=tuple(dict.fromkeys(str(entry["description"]) for entry in entries)),
        waits_for_user=any(entry["awaiting_action_from"] == "user" for entry in entries),
        metadata=_plain(stripe_object),
    )


def event(stripe_object: Any) -> Event:
    return event_of_body(stripe_object.to_dict())


def event_of_body(body: Any) -> Event:
    """A snapshot event, or a thin one (`v2.core.event`), as plain data."""
    if body["object"] == "v2.core.event":
        related = body.get("related_object") or {}
        created = datetime.fromisoformat(body["created"].replace("Z", "+00:00"))
        return Event(
            str(body["id"]), str(body["type"]), bool(body["livemode"]), created, str(related.get("id") or "")
        )
    return Event(
        id=str(body["id"]),
        type=str(body["type"]),
        livemode=bool(body["livemode"]),
        created=_at(body["created"]),
        object_id=str(body["data"]["object"].get("id") or ""),
        account=body.get("account"),
    )
