"""The events of the books. Each is told once, by its uid: telling it again changes nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from webapp.core.database.base import db
from webapp.core.lifecycle.history import Actor
from webapp.ledger.actions.booking import BooksError, book, mirrored
from webapp.ledger.models import (
    Journal,
    Leg,
    Rail,
    asset_of,
    credit,
    debit,
    expense,
    intern_award,
    internship_funds,
    platform_fee,
    refund_in_flight,
    transfer_in_flight,
    unapplied,
)


def receive_funding(
    funding_id: int,
    *,
    internship_id: int,
    cap: int,
    fee: int,
    currency: str,
    actor: Actor,
    rail: Rail = "manual",
    occurred_at: datetime | None = None,
    reference: str | None = None,
) -> Journal:
    """A payer's money arrived: `cap` belongs to the internship, the platform fee is earned."""
    _amounts(cap, fee)
    return book(
        f"funding:{funding_id}",
        "funding",
        [
            debit(asset_of(rail, currency), cap + fee),
            credit(internship_funds(internship_id, currency), cap),
            credit(platform_fee(currency), fee),
        ],
        actor=actor,
        occurred_at=occurred_at,
        reference=reference,
    )


def receive_unapplied(
    key: str,
    *,
    amount: int,
    currency: str,
    actor: Actor,
    rail: Rail = "manual",
    occurred_at: datetime | None = None,
    reference: str | None = None,
) -> Journal:
    """Money arrived that matches no funding; it is owed back until somebody finds its place."""
    _amounts(amount)
    return book(
        f"unapplied:{key}",
        "unapplied",
        [debit(asset_of(rail, currency), amount), credit(unapplied(currency), amount)],
        actor=actor,
        occurred_at=occurred_at,
        reference=reference,
    )


def pay_stripe_fee(
    balance_transaction: str, *, amount: int, currency: str, actor: Actor, occurred_at: datetime | None = None
) -> Journal:
    """Stripe kept its fee of a charge: the installation's expense, never the intern's or the employer's."""
    _amounts(amount)
    return book(
        f"stripe_fee:{balance_transaction}",
        "stripe_fee",
        [debit(expense("stripe_fee", currency), amount), credit(asset_of("stripe", currency), amount)],
        actor=actor,
        occurred_at=occurred_at,
        reference=balance_transaction,
    )


def award(
    key: str,
    *,
    internship_id: int,
    payee_id: int,
    amount: int,
    currency: str,
    actor: Actor,
    memo: str | None = None,
) -> Journal:
    """A result was fixed: this part of the internship's money now belongs to the intern."""
    _amounts(amount)
    return book(
        f"award:{key}",
        "award",
        [
            debit(internship_funds(internship_id, currency), amount),
            credit(intern_award(payee_id, internship_id, currency), amount),
        ],
        actor=actor,
        memo=memo,
    )


def claim_transfer(
    key: str, *, internship_id: int, payee_id: int, amount: int, currency: str, actor: Actor
) -> Journal:
    """One attempt takes the awarded money in hand, before anything leaves; `key` is the attempt's own."""
    _amounts(amount)
    return book(
        f"out:{key}",
        "transfer_claim",
        [
            debit(intern_award(payee_id, internship_id, currency), amount),
            credit(transfer_in_flight(currency), amount),
        ],
        actor=actor,
    )


def confirm_transfer(
    key: str,
    *,
    actor: Actor,
    rail: Rail = "manual",
    occurred_at: datetime | None = None,
    reference: str | None = None,
) -> Journal:
    """The claimed transfer really left: the amount is the claim's own."""
    return _confirm(f"out:{key}", f"ok:{key}", "transfer", rail, actor, occurred_at, reference)


def void_transfer(key: str, *, actor: Actor, memo: str | None = None) -> Journal:
    """The claimed transfer surely did not leave: the money is the intern's to claim again."""
    return _void(f"out:{key}", f"void:{key}", "transfer_void", actor, memo)


def claim_refund(
    key: str, *, internship_id: int, amount: int, currency: str, actor: Actor, fee: int = 0
) -> Journal:
    """One attempt takes money to be returned to its payer in hand; `fee` of the platform's goes back too."""
    _amounts(amount, fee)
    return book(
        f"refund:{key}",
        "refund_claim",
        [
            debit(internship_funds(internship_id, currency), amount),
            debit(platform_fee(currency), fee),
            credit(refund_in_flight(currency), amount + fee),
        ],
        actor=actor,
    )


def confirm_refund(
    key: str,
    *,
    actor: Actor,
    rail: Rail = "manual",
    occurred_at: datetime | None = None,
    reference: str | None = None,
) -> Journal:
    """The claimed return really left."""
    return _confirm(f"refund:{key}", f"refund_ok:{key}", "refund", rail, actor, occurred_at, reference)


def void_refund(key: str, *, actor: Actor, memo: str | None = None) -> Journal:
    """The claimed return surely did not leave: internship and fee stand as before the claim."""
    return _void(f"refund:{key}", f"refund_void:{key}", "refund_void", actor, memo)


def _amounts(main: int, fee: int = 0) -> None:
    if main < 0 or fee < 0 or main + fee == 0:
        raise BooksError(f"amounts {main} and {fee} cannot be booked")


def _claim(claim_uid: str, uid: str) -> Journal:
    """Refuse in words what UNIQUE (resolves) refuses in any case: a second, other outcome of one claim."""
    claim = db.session.scalars(select(Journal).where(Journal.uid == claim_uid)).one_or_none()
    if claim is None:
        raise BooksError(f"there is no claim {claim_uid} to resolve")
    other = db.session.scalar(select(Journal.uid).where(Journal.resolves == claim.id, Journal.uid != uid))
    if other is not None:
        raise BooksError(f"claim {claim.uid} was resolved before by {other}")
    return claim


def _confirm(
    claim_uid: str,
    uid: str,
    kind: str,
    rail: Rail,
    actor: Actor,
    occurred_at: datetime | None,
    reference: str | None,
) -> Journal:
    claim = _claim(claim_uid, uid)
    in_flight = [entry for entry in claim.entries if entry.amount < 0]
    legs = [Leg(entry.account.line, -entry.amount) for entry in in_flight]
    legs += [credit(asset_of(rail, entry.currency), -entry.amount) for entry in in_flight]
    return book(uid, kind, legs, actor=actor, occurred_at=occurred_at, reference=reference, resolves=claim)


def _void(claim_uid: str, uid: str, kind: str, actor: Actor, memo: str | None) -> Journal:
    claim = _claim(claim_uid, uid)
    return book(uid, kind, mirrored(claim), actor=actor, memo=memo, resolves=claim)
