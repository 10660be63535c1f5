"""What the live stream asks: which board a change is to be seen on, and who may still look."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import and_, func, select

from webapp.accounts import queries as account_queries
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.lifecycle.changes import Change
from webapp.core.lifecycle.history import HistoryEntry
from webapp.core.live.connections import ALL, Asked, BoardFeed
from webapp.internships import policy as internship_policy
from webapp.internships.models import Internship
from webapp.organisations.policy import read_memberships
from webapp.tasks.models import Task

MISSED_AT_MOST = 200


def newest(internships: Iterable[int]) -> dict[int, int]:
    """The number of the last change of each of these internships."""
    query = select(Internship.id, Internship.history_number).where(Internship.id.in_(list(internships)))
    return {row[0]: int(row[1]) for row in db.session.execute(query)}


def newest_of_own(interns: Iterable[int]) -> dict[int, int]:
    """How many changes the internships of each of these interns have seen in all."""
    intern_ids = list(interns)
    query = (
        select(Internship.intern_id, func.sum(Internship.history_number))
        .where(Internship.intern_id.in_(intern_ids))
        .group_by(Internship.intern_id)
    )
    counts = {row[0]: int(row[1]) for row in db.session.execute(query) if row[0] is not None}
    return {intern: counts.get(intern, 0) for intern in intern_ids}


def since(internship_id: int, n: int) -> list[Change] | None:
    """What changed on the board of an internship after change number `n`, in order; None for very many."""
    query = (
        select(
            HistoryEntry.number,
            HistoryEntry.subject_kind,
            HistoryEntry.subject_id,
            Task.move_version,
            HistoryEntry.actor_id,
        )
        .join(
            Task, and_(Task.id == HistoryEntry.subject_id, HistoryEntry.subject_kind == "task"), isouter=True
        )
        .where(
            HistoryEntry.root_kind == "internship",
            HistoryEntry.root_id == internship_id,
            HistoryEntry.number > n,
            HistoryEntry.subject_kind.in_(("task", "internship")),
        )
        .order_by(HistoryEntry.number)
        .limit(MISSED_AT_MOST + 1)
    )
    changes = [
        Change("internship", internship_id, int(number), kind, int(card), int(version or 0), int(actor or 0))
        for number, kind, card, version, actor in db.session.execute(query)
    ]
    return changes if len(changes) <= MISSED_AT_MOST else None


def _card_of(change: Change) -> int | None:
    """A task is its own card; a move of the internship opens or closes its whole board."""
    if change.of != "internship":
        return None
    return change.card if change.kind == "task" else ALL if change.kind == "internship" else None


def _intern_of(change: Change, interns: set[int]) -> set[int]:
    if change.of != "internship":
        return set()
    intern_id = db.session.scalar(select(Internship.intern_id).where(Internship.id == change.root))
    return {intern_id} & interns if intern_id is not None else set()


def one_board_per_internship(change: Change, ids: set[int]) -> set[int]:
    """The boards of a change where each internship has its own."""
    return {change.root} & ids if change.of == "internship" else set()


def allowed(asked: Iterable[Asked]) -> dict[Asked, frozenset[str]]:
    """Those (person, session, internship) that may still look: signed in, and within what they may see.

    Each with all that decides over their buttons but one, whom a card waits for: their roles around the internship.
    """
    viewers = list(asked)
    signed_in = account_queries.still_signed_in((person, session) for person, session, _ in viewers)
    read_memberships(signed_in.values())
    boards = {
        internship.id: internship
        for internship in db.session.scalars(
            select(Internship).where(
                Internship.id.in_({viewer[2] for viewer in viewers}), Internship.started_at.is_not(None)
            )
        )
    }
    return {
        viewer: internship_policy.roles(signed_in[viewer[:2]], boards[viewer[2]])
        for viewer in viewers
        if viewer[:2] in signed_in
        and viewer[2] in boards
        and internship_policy.may_see(signed_in[viewer[:2]], boards[viewer[2]])
    }


def allowed_own(asked: Iterable[Asked]) -> dict[Asked, None]:
    """Those (person, session, intern) that may still look at an intern's board: the intern, signed in."""
    viewers = list(asked)
    signed_in = account_queries.still_signed_in((person, session) for person, session, _ in viewers)
    return {viewer: None for viewer in viewers if viewer[:2] in signed_in and viewer[0] == viewer[2]}


def rights_of(person: Person, internship_id: int) -> frozenset[str]:
    """The same of one person who has just been let in."""
    return internship_policy.roles(person, db.session.get_one(Internship, internship_id))


FEEDS = {
    "internship": BoardFeed(
        newest=newest,
        allowed=allowed,
        rights_of=rights_of,
        card_of=_card_of,
        boards_of=one_board_per_internship,
        since=since,
        reads_boards=False,
    ),
    "intern": BoardFeed(newest=newest_of_own, allowed=allowed_own, card_of=_card_of, boards_of=_intern_of),
}
