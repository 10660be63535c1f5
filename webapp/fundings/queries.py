"""What of the money that comes in somebody may see."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from webapp.core.database.base import db
from webapp.core.database.pages import Page, first_rows, read_page
from webapp.core.lifecycle.deadlines import Deadline, by_deadline
from webapp.core.lifecycle.history import Viewer
from webapp.fundings import policy
from webapp.fundings.models import Charge, Checkout, Funding, Receipt
from webapp.internships import queries as internship_queries
from webapp.internships.models import Internship
from webapp.ledger.models import Journal
from webapp.organisations.policy import memberships_of, operates


def keeps_books_of(person: Viewer) -> set[int] | None:
    """The programmes whose money this person keeps; None for the operator, who sees all."""
    if operates(person):
        return None
    return {
        organisation_id for organisation_id, role in memberships_of(person) if role in ("finance", "manager")
    }


def live_of(internships: Iterable[Internship]) -> dict[int, Funding]:
    """The fundings of the agreements in force, by internship, read at once."""
    agreements = [
        internship.agreement_id for internship in internships if internship.agreement_id is not None
    ]
    rows = db.session.scalars(select(Funding).where(Funding.agreement_id.in_(agreements)))
    return {row.internship_id: row for row in rows}


def live(internship: Internship) -> Funding | None:
    """The funding of the agreement in force."""
    if internship.agreement_id is None:
        return None
    return db.session.scalars(
        select(Funding).where(Funding.agreement_id == internship.agreement_id)
    ).one_or_none()


def of_internship(person: Viewer, internship_id: int) -> Funding | None:
    """The funding of an internship that this person may see."""
    internship = internship_queries.for_viewer(person, internship_id)
    return live(internship) if internship is not None else None


def for_viewer(person: Viewer, funding_id: int) -> Funding | None:
    """A funding that this person may see."""
    funding = db.session.get(Funding, funding_id)
    return funding if funding is not None and policy.may_see(person, funding) else None


def received(funding: Funding) -> int:
    """Minor units that arrived so far, on whichever rail."""
    by_bank = sum(receipt.amount for receipt in funding.receipts)
    return by_bank + sum(charge.amount for charge in funding.charges)


def transfer_group(uid: str, funding_id: int) -> str:
    """What ties a charge and everything paid out of it together at Stripe; `uid` names this installation."""
    return f"{uid}-f{funding_id}"


def charge_of(charge: str) -> Charge | None:
    """The charge that Stripe knows by this id."""
    return db.session.scalars(select(Charge).where(Charge.charge == charge)).one_or_none()


def securing_charge(funding: Funding) -> Charge | None:
    """The charge that secured the money, as its booking names it; None where none did.

    Others of the same funding may be older: what was not the whole sum went back.
    """
    return db.session.scalars(
        select(Charge)
        .join(Journal, Journal.reference == Charge.charge)
        .where(Charge.funding_id == funding.id, Journal.uid == f"funding:{funding.id}")
    ).one_or_none()


def checkout_by_key(key: str) -> Checkout | None:
    """The checkout with our own key."""
    return db.session.scalars(select(Checkout).where(Checkout.key == key)).one_or_none()


def checkouts_to_poll(now: datetime, at_most: int) -> list[int]:
    """The ids of checkouts that may have moved without our being told; `now` is real time."""
    due = select(Checkout.id).where(Checkout.next_poll_at <= now).order_by(Checkout.next_poll_at)
    return list(db.session.scalars(due.limit(at_most)))


def beyond(funding: Funding) -> int:
    """Minor units that arrived beyond what was asked for."""
    return max(0, received(funding) - funding.total)


def is_recorded(bank_reference: str, currency: str) -> bool:
    """Was a transfer with the bank's own reference recorded before?"""
    query = select(Receipt.id).where(Receipt.bank_reference == bank_reference, Receipt.currency == currency)
    return db.session.scalar(query) is not None


def expected(person: Viewer, after: int | None = None) -> Page[Funding]:
    """Fundings of agreements that both have signed and whose money has not arrived, the oldest first."""
    return read_page(_shown(person, _is_expected()), Funding, _BY_REQUEST, after)


def withdrawn(person: Viewer, after: int | None = None) -> Page[Funding]:
    """Requests whose match is over, the newest first: their money may still be on its way to us."""
    over = (Funding.state == "void") | (Funding.state == "failed") & ~_in_force()
    return read_page(_shown(person, over), Funding, _BY_REQUEST, after, newest_first=True)


def expected_sums(person: Viewer) -> tuple[int, list[tuple[int, str]]]:
    """How many fundings are expected, and (minor units, currency) of them all."""
    query = (
        _of_keeper(person, _is_expected())
        .with_only_columns(func.count(), func.sum(TOTAL), Funding.currency)
        .group_by(Funding.currency)
        .order_by(Funding.currency)
    )
    rows = db.session.execute(query).all()
    return sum(int(row[0]) for row in rows), [(int(row[1]), row[2]) for row in rows]


def to_record(person: Viewer, at_most: int) -> tuple[list[tuple[Funding, datetime | None]], int]:
    """Bank transfers that an employer says are made, and that `policy.is_finance_of` lets this person record.

    The first of them, by when each must have arrived, and how many; the nearest deadline first, what has none last.
    """
    held = memberships_of(person)
    own_payers = {organisation_id for organisation_id, role in held if role in ("owner", "reviewer")}
    waiting = (
        select(Funding)
        .join(Internship, Internship.id == Funding.internship_id)
        .where(
            _is_expected(),
            Funding.state == "processing",
            Funding.rail == "manual",
            Internship.programme_id.in_({number for number, role in held if role == "finance"}),
            Funding.payer_id.not_in(own_payers),
        )
    )
    arrives_by = (
        by_deadline("internship", Funding.internship_id).where(Deadline.kind == "secure").scalar_subquery()
    )
    first = (
        waiting.add_columns(arrives_by)
        .options(joinedload(Funding.payer))
        .order_by(arrives_by.asc().nulls_last(), Funding.id)
        .limit(at_most)
    )
    rows, total = first_rows(first, waiting)
    return [(row[0], row[1]) for row in rows], total


TOTAL = Funding.base + Funding.bonus_pot + Funding.fee
_BY_REQUEST = (Funding.asked_at, Funding.id)


def _is_expected() -> ColumnElement[bool]:
    asked = Funding.state.in_(("awaiting", "processing")) | (Funding.state == "failed") & _in_force()
    return asked & Internship.signed_at.is_not(None)


def _in_force() -> ColumnElement[bool]:
    """Does the match still hold that this money was asked for? After a failed payment it is asked for again."""
    return (Internship.agreement_id == Funding.agreement_id) & (Internship.state != "cancelled")


def _of_keeper(person: Viewer, condition: ColumnElement[bool]) -> Select[Funding]:
    """Fundings of the programmes whose money this person keeps or watches."""
    query = select(Funding).join(Internship, Internship.id == Funding.internship_id).where(condition)
    programme_ids = keeps_books_of(person)
    return query if programme_ids is None else query.where(Internship.programme_id.in_(programme_ids))


def _shown(person: Viewer, condition: ColumnElement[bool]) -> Select[Funding]:
    """The same, with all that a list shows of them."""
    return _of_keeper(person, condition).options(
        joinedload(Funding.payer), selectinload(Funding.receipts), selectinload(Funding.charges)
    )


def secured_by(payers: list[int]) -> list[tuple[int, str]]:
    """(minor units, currency) of what these payers have secured for work that is not settled, fee included."""
    return _sums(TOTAL, payers, ("secured",))


def fees_of(payers: list[int]) -> list[tuple[int, str]]:
    """(minor units, currency) of the platform fees of these payers so far."""
    return _sums(Funding.fee, payers, ("secured", "settled"))


def _sums(amount: Any, payers: list[int], states: tuple[str, ...]) -> list[tuple[int, str]]:
    rows = db.session.execute(
        select(func.sum(amount), Funding.currency)
        .where(Funding.payer_id.in_(payers), Funding.state.in_(states))
        .group_by(Funding.currency)
        .order_by(Funding.currency)
    )
    return [(int(row[0]), row[1]) for row in rows]
