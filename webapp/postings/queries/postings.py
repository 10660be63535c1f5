"""What of postings somebody may see, what a draft lacks, and what a result would pay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.pages import Page, first_of, read_page
from webapp.core.lifecycle import deadlines
from webapp.core.lifecycle.history import Viewer
from webapp.internships.models import Internship
from webapp.organisations import policy as organisation_policy
from webapp.organisations.models import Organisation
from webapp.postings import policy
from webapp.postings.models import Part, Posting
from webapp.postings.queries.pay import pay_of
from workflows import award

PARTS = ("brief", "deliverables", "rubric", "skills", "pay", "dates", "place", "ai-policy", "questions")
WITH_RELATED = (joinedload(Posting.organisation), joinedload(Posting.settings), selectinload(Posting.skills))
"""What every list of postings shows of related rows, read in the same statements."""


def for_viewer(person: Viewer, posting_id: int) -> Posting | None:
    """The posting, if this person may see it."""
    posting = db.session.get(Posting, posting_id)
    return posting if posting is not None and policy.may_see(person, posting) else None


def posting_of(internship: Internship) -> Posting:
    """The posting that this seat belongs to."""
    assert isinstance(internship.posting, Posting)
    return internship.posting


def part_for_viewer(person: Viewer, posting_id: int, section: str) -> Part | None:
    """A section of a posting that this person may see."""
    posting = for_viewer(person, posting_id) if section in PARTS else None
    return Part(posting, section) if posting is not None else None


def employer_for_viewer(person: Viewer, organisation_id: int) -> Organisation | None:
    """An employer that this person belongs to, and whose postings they may therefore list."""
    organisation = db.session.get(Organisation, organisation_id)
    if (
        organisation is None
        or organisation.is_programme
        or not organisation_policy.holds(person, organisation_id)
    ):
        return None
    return organisation


def first_of_organisations(
    organisation_ids: list[int], states: tuple[str, ...], at_most: int
) -> tuple[list[Posting], int]:
    """The postings of these employers in these states, the newest first: so many of them, and how many in all."""
    own = select(Posting).where(Posting.organisation_id.in_(organisation_ids), Posting.state.in_(states))
    return _first(own.order_by(Posting.id.desc()).limit(at_most), own)


def have_any(organisation_ids: list[int]) -> bool:
    """Has one of these employers written a posting?"""
    return bool(
        db.session.scalar(
            select(select(Posting.id).where(Posting.organisation_id.in_(organisation_ids)).exists())
        )
    )


def page_of_organisation(organisation_id: int, after: int | None) -> Page[Posting]:
    """All postings of an employer, the newest first, a page at a time."""
    own = select(Posting).where(Posting.organisation_id == organisation_id).options(*WITH_RELATED)
    return read_page(own, Posting, (Posting.id,), after, newest_first=True)


def first_to_approve(person: Viewer, at_most: int) -> tuple[list[Posting], int]:
    """The postings that wait for this manager's approval: the first that go back to the employer, and how many in all."""
    waiting = _to_approve(person)
    ends_at = deadlines.by_deadline("posting", Posting.id).scalar_subquery()
    first = waiting.order_by(ends_at.asc().nulls_last(), Posting.id).limit(at_most)
    return _first(first, waiting)


def approvals(person: Viewer, after: int | None = None) -> dict[str, Any]:
    """The manager's list, the longest wait first: a page of what waits, by when each is answered, and what it pays."""
    page = read_page(
        _to_approve(person).options(*WITH_RELATED), Posting, (Posting.proposed_at, Posting.id), after
    )
    answers_by = deadlines.due_times("posting", [posting.id for posting in page.rows], "send_back")
    return {"page": page, "answers_by": answers_by, "pay_of": pay_of}


def _to_approve(person: Viewer) -> Select[Any]:
    """What `policy.manages` lets this person decide on: of the programmes they manage, but of no employer of theirs."""
    held = organisation_policy.memberships_of(person)
    return select(Posting).where(
        Posting.state == "in_approval",
        Posting.programme_id.in_({place for place, role in held if role == "manager"}),
        Posting.organisation_id.not_in({place for place, _role in held}),
    )


def _first(first: Select[Any], waiting: Select[Any]) -> tuple[list[Posting], int]:
    return first_of(first.options(joinedload(Posting.organisation)), waiting)


def free_seats(postings: Sequence[Posting]) -> dict[int, int]:
    """How many seats of each posting nobody is matched with."""
    rows = db.session.execute(
        select(Internship.posting_id, func.count())
        .where(Internship.posting_id.in_([posting.id for posting in postings]), Internship.state == "posted")
        .group_by(Internship.posting_id)
    )
    return {row[0]: row[1] for row in rows}


def today_of(posting: Posting) -> date:
    """The present day where the employer is."""
    return clock.now().astimezone(ZoneInfo(posting.organisation.zone)).date()


def missing(posting: Posting) -> list[str]:
    """What a draft lacks before it can be published: codes, in the order of the task list."""
    return [
        *_missing_words(posting),
        *_missing_rubric(posting),
        *(["skills"] if not posting.skills else []),
        *(["hours"] if posting.hours is None else []),
        *(["base"] if posting.base is None else []),
        *(["guaranteed"] if posting.guaranteed is None else []),
        *_missing_dates(posting),
        *(["place"] if posting.place_kind != "remote" and not posting.place.strip() else []),
        *(["ai_policy"] if posting.ai_policy is None else []),
        *(["question_text"] if any(not q.text.strip() for q in posting.questions) else []),
    ]


def _missing_words(posting: Posting) -> list[str]:
    missing_codes = [name for name in ("title", "brief") if not getattr(posting, name).strip()]
    if not posting.deliverables:
        missing_codes.append("deliverables")
    elif any(not deliverable.title.strip() for deliverable in posting.deliverables):
        missing_codes.append("deliverable_title")
    return missing_codes


def _missing_rubric(posting: Posting) -> list[str]:
    if not posting.criteria:
        return ["rubric"]
    missing_codes = []
    if any(not criterion.title.strip() for criterion in posting.criteria):
        missing_codes.append("criterion_title")
    weights = [criterion.weight_bp for criterion in posting.criteria]
    if sum(weights) != award.BASIS or 0 in weights:
        missing_codes.append("weights")
    if any(not level.strip() for criterion in posting.criteria for level in criterion.levels):
        missing_codes.append("levels")
    return missing_codes


def _missing_dates(posting: Posting) -> list[str]:
    if posting.starts_on is None or posting.ends_on is None:
        return ["dates"]
    return ["dates_past"] if posting.starts_on < today_of(posting) else []


@dataclass(frozen=True)
class PostingStep:
    """What happens next with a posting, in words: `who` acts (nobody when empty), by when, what happens `otherwise`."""

    mine: bool
    who: str
    what: str
    until: datetime | None = None
    otherwise: str = ""


def next_step(person: Viewer, posting: Posting) -> PostingStep:
    """Whose turn it is, until when, and what happens without them."""
    owner, manager = policy.is_owner(person, posting), policy.manages(person, posting)
    employer = posting.organisation.name
    if posting.state == "draft":
        return PostingStep(owner, employer, _("Finish the draft and publish it."))
    if posting.state == "in_approval":
        return PostingStep(
            manager,
            posting.programme.name,
            _("The programme reads the posting, and approves it or sends it back with a reason."),
            deadlines.due_times("posting", [posting.id], "send_back").get(posting.id),
            _("Otherwise it goes back to the employer as a draft."),
        )
    if posting.state == "open":
        return PostingStep(
            False,  # who has applied already, only a higher slice knows
            _("interns who would like to do this work"),
            _(
                "Each application is answered within %(days)s days.",
                days=posting.settings.clock("answer_days"),
            ),
            posting.closes_at,
            _("Then the posting closes to new applications, unless the employer keeps it open longer."),
        )
    if posting.state == "closing":
        return PostingStep(
            policy.is_member(person, posting),
            employer,
            _("Every applicant gets an answer; no new applications are taken."),
            otherwise=_(
                "An application without an answer expires on its deadline, and the applicant is told."
            ),
        )
    return PostingStep(False, "", _("Every applicant has an answer.") if posting.state == "closed" else "")
