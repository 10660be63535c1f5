"""An internship in each state, with the clocks that the door would have armed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.support import people as cast
from webapp.core.database.base import db
from webapp.core.lifecycle.deadlines import Deadline


def _clock(kind: str, subject_kind: str, subject_id: int, days: int) -> None:
    now = datetime.now(UTC)
    db.session.add(
        Deadline(
            kind=kind,
            subject_kind=subject_kind,
            subject_id=subject_id,
            due_at=now + timedelta(days=days),
            next_at=now + timedelta(days=days),
            armed_at=now,
        )
    )
    db.session.flush()


def one_of_each() -> tuple[int, dict[str, int]]:
    """The employer's number, and an internship's by state; `offered` is a free seat that somebody was offered."""
    employer, programme = cast.organisation(), cast.programme()
    posting = cast.posting(employer, programme, by=cast.member(employer, "owner"))
    internship_ids: dict[str, int] = {"posted": cast.seat(posting, 901).id}
    offered = cast.seat(posting, 902)
    application = cast.application(posting, cast.intern("Offered"), state="offered", seat=offered)
    internship_ids["offered"] = offered.id
    if not db.session.scalars(db.select(Deadline.id).where(Deadline.subject_id == application.id)).first():
        _clock("lapse", "application", application.id, 2)
    for number, state in enumerate(("matched", "in_progress", "submitted", "reviewed", "paid")):
        internship = cast.internship(
            state, of=posting, who=cast.intern(f"Intern {number}"), secured=state != "matched"
        )
        internship_ids[state] = internship.id
    revised = cast.internship(
        "in_progress",
        of=posting,
        who=cast.intern("Revising"),
        revise_by=datetime.now(UTC) + timedelta(days=400),
    )
    internship_ids["revised"] = revised.id
    return employer.id, internship_ids
