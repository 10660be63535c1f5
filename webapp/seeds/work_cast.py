"""What the people of the demo world do once they are matched: sign, pay, work, judge, release."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from sqlalchemy import select

from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.files.uploads import Upload
from webapp.fundings import queries as funding_queries
from webapp.fundings.actions import receipts as funding_receipts
from webapp.fundings.actions import transfers as funding_transfers
from webapp.internships import actions as internship_actions
from webapp.payouts.actions import approval as payout_approval
from webapp.payouts.actions import sending as payout_sending
from webapp.reviews import actions as review_actions
from webapp.reviews.models import Review
from webapp.seeds.cast import Cast, act
from webapp.submissions import actions as submission_actions
from webapp.submissions import queries as submission_queries
from webapp.submissions.models import Submission
from webapp.tasks.actions import cards as task_cards
from webapp.tasks.actions import moves as task_moves
from webapp.tasks.models import Task


class WorkCast(Cast):
    """The demo's people at work."""

    @act
    def signs(self, key: str, intern: str, posting: str) -> None:
        agreement, actor = self.internship(intern, posting).agreement, self.who(key)
        assert agreement is not None
        internship_actions.sign(agreement, actor=actor, name=actor.full_name, sha256=agreement.sha256)

    @act
    def transfers(self, owner: str, intern: str, posting: str) -> None:
        funding = funding_queries.live(self.internship(intern, posting))
        assert funding is not None
        funding_transfers.mark_paid_by_payer(funding, actor=self.who(owner), version=funding.version)

    @act
    def receives(self, finance: str, intern: str, posting: str, bank_reference: str) -> None:
        funding = funding_queries.live(self.internship(intern, posting))
        assert funding is not None
        funding_receipts.record_receipt(
            funding,
            actor=self.who(finance),
            version=funding.version,
            amount=funding.total,
            received_on=clock.now().date(),
            bank_reference=bank_reference,
        )

    @act
    def starts(self, intern: str, posting: str) -> None:
        internship = self.internship(intern, posting)
        task_cards.begin_work(internship, actor=self.who(intern), version=internship.version)

    @act
    def moves(
        self, intern: str, posting: str, card: int, to: str, *, waits_for: str = "", why: str = ""
    ) -> None:
        internship = self.internship(intern, posting)
        cards = db.session.scalars(
            select(Task).where(Task.internship_id == internship.id).order_by(Task.id)
        ).all()
        task, waited_for = cards[card - 1], self.ids[waits_for] if waits_for else None
        task_moves.move(
            task,
            actor=self.who(intern),
            to=to,
            before="end",
            move_version=task.move_version,
            waits_for=waited_for,
            why=why,
        )

    @act
    def adds(self, key: str, intern: str, posting: str, title: str, detail: str = "") -> None:
        task_cards.add(self.internship(intern, posting), actor=self.who(key), title=title, detail=detail)

    @act
    def submits(self, intern: str, posting: str, note: str, files: dict[str, str], link: str = "") -> None:
        internship = self.internship(intern, posting)
        draft = submission_queries.draft_of(internship)
        submission_actions.submit(
            internship,
            actor=self.who(intern),
            version=draft.version if draft else 0,
            note=note,
            links=[link] if link else [],
            uploads=[Upload(name, BytesIO(text.encode())) for name, text in files.items()],
            despite_open_tasks=True,
        )

    def newest(self, intern: str, posting: str) -> Submission:
        submission = submission_queries.newest(self.internship(intern, posting))
        assert submission is not None
        return submission

    @act
    def judges(
        self,
        reviewer: str,
        intern: str,
        posting: str,
        decide: Callable[..., Review],
        marks: list[tuple[int, str]],
        comment: str,
        *,
        cited: int = 0,
        bonus: tuple[int, str] = (0, ""),
    ) -> None:
        """A reviewer writes one (level, comment) a criterion, cites one by its position, and decides."""
        work, actor = self.newest(intern, posting), self.who(reviewer)
        judged = [
            review_actions.Mark(level, text, position == cited)
            for position, (level, text) in enumerate(marks, start=1)
        ]
        amount, reason = bonus
        review = review_actions.save(
            work, actor=actor, version=0, marks=judged, comment=comment, bonus=amount, bonus_reason=reason
        )
        decide(work, actor=actor, version=review.version, sha256=work.sha256)

    def pays(
        self, first: str, second: str | None, intern: str, posting: str, type_: str, reference: str = ""
    ) -> None:
        """Finance approves, a second person releases, the bank's reference is recorded; as far as people are named."""
        with unit_of_work():
            payout = self.payout(self.internship(intern, posting), type_)
            payout_approval.approve(payout, actor=self.who(first), version=payout.version)
        if second is None:
            return
        with unit_of_work():
            payout_sending.release(payout, actor=self.who(second), version=payout.version)
        with unit_of_work():
            actor, version, today = self.who(second), payout.version, clock.now().date()
            payout_sending.confirm(
                payout, actor=actor, version=version, bank_reference=reference, happened_on=today
            )
