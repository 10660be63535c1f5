"""Single rows, put straight into the tables."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.support import people as cast
from webapp.accounts.models import Person
from webapp.applications.models import Application
from webapp.core.database.base import db
from webapp.core.lifecycle.deadlines import Deadline
from webapp.core.lifecycle.history import HistoryEntry
from webapp.internships.models import Internship
from webapp.organisations.models import Organisation
from webapp.postings.models import Posting


class Rows:
    """Postings and applications as they are stored, with their clocks and histories."""

    def __init__(self, now: datetime, programme_id: int, owner_id: int) -> None:
        self.now, self.programme_id, self.owner_id = now, programme_id, owner_id

    def add(self, row: Any) -> Any:
        db.session.add(row)
        db.session.flush()
        return row

    def clock(self, kind: str, number: int, name: str) -> None:
        at = self.now + timedelta(days=3)
        db.session.add(
            Deadline(
                kind=name, subject_kind=kind, subject_id=number, due_at=at, next_at=at, armed_at=self.now
            )
        )

    def history(self, seat: Internship, move: str, params: dict[str, Any]) -> None:
        entry = HistoryEntry(
            root_kind="internship",
            root_id=seat.id,
            number=1,
            subject_kind="internship",
            subject_id=seat.id,
            move=move,
            from_state="posted",
            to_state=seat.state,
            happened_at=self.now,
            params=params,
            previous_hash=b"",
        )
        entry.hash = entry.expected_hash()
        seat.history_number, seat.history_head = 1, entry.hash
        db.session.add(entry)

    def posting(self, employer: Organisation, state: str) -> Posting:
        number, day = next(cast._names), self.now.date()
        posting = Posting(
            state=state,
            organisation_id=employer.id,
            programme_id=self.programme_id,
            created_by_id=self.owner_id,
            created_at=self.now,
            title=f"Work {number}",
            brief="Ask 40 stalls.",
            hours=20,
            currency="USD",
            base=30_000,
            guaranteed=10_000,
            bonus_pot=5_000,
            starts_on=day + timedelta(days=7),
            ends_on=day + timedelta(days=28),
            ai_policy="declared",
            proposed_at=self.now if state == "in_approval" else None,
            opened_at=None if state in ("in_approval", "draft") else self.now,
            closes_at=self.now + timedelta(days=30) if state == "open" else None,
            deliverables=[],
            criteria=[],
        )
        made: Posting = self.add(posting)
        return made

    def application(
        self, posting: Posting, who: Person, state: str, seat: Internship | None = None
    ) -> Application:
        made: Application = self.add(
            Application(
                posting_id=posting.id,
                intern_id=who.id,
                internship_id=seat.id if seat else None,
                state=state,
                pitch="I know these streets.",
                answers={},
                links=[],
                begun_at=self.now,
                sent_at=self.now,
                shortlisted_at=self.now if state == "shortlisted" else None,
                offered_at=self.now if state in ("offered", "accepted") else None,
            )
        )
        return made
