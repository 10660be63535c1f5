"""Finance's board: the sums of the programmes whose money somebody keeps, by the clock that runs on them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from webapp.accounts import queries as account_queries
from webapp.accounts.models import Person
from webapp.core.boards.query import BoardQuery
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.words import holds
from webapp.core.lifecycle.changes import Change
from webapp.core.lifecycle.deadlines import by_deadline, soonest_first
from webapp.core.live.connections import Asked, BoardFeed
from webapp.fundings.queries import keeps_books_of
from webapp.internships.models import Internship
from webapp.organisations.models import Organisation
from webapp.organisations.policy import read_memberships
from webapp.payouts import policy
from webapp.payouts.models import Payout
from webapp.postings.models import Posting

COLUMNS = ("due", "approved", "sending", "paid", "held", "blocked")
DAYS_SOON = 3


def board_of(person: Person, *, q: str = "", due: str = "", rail: str = "") -> BoardQuery:
    """The sums that this person keeps or watches, the nearest deadline first; what is paid, the newest first."""
    payee, payer, posting = aliased(Person), aliased(Organisation), aliased(Posting)
    until = by_deadline("payout", Payout.id).scalar_subquery()
    query = BoardQuery(
        Payout,
        COLUMNS,
        scope=_of_keeper(person),
        order=(soonest_first(until, Payout.paid_at), Payout.id),
        joins=((Internship, Internship.id == Payout.internship_id),),
    )
    if q:
        named = [
            Payout.payee_id.in_(select(payee.id).where(holds(payee.full_name, q))),
            Payout.payer_id.in_(select(payer.id).where(holds(payer.name, q))),
            Internship.posting_id.in_(select(posting.id).where(holds(posting.title, q))),
        ]
        query = query.filtered(or_(*named))
    if rail:
        query = query.filtered(Payout.rail == rail)
    if due == "overdue":
        query = query.filtered(until < clock.now())
    elif due == "soon":
        query = query.filtered(until < clock.now() + timedelta(days=DAYS_SOON))
    return query


def _of_keeper(person: Person) -> tuple[Any, ...]:
    programme_ids = keeps_books_of(person)
    return (
        Payout.state.in_(COLUMNS),
        *(() if programme_ids is None else (Internship.programme_id.in_(programme_ids),)),
    )


def newest_of_finance(people: Iterable[int]) -> dict[int, int]:
    """How many changes the internships whose money each of these people keeps have seen in all."""
    kept = _kept_by(people)
    query = select(Internship.programme_id, func.sum(Internship.history_number))
    if None not in kept.values():
        query = query.where(Internship.programme_id.in_(set().union(*filter(None, kept.values()))))
    rows = db.session.execute(query.group_by(Internship.programme_id))
    changes = {programme_id: int(number) for programme_id, number in rows}
    return {
        person_id: sum(
            number for place, number in changes.items() if programme_ids is None or place in programme_ids
        )
        for person_id, programme_ids in kept.items()
    }


def _kept_by(people: Iterable[int]) -> dict[int, set[int] | None]:
    """The programmes whose money each of these people keeps; None: all."""
    known = list(db.session.scalars(select(Person).where(Person.id.in_(people))))
    read_memberships(known)
    return {person.id: keeps_books_of(person) for person in known}


def _boards_of(change: Change, people: set[int]) -> set[int]:
    if change.of != "internship":
        return set()
    programme = db.session.scalar(select(Internship.programme_id).where(Internship.id == change.root))
    return {person for person, kept in _kept_by(people).items() if kept is None or programme in kept}


def _allowed(asked: Iterable[Asked]) -> dict[Asked, None]:
    asked_boards = list(asked)
    people = account_queries.still_signed_in((person, session) for person, session, _ in asked_boards)
    read_memberships(people.values())
    return {
        board: None
        for board in asked_boards
        if board[0] == board[2] and board[:2] in people and policy.is_finance(people[board[:2]], None)
    }


FEEDS = {
    "finance": BoardFeed(
        newest=newest_of_finance,
        allowed=_allowed,
        card_of=lambda change: change.card if change.kind == "payout" else None,
        boards_of=_boards_of,
        again_every=60.0,  # a payee's account, and what Stripe covers, have no history of their own here
    )
}
