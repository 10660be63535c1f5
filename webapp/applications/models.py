"""Applications: one per intern and posting."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import Person
from webapp.core.database.base import Base, Identified
from webapp.core.lifecycle.deadlines import Due, end_of_day
from webapp.core.lifecycle.transitions import Stateful, known_states
from webapp.internships.models import Internship
from webapp.postings.models import Posting
from workflows import application


class Application(Stateful, Identified, Base):
    """An intern's application. Its root is the posting; an offer holds one seat (`internship_id`)."""

    __tablename__ = "application"
    law = application.LAW
    __table_args__ = (
        known_states(application.LAW),
        UniqueConstraint("posting_id", "intern_id"),
        Index(
            "uq_application_seat",
            "internship_id",
            unique=True,
            postgresql_where=text("state IN ('offered', 'accepted')"),
        ),
        CheckConstraint("state NOT IN ('offered', 'accepted') OR internship_id IS NOT NULL", name="seat"),
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
    )
    state: Mapped[str] = mapped_column(default=application.LAW.initial, index=True)
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"))
    intern_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    internship_id: Mapped[int | None] = mapped_column(ForeignKey("internship.id"))
    pitch: Mapped[str] = mapped_column(default="", server_default="")
    answers: Mapped[dict[str, Any]]  # question id (text) -> answer
    links: Mapped[list[str]]
    rating: Mapped[int | None]
    begun_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    shortlisted_at: Mapped[datetime | None]
    offered_at: Mapped[datetime | None]
    offer_note: Mapped[str] = mapped_column(default="", server_default="")
    reason: Mapped[str | None]  # a code: why it was rejected, declined or withdrawn
    reason_text: Mapped[str] = mapped_column(default="", server_default="")
    ended_at: Mapped[datetime | None]
    answer_days: Mapped[int] = mapped_column(default=10, server_default="10")
    answer_more_days: Mapped[int] = mapped_column(default=10, server_default="10")
    offer_days: Mapped[int] = mapped_column(default=3, server_default="3")

    posting: Mapped[Posting] = relationship()
    intern: Mapped[Person] = relationship()
    internship: Mapped[Internship | None] = relationship()

    def root(self) -> Posting:
        return self.posting

    def due(self, kind: str) -> Due | None:
        """Reply-by for the employer (`expire`), answer-by for the intern (`lapse`)."""
        if kind == "expire" and self.sent_at:
            days = self.answer_days + (self.answer_more_days if self.shortlisted_at else 0)
            at = end_of_day(self.sent_at, days, self.posting.organisation.zone)
            return Due(at, (at - timedelta(days=5), at - timedelta(days=2)))
        if kind == "lapse" and self.offered_at:
            at = end_of_day(self.offered_at, self.offer_days, self.intern.zone)
            return Due(at, (at - timedelta(days=1),))
        return None
