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


def _plain(found: Any) -> dict[str, str]:
    metadata = getattr(found, "metadata", None)
    return {str(k): str(v) for k, v in metadata.to_dict().items()} if metadata is not None else {}


def session(found: Any) -> Session:
    intent = getattr(found, "payment_intent", None)
    latest = getattr(intent, "latest_charge", None)
    taken = charge(latest) if latest is not None and not isinstance(latest, str) else None
    stuck = getattr(intent, "status", "") in ("requires_payment_method", "canceled")
    return Session(
        id=found["id"],
        status=str(found["status"]),
        payment_status=str(found["payment_status"]),
        url=getattr(found, "url", None),
        metadata=_plain(found),
        failed=found["status"] == "complete" and found["payment_status"] == "unpaid" and stuck,
        charge=taken,
    )


def charge(found: Any) -> ChargeFacts:
    booked = found["balance_transaction"]
    whole = booked is not None and not isinstance(booked, str)
    return ChargeFacts(
        id=found["id"],
        payment_intent=_id(found["payment_intent"]),
        amount=int(found["amount_captured"]),
        currency=str(found["currency"]).upper(),
        paid=bool(found["paid"]) and bool(found["captured"]) and found["status"] == "succeeded",
        refunded=int(found["amount_refunded"]),
        disputed=bool(found["disputed"]),
        created=_at(found["created"]),
        balance_transaction=_id(booked),
        booked_currency=str(booked["currency"]).upper() if whole else "",
        fee=int(booked["fee"]) if whole else 0,
    )


def transfer(found: Any) -> Sent:
    return Sent(
        id=found["id"],
        amount=int(found["amount"]),
        currency=str(found["currency"]).upper(),
        to=_id(found["destination"]),
        metadata=_plain(found),
        created=_at(found["created"]),
        reversed=int(found["amount_reversed"]),
    )


def refund(found: Any) -> Sent:
    status = str(found["status"])
    return Sent(
        id=found["id"],
        amount=int(found["amount"]),
        currency=str(found["currency"]).upper(),
        to=_id(found["charge"]),
        metadata=_plain(found),
        created=_at(found["created"]),
        done=status == "succeeded",
        failed=status if status in ("failed", "canceled") else "",
    )


def account(found: Any) -> Account:
    recipient = getattr(getattr(found, "configuration", None), "recipient", None)
    capability = getattr(getattr(recipient, "capabilities", None), "stripe_balance", None)
    transfers = getattr(getattr(capability, "stripe_transfers", None), "status", None)
    entries = list(getattr(getattr(found, "requirements", None), "entries", None) or [])
    closed = bool(getattr(found, "closed", False))
    return Account(
        id=found["id"],
        transfers="closed" if closed else str(transfers or "restricted"),
        requirements=tuple(dict.fromkeys(str(entry["description"]) for entry in entries)),
        waits_for_user=any(entry["awaiting_action_from"] == "user" for entry in entries),
        metadata=_plain(found),
    )


def event(found: Any) -> Event:
    return told(found.to_dict())


def told(said: Any) -> Event:
    """A snapshot event, or a thin one (`v2.core.event`), as plain data."""
    if said["object"] == "v2.core.event":
        related = said.get("related_object") or {}
        created = datetime.fromisoformat(said["created"].replace("Z", "+00:00"))
        return Event(
            str(said["id"]), str(said["type"]), bool(said["livemode"]), created, str(related.get("id") or "")
        )
    return Event(
        id=str(said["id"]),
        type=str(said["type"]),
        livemode=bool(said["livemode"]),
        created=_at(said["created"]),
        object_id=str(said["data"]["object"].get("id") or ""),
        account=said.get("account"),
    )
