"""The events of the books. Each is told once, by its uid: telling it again changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from webapp.core import clock
from webapp.core.audit import Actor
from webapp.core.db import db
from webapp.core.errors import NotNow
from webapp.ledger.models import (
    Account,
    Entry,
    Journal,
    Leg,
    Line,
    Rail,
    asset_of,
    credit,
    debit,
    intern_award,
    internship_funds,
    platform_fee,
    refund_in_flight,
    transfer_in_flight,
    unapplied,
)


class BooksError(RuntimeError):
    """The books were told what contradicts them: a fault of ours, not of a person."""


class NotEnoughMoney(NotNow):
    """A liability cannot be spent below its minimum."""

    title = _l("There is not enough money for this")

    def __init__(self) -> None:
        super().__init__(
            _l("This amount is more than what is left. Look at the page again before you go on.")
        )


def open_account(line: Line) -> Account:
    """Find the account of this line of the chart, or open it."""
    values = {name: getattr(line, name) for name in Line.__slots__}
    db.session.execute(insert(Account).values(values).on_conflict_do_nothing(index_elements=["code"]))
    account = db.session.scalars(select(Account).where(Account.code == line.code)).one()
    if any(getattr(account, name) != value for name, value in values.items()):
        raise BooksError(f"account {line.code} stands in the books as another one")
    return account


def book(
    uid: str,
    kind: str,
    legs: Sequence[Leg],
    *,
    actor: Actor,
    occurred_at: datetime | None = None,
    reference: str | None = None,
    memo: str | None = None,
    reverses: Journal | None = None,
    resolves: Journal | None = None,
) -> Journal:
    """Book one event: legs of zero are left out, the rest must sum to zero in each currency.

    `occurred_at` (UTC) is when it happened outside, now if not said. The same uid with the same legs returns
    the journal that is there already; with other legs it raises BooksError. Raises NotEnoughMoney when a
    liability would fall below its minimum; nothing is booked then and the transaction stays usable.
    """
    wanted = [leg for leg in legs if leg.amount]
    _check(uid, wanted)
    with db.session.begin_nested():
        placed = [(open_account(leg.line), leg.amount) for leg in wanted]
        # Everybody locks balances in the order of account ids, so that two journals never wait for each
        # other; on one account the credit comes first, so that the minimum only sees the end.
        placed.sort(key=lambda place: (place[0].id, place[1]))
        journal_id = db.session.scalar(
            insert(Journal)
            .values(
                uid=uid,
                kind=kind,
                legs=len(placed),
                occurred_at=occurred_at or clock.now(),
                actor_id=actor.id,
                reverses=reverses.id if reverses else None,
                resolves=resolves.id if resolves else None,
                reference=reference,
                memo=memo,
            )
            .on_conflict_do_nothing(index_elements=["uid"])
            .returning(Journal.id)
        )
        if journal_id is not None:
            _write(journal_id, placed)
    if journal_id is None:
        return _told_before(uid, kind, placed)
    return db.session.get_one(Journal, journal_id)


def _check(uid: str, legs: Sequence[Leg]) -> None:
    if len(legs) < 2:
        raise BooksError(f"journal {uid} has fewer than two legs")
    sums: dict[str, int] = {}
    for leg in legs:
        sums[leg.line.currency] = sums.get(leg.line.currency, 0) + leg.amount
    if any(sums.values()):
        raise BooksError(f"journal {uid} does not balance: {sums}")


def _write(journal_id: int, placed: Sequence[tuple[Account, int]]) -> None:
    rows = [
        {"journal_id": journal_id, "account_id": account.id, "currency": account.currency, "amount": amount}
        for account, amount in placed
    ]
    try:
        db.session.execute(insert(Entry).values(rows))
    except IntegrityError as error:
        if _constraint(error) == "ck_balance_covers_minimum":
            raise NotEnoughMoney from error
        raise


def _constraint(error: IntegrityError) -> str | None:
    diagnostics = getattr(error.orig, "diag", None)
    return cast("str | None", getattr(diagnostics, "constraint_name", None))


def _told_before(uid: str, kind: str, placed: Sequence[tuple[Account, int]]) -> Journal:
    """Return the journal of this uid, if it says the same."""
    journal = db.session.scalars(select(Journal).where(Journal.uid == uid)).one()
    entries = db.session.execute(select(Entry.account_id, Entry.amount).where(Entry.journal_id == journal.id))
    if journal.kind != kind or sorted(map(tuple, entries)) != sorted((a.id, amount) for a, amount in placed):
        raise BooksError(f"journal {uid} was booked before with other legs")
    undone_by = db.session.scalar(
        select(Journal.uid).where((Journal.reverses == journal.id) | (Journal.resolves == journal.id))
    )
    # A key dies with what ended it: to grant it again would pay without a debit.
    if undone_by is not None:
        raise BooksError(f"journal {uid} was ended by {undone_by} and cannot be told again")
    return journal


def reverse(
    journal: Journal, *, actor: Actor, occurred_at: datetime | None = None, memo: str | None = None
) -> Journal:
    """Undo a journal by its mirror image; each journal can be undone once."""
    return book(
        f"reverse:{journal.uid}",
        "reversal",
        _mirrored(journal),
        actor=actor,
        occurred_at=occurred_at,
        memo=memo,
        reverses=journal,
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
    return book(uid, kind, _mirrored(claim), actor=actor, memo=memo, resolves=claim)


def _mirrored(journal: Journal) -> list[Leg]:
    return [Leg(entry.account.line, -entry.amount) for entry in journal.entries]
