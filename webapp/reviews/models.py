"""Reviews: a reviewer's levels, comments and decision on one version of the work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import Person
from webapp.core.database.base import Base, Identified
from webapp.submissions.models import Submission


class Review(Identified, Base):
    """A draft until `decided_at`; then the database refuses any change. One decided review per submission."""

    __tablename__ = "review"
    __table_args__ = (
        UniqueConstraint("submission_id", "reviewer_id"),
        Index(
            "uq_review_decided", "submission_id", unique=True, postgresql_where=text("decided_at IS NOT NULL")
        ),
        CheckConstraint(
            "decision IN ('accept', 'accept_partly', 'request_changes', 'reject')", name="decision"
        ),
        CheckConstraint("(decided_at IS NULL) = (decision IS NULL)", name="decided"),
        CheckConstraint("bonus >= 0", name="bonus"),
    )
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    begun_at: Mapped[datetime]
    comment: Mapped[str] = mapped_column(default="", server_default="")
    bonus: Mapped[int] = mapped_column(default=0, server_default="0")
    bonus_reason: Mapped[str] = mapped_column(default="", server_default="")
    decision: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    award: Mapped[int | None]
    calculation: Mapped[dict[str, Any] | None]  # formula version, inputs, parts: what the amount is made of

    submission: Mapped[Submission] = relationship()
    reviewer: Mapped[Person] = relationship()
    lines: Mapped[list[ReviewLine]] = relationship(
        order_by="ReviewLine.position", back_populates="review", cascade="all, delete-orphan"
    )


class ReviewLine(Identified, Base):
    """The level and comment for one criterion (by its position in the agreement); `cited` asks for a change."""

    __tablename__ = "review_line"
    __table_args__ = (
        UniqueConstraint("review_id", "position"),
        CheckConstraint("level BETWEEN 0 AND 4", name="level"),
    )
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    position: Mapped[int]
    level: Mapped[int | None]
    comment: Mapped[str] = mapped_column(default="", server_default="")
    cited: Mapped[bool] = mapped_column(default=False, server_default="false")
    review: Mapped[Review] = relationship(back_populates="lines")
