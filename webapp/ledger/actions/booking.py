"""How a journal is written: once by its uid, balanced, never below a minimum."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.transactions import after_commit
from webapp.core.errors import NotNow
from webapp.core.lifecycle.history import Actor
from webapp.ledger.jobs import check_soon
from webapp.ledger.models import Account, Entry, Journal, Leg, Line


class BooksError(RuntimeError):
    """The books were told what contradicts them: a fault of ours, not of a person."""


class NotEnoughMoney(NotNow):
    """A liability cannot be spent below its minimum."""

    title = _l("There is not enough money for this")

    def __init__(self) -> None:
        super().__init__(
            _l("This amount is more than what is left. Check the page again before you continue.")
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
    liability would fall below its minimum; nothing is booked then and the transaction stays usable. What was
    booked lets the worker check the books as soon as it has committed.
    """
    booked_legs = [leg for leg in legs if leg.amount]
    _check(uid, booked_legs)
    with db.session.begin_nested():
        placed = [(open_account(leg.line), leg.amount) for leg in booked_legs]
        # Everybody locks balances in the order of account ids, so that two journals never wait for each
        # other; on one account the credit comes first, so that the minimum only sees the end.
        placed.sort(key=lambda leg: (leg[0].id, leg[1]))
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
            after_commit(check_soon)
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
        mirrored(journal),
        actor=actor,
        occurred_at=occurred_at,
        memo=memo,
        reverses=journal,
    )


def mirrored(journal: Journal) -> list[Leg]:
    """The legs that undo a journal."""
    return [Leg(entry.account.line, -entry.amount) for entry in journal.entries]
