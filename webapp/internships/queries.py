"""What of internships somebody may see."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.interfaces import LoaderOption

from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.database.pages import Page, first_of, first_rows, read_page
from webapp.core.errors import NotThere
from webapp.core.lifecycle import deadlines
from webapp.core.lifecycle.history import HistoryEntry, Viewer
from webapp.internships import policy
from webapp.internships.models import Agreement, Internship
from webapp.organisations import queries as organisation_queries
from webapp.organisations.policy import memberships_of


def for_viewer(person: Viewer, internship_id: int) -> Internship | None:
    """The internship, if this person may see it."""
    internship = db.session.get(Internship, internship_id)
    return internship if internship is not None and policy.may_see(person, internship) else None


def with_agreement(person: Viewer, internship_id: int) -> Internship | None:
    """The internship, if this person may see it and an agreement is in force."""
    internship = for_viewer(person, internship_id)
    return internship if internship is not None and internship.agreement is not None else None


def agreement_of(internship: Internship) -> Agreement:
    """The agreement in force. Raises NotThere when there is none."""
    if internship.agreement is None:
        raise NotThere
    return internship.agreement


def reviewers(internship: Internship) -> list[Person]:
    """Who may judge the work for the employer (`policy.is_reviewer`): never the one who does it."""
    people = organisation_queries.members(internship.organisation_id, "owner", "reviewer")
    return [person for person in people if person.id != internship.intern_id]


def of_intern(person: Person, states: tuple[str, ...], besides: Collection[int] = ()) -> list[Internship]:
    """The internships of this intern in these states and those with these ids, the newest first."""
    own = (Internship.intern_id == person.id) & Internship.state.in_(states)
    return _all(own | Internship.id.in_(besides) if besides else own)


def first_of_intern(person: Person, states: tuple[str, ...], at_most: int) -> tuple[list[Internship], int]:
    """The same: so many of them, and how many in all."""
    condition = (Internship.intern_id == person.id) & Internship.state.in_(states)
    return _first(condition, at_most)


def sums_of_intern(person: Person) -> list[tuple[str, str, int, int]]:
    """(state, currency, awards, agreed bases) of all internships of an intern that have an agreement, in minor units."""
    currency, base = Agreement.terms["currency"].astext, Agreement.terms["base"].as_integer()
    rows = db.session.execute(
        select(
            Internship.state,
            currency,
            func.coalesce(func.sum(Internship.award), 0),
            func.coalesce(func.sum(base), 0),
        )
        .join(Agreement, Agreement.id == Internship.agreement_id)
        .where(Internship.intern_id == person.id)
        .group_by(Internship.state, currency)
        .order_by(Internship.state, currency)
    )
    return [(row[0], row[1], int(row[2]), int(row[3])) for row in rows]


def with_open_result(person: Person) -> list[Internship]:
    """The internships of an intern whose result is fixed and not accepted, and whose unspent money has not gone back."""
    return _all(
        (Internship.intern_id == person.id)
        & Internship.state.in_(("reviewed", "paid"))
        & ~Internship.remainder_done
        & Internship.result_accepted_at.is_(None)
    )


def of_posting(posting_id: int) -> list[Internship]:
    """The seats of a posting, in their order."""
    rows = db.session.scalars(
        select(Internship).where(Internship.posting_id == posting_id).order_by(Internship.seat)
    )
    return list(rows)


def free_seats(posting_id: int) -> list[Internship]:
    """The seats of a posting that nobody is matched with (an offer may still hold one)."""
    return [seat for seat in of_posting(posting_id) if seat.state == "posted"]


def page_of_organisation(
    organisation_id: int, *, state: str, after: int | None, at_most: int
) -> Page[Internship]:
    """The internships of an employer's or a programme's postings, the newest first, a page at a time.

    Only those in `state`, unless it is empty.
    """
    condition = _belongs_to([organisation_id])
    if state:
        condition &= Internship.state == state
    return read_page(
        _where(condition), Internship, (Internship.id,), after, newest_first=True, at_most=at_most
    )


def first_of_organisations(
    organisation_ids: Collection[int], states: tuple[str, ...], at_most: int
) -> tuple[list[Internship], int]:
    """The internships of these employers' or programmes' postings in these states, the newest first.

    So many of them, and how many in all.
    """
    condition = _belongs_to(organisation_ids) & Internship.state.in_(states)
    return _first(condition, at_most)


def first_by_deadline(condition: ColumnElement[bool], at_most: int) -> tuple[list[Internship], int]:
    """The internships for which this is true: those whose clocks ring first, and how many in all."""
    rings_at = deadlines.by_deadline("internship", Internship.id).scalar_subquery()
    first = _where(condition).order_by(rings_at.asc().nulls_last(), Internship.id).limit(at_most)
    return first_of(first, select(Internship).where(condition))


def quietest(
    programme_ids: Collection[int], states: tuple[str, ...], at_most: int, *, since: datetime | None = None
) -> tuple[list[tuple[Internship, datetime | None]], int]:
    """The internships of programmes in which nothing happened for longest, each with when something did last.

    So many of them, and how many in all; with `since`, only those in which nothing has happened since then.
    """
    condition = Internship.programme_id.in_(programme_ids) & Internship.state.in_(states)
    last = and_(
        HistoryEntry.root_kind == "internship",
        HistoryEntry.root_id == Internship.id,
        HistoryEntry.number == Internship.history_number,
    )
    internships = select(Internship).outerjoin(HistoryEntry, last).where(condition)
    if since is not None:
        internships = internships.where(HistoryEntry.happened_at < since)
    first = (
        internships.add_columns(HistoryEntry.happened_at)
        .options(*_related())
        .order_by(HistoryEntry.happened_at.asc().nulls_last(), Internship.id.desc())
        .limit(at_most)
    )
    rows, total = first_rows(first, internships)
    return [(row[0], row[1]) for row in rows], total


def _belongs_to(organisation_ids: Collection[int]) -> ColumnElement[bool]:
    return Internship.organisation_id.in_(organisation_ids) | Internship.programme_id.in_(organisation_ids)


def of_person(person: Person, *, states: tuple[str, ...]) -> list[Internship]:
    """All in these states that this person works on, as intern or as one of the employer's or programme's people."""
    organisation_ids = [organisation_id for organisation_id, _role in memberships_of(person)]
    own = (Internship.intern_id == person.id) | _belongs_to(organisation_ids)
    return _all(own & Internship.state.in_(states))


def counts(programme_ids: list[int]) -> dict[str, int]:
    """How many internships of these programmes are in each state."""
    rows = db.session.execute(
        select(Internship.state, func.count())
        .where(Internship.programme_id.in_(programme_ids))
        .group_by(Internship.state)
    )
    return {row[0]: int(row[1]) for row in rows}


def last_agreement_number(internship_id: int) -> int:
    """How many agreements this seat has seen."""
    numbers = select(Agreement.number).where(Agreement.internship_id == internship_id)
    return max(db.session.scalars(numbers), default=0)


def _all(condition: ColumnElement[bool]) -> list[Internship]:
    return list(db.session.scalars(_where(condition).order_by(Internship.id.desc())))


def _first(condition: ColumnElement[bool], at_most: int) -> tuple[list[Internship], int]:
    first = _where(condition).order_by(Internship.id.desc()).limit(at_most)
    return first_of(first, select(Internship).where(condition))


def _where(condition: ColumnElement[bool]) -> Select[Internship]:
    return select(Internship).where(condition).options(*_related())


def _related() -> tuple[LoaderOption, ...]:
    """What a list of internships reads with them. Built when asked for: `posting` is of a higher slice."""
    return (
        joinedload(Internship.posting),
        joinedload(Internship.organisation),
        joinedload(Internship.programme),
        joinedload(Internship.intern),
        joinedload(Internship.agreement).selectinload(Agreement.signatures),
    )
