"""Tasks: the cards of an internship's board."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CHAR, CheckConstraint, ForeignKey, Index, Numeric, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import Person
from webapp.core.database.base import Base, Identified
from webapp.core.lifecycle.transitions import Stateful, known_states
from webapp.internships.models import Internship
from workflows import task


class Task(Stateful, Identified, Base):
    """One card. `move_version` is raised and compared by moves, `version` by edits, so the two never conflict.

    `rank` orders the cards of a column: a new one takes the middle between its neighbours.
    """

    __tablename__ = "task"
    law = task.LAW
    counts_moves = False
    __table_args__ = (
        known_states(task.LAW),
        Index("ix_task_board", "internship_id", "state", "rank"),
        Index("ix_task_blocked", "blocked_on_id", postgresql_where=text("state = 'blocked'")),
        CheckConstraint("length(title) BETWEEN 1 AND 200", name="title"),
        CheckConstraint("cardinality(labels) <= 8", name="labels"),
        CheckConstraint("due_on BETWEEN '2000-01-01' AND '2199-12-31'", name="due_on"),
    )
    state: Mapped[str] = mapped_column(default=task.LAW.initial)
    internship_id: Mapped[int] = mapped_column(ForeignKey("internship.id"))
    title: Mapped[str]
    detail: Mapped[str] = mapped_column(default="", server_default="")
    move_version: Mapped[int] = mapped_column(default=1, server_default="1")
    rank: Mapped[Decimal] = mapped_column(Numeric)
    deliverable: Mapped[int | None]  # its position in the agreement, for a card seeded from it
    blocked_on_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    blocked_why: Mapped[str] = mapped_column(default="", server_default="")
    answer_by: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    moved_at: Mapped[datetime | None]
    moved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    due_on: Mapped[date | None]  # a day in the intern's zone
    labels: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")

    internship: Mapped[Internship] = relationship()
    blocked_on: Mapped[Person | None] = relationship(foreign_keys=[blocked_on_id])
    moved_by: Mapped[Person | None] = relationship(foreign_keys=[moved_by_id])
    checks: Mapped[list[Check]] = relationship(order_by="Check.position, Check.id", back_populates="task")
    comments: Mapped[list[Comment]] = relationship(order_by="Comment.id", back_populates="task")
    files: Mapped[list[TaskFile]] = relationship(
        order_by="TaskFile.id", back_populates="task", cascade="all, delete-orphan"
    )

    def root(self) -> Internship:
        return self.internship


class Check(Identified, Base):
    """One line of a card's checklist."""

    __tablename__ = "task_check"
    __table_args__ = (CheckConstraint("length(text) BETWEEN 1 AND 200", name="text"),)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), index=True)
    position: Mapped[int]
    text: Mapped[str]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    task: Mapped[Task] = relationship(back_populates="checks")


class Comment(Identified, Base):
    """What somebody said about a card. Never changed."""

    __tablename__ = "task_comment"
    __table_args__ = (CheckConstraint("length(text) BETWEEN 1 AND 5000", name="text"),)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str]
    said_at: Mapped[datetime]
    task: Mapped[Task] = relationship(back_populates="comments")
    person: Mapped[Person] = relationship(lazy="joined")


class TaskFile(Identified, Base):
    """A file on a card, stored under its SHA-256."""

    __tablename__ = "task_file"
    __table_args__ = (CheckConstraint("size > 0", name="size"),)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), index=True)
    filename: Mapped[str]
    sha256: Mapped[str] = mapped_column(CHAR(64), index=True)
    size: Mapped[int]
    media_type: Mapped[str]
    added_at: Mapped[datetime]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    task: Mapped[Task] = relationship(back_populates="files")
    added_by: Mapped[Person] = relationship(lazy="joined")


class ColumnLimit(Base):
    """How many cards a column of a board should hold at most: a wish of its people, which stops nobody."""

    __tablename__ = "board_limit"
    __table_args__ = (CheckConstraint("most BETWEEN 1 AND 99", name="most"),)
    internship_id: Mapped[int] = mapped_column(ForeignKey("internship.id"), primary_key=True)
    state: Mapped[str] = mapped_column(primary_key=True)
    most: Mapped[int]


class TaskMove(Base):
    """How a card was before the move with this operation id, so that it can be undone as long as nothing followed."""

    __tablename__ = "task_move"
    operation_id: Mapped[uuid.UUID] = mapped_column(UUID(as_uuid=True), primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    move_version_after: Mapped[int]
    before: Mapped[dict[str, Any]]  # state, rank, blocked_on, blocked_why, answer_by
    moved_at: Mapped[datetime] = mapped_column(index=True)
    undone_at: Mapped[datetime | None]
    task: Mapped[Task] = relationship()
