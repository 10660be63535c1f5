"""What each list grows by: of every kind in every state, one for the employer and intern, one for others."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.support import people as cast
from tests.support.lists.money import MoneyRows
from tests.support.lists.rows import Rows
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.internships.models import Agreement, Internship, Signature
from webapp.ledger.actions import events as ledger_events
from webapp.notifications.models import Notice
from webapp.organisations.models import Membership, Organisation
from webapp.postings.models import Posting
from webapp.stripe.models import StripeEvent
from webapp.submissions.models import Submission
from webapp.tasks.models import Task
from workflows.agreement import AgreementTerms

PAYOUTS = (
    ("due", "manual", "base"),
    ("due", "stripe", "base"),
    ("due", "manual", "refund"),
    ("approved", "manual", "base"),
    ("approved", "stripe", "base"),
    ("approved", "stripe", "refund"),
    ("sending", "manual", "base"),
    ("sending", "stripe", "base"),
    ("paid", "manual", "base"),
    ("held", "manual", "base"),
    ("blocked", "stripe", "base"),
)
"""State, rail and type of the payouts, each of an internship of its own."""
A_KIND = 4
"""Of so many rows, one is of each kind of internship and payout: of these a list holds several."""
WORK = ("posted", "offered", "matched", "signed", "processing", "secured", "in_progress", "submitted")
"""What internships without a payout wait for."""
CALCULATION = {"formula_version": 1, "inputs": {}, "parts": [15_000]}


class Growth:
    """The rows of one growth, kind by kind, so that each table is written at once."""

    def __init__(
        self, people: dict[str, int], programme: int, employer: int, popular: int, board: int
    ) -> None:
        self.now = datetime.now(UTC)
        self.people = {role: db.session.get_one(Person, number) for role, number in people.items()}
        self.programme = db.session.get_one(Organisation, programme)
        self.employer = db.session.get_one(Organisation, employer)
        self.popular, self.board = popular, board
        self.rows = Rows(self.now, self.programme.id, self.people["owner"].id)
        self.money = MoneyRows(self.rows, self.people)

    def add(self, more: range) -> None:
        kinds = [*(("payout", one) for one in PAYOUTS), *(("work", one) for one in WORK)]
        for number in more:
            self._own_things(number)
            if number % A_KIND:
                continue
            other = cast.organisation(name=f"Employer {number}")
            for kind, what in kinds:
                for employer, intern in ((self.employer, self.people["intern"]), (other, self._intern())):
                    self._internship(kind, what, employer, intern)
        db.session.flush()

    def _intern(self) -> Person:
        return cast.intern(f"Intern {next(cast._names)}")

    def _own_things(self, number: int) -> None:
        """What is in a list of its own: applicants, members, postings to approve, tasks, notices, the books."""
        owner = self.people["owner"]
        popular = db.session.get_one(Posting, self.popular)
        for state in ("applied", "shortlisted", "rejected"):
            applied = self.rows.application(popular, self._intern(), state)
            self.rows.clock("application", applied.id, "expire")
        reviewer = cast.person(f"Reviewer {number}")
        self.rows.add(
            Membership(
                organisation_id=self.employer.id, person_id=reviewer.id, role="reviewer", began_at=self.now
            )
        )
        for state in ("in_approval", "draft", "open"):
            waiting = self.rows.posting(self.employer, state)
            self.rows.clock("posting", waiting.id, "send_back" if state == "in_approval" else "close")
            if state == "open":
                self.rows.application(waiting, self.people["intern"], "applied")
        for state in ("todo", "doing", "blocked", "done"):
            self.rows.add(
                Task(
                    internship_id=self.board,
                    title=f"Task {number}",
                    state=state,
                    rank=Decimal(number + 1),
                    created_at=self.now,
                    blocked_on_id=owner.id if state == "blocked" else None,
                    blocked_why="A word" if state == "blocked" else "",
                )
            )
        for role, person in self.people.items():
            self.rows.add(
                Notice(
                    key=f"{role}{number}",
                    person_id=person.id,
                    code="money_secured",
                    params={"title": "Work"},
                    path="/home",
                    told_at=self.now,
                )
            )
        ledger_events.receive_funding(
            10**6 + number,
            internship_id=self.board,
            cap=35_000,
            fee=3_000,
            currency="USD",
            actor=owner,
        )
        self.rows.add(
            StripeEvent(
                destination="platform",
                event=f"evt_{number}",
                type="charge.succeeded",
                object="ch_1",
                created_at=self.now,
            )
        )

    def _internship(self, kind: str, what: Any, employer: Organisation, intern: Person) -> None:
        state, rail, type_ = what if kind == "payout" else (what, "manual", "base")
        if state == "processing":
            rail = "stripe"
        posting = self.rows.posting(employer, "open" if state in ("posted", "offered") else "closed")
        stage = {"offered": "posted", "signed": "matched", "processing": "matched", "secured": "matched"}.get(
            state, state
        )
        if kind == "payout":
            stage = "paid" if state == "paid" else "reviewed"
        seat = self.rows.add(
            Internship(
                posting_id=posting.id,
                seat=1,
                organisation_id=employer.id,
                programme_id=self.programme.id,
                currency="USD",
                state="posted",
            )
        )
        if state == "posted":
            self.rows.clock("internship", seat.id, "cancel_unfilled")
            return
        application = self.rows.application(
            posting, intern, "offered" if state == "offered" else "accepted", seat
        )
        if state == "offered":
            self.rows.clock("application", application.id, "lapse")
            return
        agreement = self.rows.add(
            Agreement(
                internship_id=seat.id,
                number=1,
                application_id=application.id,
                terms=AgreementTerms.from_json({**cast.terms_of(posting, intern), "rail": rail}),
                document="The agreement.",
                sha256=hashlib.sha256(b"The agreement.").hexdigest(),
                written_at=self.now,
            )
        )
        signed = state != "matched"
        for party, signer in (("employer", self.people["owner"]), ("intern", intern)) if signed else ():
            self.rows.add(
                Signature(
                    agreement_id=agreement.id,
                    party=party,
                    person_id=signer.id,
                    name="Somebody",
                    sha256=agreement.sha256,
                    signed_at=self.now,
                )
            )
        secured = stage != "matched" or state == "secured"
        seat.intern_id, seat.agreement_id, seat.matched_at = intern.id, agreement.id, self.now
        seat.signed_at = self.now if signed else None
        seat.funding_begun_at = self.now if secured or state == "processing" else None
        seat.secured_at = self.now if secured else None
        seat.started_at = self.now if stage in ("in_progress", "submitted", "reviewed", "paid") else None
        seat.submitted_at = self.now if stage in ("submitted", "reviewed", "paid") else None
        seat.reviewed_at = self.now if stage in ("reviewed", "paid") else None
        seat.cap, seat.award = 35_000, 26_500 if stage in ("reviewed", "paid") else None
        seat.paid_at = self.now if stage == "paid" else None
        seat.state = stage
        db.session.flush()
        self.rows.clock(
            "internship",
            seat.id,
            {"submitted": "approve_by_silence", "in_progress": "end_early"}.get(stage, "secure"),
        )
        if stage in ("submitted", "reviewed", "paid"):
            self.rows.add(
                Submission(
                    internship_id=seat.id,
                    number=1,
                    author_id=intern.id,
                    state="submitted" if stage == "submitted" else "accepted",
                    links=[],
                    begun_at=self.now,
                    submitted_at=self.now,
                )
            )
        if stage in ("reviewed", "paid"):
            self.rows.history(seat, "approve_by_silence", CALCULATION)
        else:
            self.rows.history(seat, "match", {})
        if signed:
            funding = self.money.funding(seat, agreement, employer, rail, state)
            if kind == "payout":
                self.money.payout(seat, funding, state, rail, type_, intern, employer)
