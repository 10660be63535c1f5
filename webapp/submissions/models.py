"""Submissions: versions of the work, which never change once handed in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CHAR, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.database.base import Base, Identified
from webapp.core.lifecycle.transitions import Stateful, known_states
from webapp.internships.models import Internship
from workflows import submission


class Submission(Stateful, Identified, Base):
    """Version `number` of the work. Once submitted the database refuses any change of its content."""

    __tablename__ = "submission"
    law = submission.LAW
    __table_args__ = (
        known_states(submission.LAW),
        UniqueConstraint("internship_id", "number"),
        Index("uq_submission_draft", "internship_id", unique=True, postgresql_where=text("state = 'draft'")),
    )
    state: Mapped[str] = mapped_column(default=submission.LAW.initial)
    internship_id: Mapped[int] = mapped_column(ForeignKey("internship.id"))
    number: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(default="", server_default="")
    links: Mapped[list[str]]
    begun_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    late: Mapped[bool] = mapped_column(default=False, server_default="false")
    sha256: Mapped[str | None] = mapped_column(CHAR(64))  # over note, links and the files' hashes

    internship: Mapped[Internship] = relationship()
    files: Mapped[list[SubmissionFile]] = relationship(
        order_by="SubmissionFile.id", back_populates="submission", cascade="all, delete-orphan"
    )

    def root(self) -> Internship:
        return self.internship


class SubmissionFile(Identified, Base):
    """One file of a pack, stored under its SHA-256."""

    __tablename__ = "submission_file"
    __table_args__ = (CheckConstraint("size > 0", name="size"),)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    filename: Mapped[str]
    sha256: Mapped[str] = mapped_column(CHAR(64))
    size: Mapped[int]
    media_type: Mapped[str]
    added_at: Mapped[datetime]
    submission: Mapped[Submission] = relationship(back_populates="files")
