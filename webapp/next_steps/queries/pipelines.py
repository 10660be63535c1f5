"""The internships of an employer or a programme by their six states, the nearest deadline first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Date, SQLColumnExpression, Time, case, cast, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from webapp.accounts import queries as account_queries
from webapp.accounts.models import Person
from webapp.applications.models import Application
from webapp.core.boards.query import BoardQuery
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.words import holds
from webapp.core.lifecycle.changes import Change
from webapp.core.lifecycle.deadlines import by_deadline, soonest_first
from webapp.core.lifecycle.history import HistoryEntry
from webapp.core.live.connections import ALL, Asked, BoardFeed
from webapp.internships.models import Agreement, Internship
from webapp.next_steps import policy
from webapp.organisations import queries as organisation_queries
from webapp.organisations.models import Organisation
from webapp.organisations.policy import read_memberships
from webapp.payouts.models import Payout
from webapp.postings.models import Posting

NO_SEAT = frozenset({"create", "send", "shortlist", "unshortlist", "rate", "expire"})
"""Moves of applications that touch no seat."""
COLUMNS = ("posted", "matched", "in_progress", "submitted", "reviewed", "paid")


def pipeline_of(organisation: Organisation, *, q: str = "", due: str = "", late: bool = False) -> BoardQuery:
    """The internships of an organisation's postings; what is paid, the newest first; what is cancelled, nowhere."""
    until = _shown_deadline()
    query = BoardQuery(
        Internship,
        COLUMNS,
        scope=(_of(Internship, organisation.id), Internship.state.in_(COLUMNS)),
        order=(soonest_first(until, Internship.paid_at), Internship.id),
        options=(
            joinedload(Internship.posting),
            joinedload(Internship.organisation),
            joinedload(Internship.programme),
            joinedload(Internship.intern),
            joinedload(Internship.agreement).selectinload(Agreement.signatures),
        ),
    )
    if q:
        intern, employer, posting = aliased(Person), aliased(Organisation), aliased(Posting)
        named = [
            Internship.posting_id.in_(select(posting.id).where(holds(posting.title, q))),
            Internship.intern_id.in_(select(intern.id).where(holds(intern.full_name, q))),
            Internship.organisation_id.in_(select(employer.id).where(holds(employer.name, q))),
        ]
        query = query.filtered(or_(*named))
    if due == "week":
        query = query.filtered(until < clock.now() + timedelta(days=7))
    if late:
        query = query.filtered(Internship.late)
    return query


def _shown_deadline() -> ColumnElement[datetime | None]:
    """The instant that a card names (`next_step`): an offer's, the hand-in, a payout's, else the internship's own clock.

    Nothing is named for what is paid, and for a result while its payout is not there yet.
    """
    application, payout, agreement = aliased(Application), aliased(Payout), aliased(Agreement)
    offered = by_deadline("application", application.id).where(
        application.internship_id == Internship.id, application.state == "offered"
    )
    base = by_deadline("payout", payout.id).where(
        payout.internship_id == Internship.id, payout.type == "base"
    )
    last_day = cast(agreement.terms["ends_on"].astext, Date) + cast("23:59:59", Time)
    hand_in = select(
        func.greatest(func.timezone(agreement.terms["intern_zone"].astext, last_day), Internship.revise_by)
    ).where(agreement.id == Internship.agreement_id)
    own = by_deadline("internship", Internship.id)
    return case(
        (Internship.state == "posted", func.coalesce(offered.scalar_subquery(), own.scalar_subquery())),
        (Internship.state == "in_progress", hand_in.scalar_subquery()),
        (Internship.state == "reviewed", base.scalar_subquery()),
        (Internship.state == "paid", None),
        else_=own.scalar_subquery(),
    )


def _of(
    kind: type[Internship] | type[Posting], organisation_id: int | SQLColumnExpression[int]
) -> ColumnElement[bool]:
    return or_(kind.organisation_id == organisation_id, kind.programme_id == organisation_id)


def newest_of_organisations(ids: Iterable[int]) -> dict[int, int]:
    """How many changes the internships of each of these organisations, and their postings, have seen in all."""
    counts = dict.fromkeys(ids, 0)
    for root in (Internship, Posting):
        query = (
            select(Organisation.id, func.sum(root.history_number))
            .join(root, _of(root, Organisation.id))
            .where(Organisation.id.in_(counts))
            .group_by(Organisation.id)
        )
        for organisation_id, changes in db.session.execute(query):
            counts[organisation_id] += int(changes)
    return counts


def _boards_of(change: Change, ids: set[int]) -> set[int]:
    root = Internship if change.of == "internship" else Posting
    row = db.session.execute(
        select(root.organisation_id, root.programme_id).where(root.id == change.root)
    ).first()
    return ids & set(row) if row is not None else set()


def _card_of(change: Change) -> int | None:
    """The internship; of what happens to a posting, all cards: its words changed, or whom a seat is offered to."""
    if change.of == "internship":
        return change.root
    move = db.session.scalar(
        select(HistoryEntry.move).where(
            HistoryEntry.root_kind == "posting",
            HistoryEntry.root_id == change.root,
            HistoryEntry.number == change.n,
        )
    )
    return None if change.kind == "application" and move in NO_SEAT else ALL


def _allowed(asked: Iterable[Asked]) -> dict[Asked, None]:
    viewers = list(asked)
    signed_in = account_queries.still_signed_in((person, session) for person, session, _ in viewers)
    read_memberships(signed_in.values())
    may: dict[tuple[int, int], bool] = {}
    for person_id, session, organisation_id in viewers:
        person = signed_in.get((person_id, session))
        if person is not None and (person_id, organisation_id) not in may:
            organisation = organisation_queries.for_viewer(person, organisation_id)
            may[person_id, organisation_id] = organisation is not None and policy.may_list(
                person, organisation
            )
    return {viewer: None for viewer in viewers if viewer[:2] in signed_in and may[viewer[0], viewer[2]]}


FEEDS = {
    "organisation": BoardFeed(
        newest=newest_of_organisations,
        allowed=_allowed,
        card_of=_card_of,
        boards_of=_boards_of,
        reads_card=lambda change: change.of != "internship",
    )
}
