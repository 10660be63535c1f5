"""Tasks: the cards of an internship's board."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import Person
from webapp.core.db import Base, Identified
from webapp.core.lifecycle import Stateful, known_states
from webapp.internships.models import Internship
from workflows import task


class Task(Stateful, Identified, Base):
    """One card. `seq` is raised and compared by moves, `version` by edits, so the two never conflict.

    `rank` orders the cards of a column: a new one takes the middle between its neighbours.
    """

    __tablename__ = "task"
    law = task.LAW
    __table_args__ = (
        known_states(task.LAW),
        Index("ix_task_board", "internship_id", "state", "rank"),
        CheckConstraint("length(title) BETWEEN 1 AND 200", name="title"),
    )
    state: Mapped[str] = mapped_column(default=task.LAW.initial)
    internship_id: Mapped[int] = mapped_column(ForeignKey("internship.id"))
    title: Mapped[str]
    detail: Mapped[str] = mapped_column(default="", server_default="")
    seq: Mapped[int] = mapped_column(default=1, server_default="1")
    rank: Mapped[Decimal] = mapped_column(Numeric)
    deliverable: Mapped[int | None]  # its position in the agreement, for a card seeded from it
    blocked_on_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    blocked_why: Mapped[str] = mapped_column(default="", server_default="")
    answer_by: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    moved_at: Mapped[datetime | None]
    moved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    internship: Mapped[Internship] = relationship()
    blocked_on: Mapped[Person | None] = relationship(foreign_keys=[blocked_on_id])
    moved_by: Mapped[Person | None] = relationship(foreign_keys=[moved_by_id])

    def root(self) -> Internship:
        return self.internship
