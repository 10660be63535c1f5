"""The internships of an employer or a programme by their six states, the nearest deadline first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased, joinedload

from webapp.accounts import queries as accounts
from webapp.accounts.models import Person
from webapp.core import clock
from webapp.core.announcing import Change
from webapp.core.board import Lane
from webapp.core.db import db
from webapp.core.deadlines import by_deadline
from webapp.core.listening import Asked, Source
from webapp.internships.models import Agreement, Internship
from webapp.organisations import queries as organisations
from webapp.organisations.models import Organisation
from webapp.organisations.policy import read_memberships
from webapp.postings.models import Posting
from webapp.workspace import policy

COLUMNS = ("posted", "matched", "in_progress", "submitted", "reviewed", "paid")


def pipeline_of(organisation: Organisation, *, q: str = "", due: str = "", late: bool = False) -> Lane:
    """The internships of an organisation's postings; what is paid, the newest first; what is cancelled, nowhere."""
    until = by_deadline("internship", Internship.id)
    lane = Lane(
        Internship,
        COLUMNS,
        scope=(_of(organisation.id), Internship.state.in_(COLUMNS)),
        order=(func.coalesce(until, -func.extract("epoch", Internship.paid_at) + 1e12, 1e13), Internship.id),
        joins=((Posting, Posting.id == Internship.posting_id),),
        options=(
            joinedload(Internship.posting).options(
                joinedload(Posting.organisation), joinedload(Posting.programme)
            ),
            joinedload(Internship.intern),
            joinedload(Internship.agreement).selectinload(Agreement.signatures),
        ),
    )
    if q:
        intern, employer = aliased(Person), aliased(Organisation)
        named = [
            Posting.title.icontains(q, autoescape=True),
            Internship.intern_id.in_(select(intern.id).where(intern.full_name.icontains(q, autoescape=True))),
            Posting.organisation_id.in_(
                select(employer.id).where(employer.name.icontains(q, autoescape=True))
            ),
        ]
        lane = lane.filtered(or_(*named))
    if due == "week":
        lane = lane.filtered(until < clock.now().timestamp() + 7 * 86_400)
    if late:
        lane = lane.filtered(Internship.late)
    return lane


def _of(organisation_id: int) -> Any:
    return or_(Posting.organisation_id == organisation_id, Posting.programme_id == organisation_id)


def newest_of_organisations(ids: Iterable[int]) -> dict[int, int]:
    """How many changes the internships of each of these organisations have seen in all."""
    found = {}
    for one in ids:
        query = select(func.sum(Internship.history_number)).join(Posting, Posting.id == Internship.posting_id)
        found[one] = int(db.session.scalar(query.where(_of(one))) or 0)
    return found


def _boards_of(change: Change, ids: set[int]) -> set[int]:
    row = db.session.execute(
        select(Posting.organisation_id, Posting.programme_id)
        .join(Internship, Internship.posting_id == Posting.id)
        .where(Internship.id == change.root)
    ).first()
    return ids & set(row) if row is not None else set()


def _allowed(asked: Iterable[Asked]) -> set[Asked]:
    wanted = list(asked)
    here = accounts.still_here((person, session) for person, session, _ in wanted)
    read_memberships(here.values())
    may: dict[tuple[int, int], bool] = {}
    for person_id, session, one in wanted:
        person = here.get((person_id, session))
        if person is not None and (person_id, one) not in may:
            organisation = organisations.for_viewer(person, one)
            may[person_id, one] = organisation is not None and policy.may_list(person, organisation)
    return {one for one in wanted if one[:2] in here and may[one[0], one[2]]}


SOURCES = {
    "organisation": Source(
        newest=newest_of_organisations,
        allowed=_allowed,
        card_of=lambda change: change.root,
        boards_of=_boards_of,
    )
}
