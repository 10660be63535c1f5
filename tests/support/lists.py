"""Lists of any length: many rows of each kind, put straight into the tables, and the statements that a page costs.

`Lists(app)` has one person of each role; `grow(rows)` brings every list to that many rows of each kind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy import event

from tests.support import people as cast
from webapp.accounts.models import Person
from webapp.applications.models import Application
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle.deadlines import Deadline
from webapp.core.lifecycle.history import HistoryEntry
from webapp.fundings.models import Charge, Checkout, Funding, Receipt
from webapp.internships.models import Agreement, Internship, Signature
from webapp.ledger.actions import events as ledger_events
from webapp.notifications.models import Notice
from webapp.organisations.models import Membership, Organisation
from webapp.payouts.models import Attempt, Payout, PayoutPart
from webapp.payouts.queries import approval_contents as payout_approval_contents
from webapp.postings.models import Posting
from webapp.recipients import queries as recipient_queries
from webapp.recipients.models import PayoutMethod, StripeAccount
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


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements that reach the database."""
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


class Lists:
    """The people who read the lists, and how many rows there are.

    Every kind is there twice: once between one employer and one intern, whose own pages are long, and once between
    people and employers that differ from row to row, as finance and the programme see them.
    """

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.rows = 0
        self.browsers: dict[str, cast.Browser] = {}
        self.asked: set[tuple[str, str]] = set()
        with app.app_context(), unit_of_work():
            programme = cast.programme(approval_needed=True)
            employer = cast.organisation(name="River Maps")
            people = {
                "owner": cast.member(employer, "owner"),
                "intern": cast.intern("Ina Intern"),
                "finance": cast.member(programme, "finance"),
                "second": cast.member(programme, "finance"),
                "manager": cast.member(programme, "manager"),
                "mentor": cast.member(programme, "mentor"),
                "operator": cast.person("Olu Operator", operator=True),
            }
            popular = cast.posting(employer, programme, by=people["owner"], seats=2)
            cast.seat(popular, 1)
            board = cast.internship(
                of=cast.posting(employer, programme, by=people["owner"]), who=people["intern"]
            )
            self.people = {role: person.id for role, person in people.items()}
            self.programme, self.employer = programme.id, employer.id
            self.popular, self.board = popular.id, board.id

    def grow(self, rows: int) -> None:
        """Bring every list to so many rows of each kind."""
        with self.app.app_context(), unit_of_work():
            _Growth(self).add(range(self.rows, rows))
            self.rows = rows
        with self.app.app_context(), unit_of_work():
            for payout in db.session.scalars(db.select(Payout).where(Payout.state == "approved")):
                payout.approval_hash = payout_approval_contents.approval_hash(payout)

    def cost(self, role: str, path: str) -> list[str]:
        """What this page asks the database; `path` names things of this world: "/organisations/{employer}".

        Raises AssertionError when it is not shown.
        """
        address = path.format(**vars(self))
        if role not in self.browsers:
            self.browsers[role] = cast.signed_in(self.app, self.people[role])
        browser = self.browsers[role]
        if (role, path) not in self.asked:  # what is read once a process or a session belongs to no page
            self.asked.add((role, path))
            browser.get(address)
        with counted(self.app) as statements:
            assert browser.get(address).status_code == 200, address
        return statements


class _Growth:
    """The rows of one growth, kind by kind, so that each table is written at once."""

    def __init__(self, lists: Lists) -> None:
        self.lists = lists
        self.now = datetime.now(UTC)
        self.people = {role: db.session.get_one(Person, number) for role, number in lists.people.items()}
        self.programme = db.session.get_one(Organisation, lists.programme)
        self.employer = db.session.get_one(Organisation, lists.employer)

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
        popular = db.session.get_one(Posting, self.lists.popular)
        for state in ("applied", "shortlisted", "rejected"):
            applied = self._application(popular, self._intern(), state)
            self._clock("application", applied.id, "expire")
        reviewer = cast.person(f"Reviewer {number}")
        self._all(
            Membership(
                organisation_id=self.employer.id, person_id=reviewer.id, role="reviewer", began_at=self.now
            )
        )
        for state in ("in_approval", "draft", "open"):
            waiting = self._posting(self.employer, state)
            self._clock("posting", waiting.id, "send_back" if state == "in_approval" else "close")
            if state == "open":
                self._application(waiting, self.people["intern"], "applied")
        for state in ("todo", "doing", "blocked", "done"):
            self._all(
                Task(
                    internship_id=self.lists.board,
                    title=f"Task {number}",
                    state=state,
                    rank=Decimal(number + 1),
                    created_at=self.now,
                    blocked_on_id=owner.id if state == "blocked" else None,
                    blocked_why="A word" if state == "blocked" else "",
                )
            )
        for role, person in self.people.items():
            self._all(
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
            internship_id=self.lists.board,
            cap=35_000,
            fee=3_000,
            currency="USD",
            actor=owner,
        )
        self._all(
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
        posting = self._posting(employer, "open" if state in ("posted", "offered") else "closed")
        stage = {"offered": "posted", "signed": "matched", "processing": "matched", "secured": "matched"}.get(
            state, state
        )
        if kind == "payout":
            stage = "paid" if state == "paid" else "reviewed"
        seat = self._all(
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
            self._clock("internship", seat.id, "cancel_unfilled")
            return
        application = self._application(
            posting, intern, "offered" if state == "offered" else "accepted", seat
        )
        if state == "offered":
            self._clock("application", application.id, "lapse")
            return
        agreement = self._all(
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
            self._all(
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
        self._clock(
            "internship",
            seat.id,
            {"submitted": "approve_by_silence", "in_progress": "end_early"}.get(stage, "secure"),
        )
        if stage in ("submitted", "reviewed", "paid"):
            self._all(
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
            self._history(seat, "approve_by_silence", CALCULATION)
        else:
            self._history(seat, "match", {})
        if signed:
            funding = self._funding(seat, agreement, employer, rail, state)
            if kind == "payout":
                self._payout(seat, funding, state, rail, type_, intern, employer)

    def _posting(self, employer: Organisation, state: str) -> Posting:
        number, day = next(cast._names), self.now.date()
        posting = Posting(
            state=state,
            organisation_id=employer.id,
            programme_id=self.programme.id,
            created_by_id=self.people["owner"].id,
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
        made: Posting = self._all(posting)
        return made

    def _application(
        self, posting: Posting, who: Person, state: str, seat: Internship | None = None
    ) -> Application:
        made: Application = self._all(
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

    def _clock(self, kind: str, number: int, name: str) -> None:
        at = self.now + timedelta(days=3)
        db.session.add(
            Deadline(
                kind=name, subject_kind=kind, subject_id=number, due_at=at, next_at=at, armed_at=self.now
            )
        )

    def _history(self, seat: Internship, move: str, params: dict[str, Any]) -> None:
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

    def _funding(
        self, seat: Internship, agreement: Agreement, payer: Organisation, rail: str, state: str
    ) -> Funding:
        funding: Funding = self._all(
            Funding(
                state={"signed": "awaiting", "processing": "processing"}.get(state, "secured"),
                internship_id=seat.id,
                agreement_id=agreement.id,
                payer_id=payer.id,
                rail=rail,
                currency="USD",
                base=30_000,
                bonus_pot=5_000,
                fee=3_000,
                reference=f"ST-{seat.id}",
                asked_at=self.now,
            )
        )
        if funding.state == "secured" and rail == "manual":
            db.session.add(
                Receipt(
                    funding_id=funding.id,
                    amount=38_000,
                    currency="USD",
                    received_on=self.now.date(),
                    bank_reference=f"IN-{seat.id}",
                    recorded_by_id=self.people["finance"].id,
                    recorded_at=self.now,
                )
            )
        return funding

    def _charge(self, funding: Funding) -> Charge:
        checkout = self._all(
            Checkout(
                funding_id=funding.id,
                number=1,
                status="paid",
                key=f"co-{funding.id}",
                params={},
                asked_by_id=self.people["owner"].id,
                asked_at=self.now,
                expires_at=self.now,
                session=f"cs_{funding.id}",
            )
        )
        made: Charge = self._all(
            Charge(
                funding_id=funding.id,
                checkout_id=checkout.id,
                charge=f"ch_{funding.id}",
                payment_intent=f"pi_{funding.id}",
                balance_transaction=f"txn_{funding.id}",
                amount=38_000,
                stripe_fee=0,
                currency="USD",
                arrived_at=self.now,
            )
        )
        return made

    def _payout(
        self,
        seat: Internship,
        funding: Funding,
        state: str,
        rail: str,
        type_: str,
        intern: Person,
        employer: Organisation,
    ) -> None:
        back = type_ == "refund"
        charge = self._charge(funding) if rail == "stripe" else None
        self._destination(intern, rail)
        payout = self._all(
            Payout(
                state=state,
                internship_id=seat.id,
                payee_id=None if back else intern.id,
                payer_id=employer.id if back else None,
                type=type_,
                currency="USD",
                amount=26_500,
                rail=rail,
                due_at=self.now - timedelta(days=1),
                approved_by_id=self.people["finance"].id if state not in ("due", "held") else None,
                approved_at=self.now if state not in ("due", "held") else None,
                released_by_id=self.people["second"].id if state in ("sending", "paid") else None,
                held_until=self.now + timedelta(days=2) if state == "held" else None,
                blocked_at=self.now if state == "blocked" else None,
                payout_clock_at=self.now + timedelta(days=2),
                paid_at=self.now if state == "paid" else None,
                escalation=1 if state == "due" else 0,
            )
        )
        part = self._all(
            PayoutPart(
                payout_id=payout.id,
                funding_id=funding.id,
                charge_id=charge.id if charge else None,
                amount=26_500,
            )
        )
        if state in ("due", "approved", "sending"):
            self._clock("payout", payout.id, f"payout_{state}")
        if state in ("sending", "paid"):
            self._all(
                Attempt(
                    part_id=part.id,
                    number=1,
                    state="succeeded" if state == "paid" else "sending" if rail == "manual" else "unknown",
                    key=f"po-{payout.id}",
                    rail=rail,
                    amount=26_500,
                    currency="USD",
                    params={},
                    claimed_at=self.now,
                    problem="key_expired" if rail == "stripe" else None,
                )
            )

    def _destination(self, intern: Person, rail: str) -> None:
        if rail == "manual":
            if not recipient_queries.current_method(intern.id):
                self._all(PayoutMethod(person_id=intern.id, added_at=self.now - timedelta(days=9), **METHOD))
        elif not recipient_queries.stripe_account(intern.id):
            self._all(
                StripeAccount(
                    person_id=intern.id,
                    key=f"ac-{intern.id}",
                    params={},
                    country="VN",
                    account=f"acct_{intern.id}",
                    transfers="active",
                    asked_at=self.now,
                )
            )

    def _all(self, row: Any) -> Any:
        db.session.add(row)
        db.session.flush()
        return row


METHOD = {"country": "VN", "bank_name": "Bank", "account_holder": "INTERN", "account_number": "0011223344"}
