"""Postings: the brief, its deliverables, its priced rubric and its terms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import CHAR, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from webapp.core.database.base import Base, Identified
from webapp.core.database.words import words_index
from webapp.core.lifecycle.deadlines import Due, end_of_day
from webapp.core.lifecycle.transitions import RootRow, known_states
from webapp.core.money.amounts import unit
from webapp.organisations.models import Organisation, ProgrammeSettings
from webapp.skills.models import Skill
from workflows import posting
from workflows.award import Terms

MAX_MINOR = 10**15
POSTING_SETTLED = "posting_settled"  # the job told when a posting has begun to close


class Posting(RootRow, Identified, Base):
    """A micro-internship on offer, with one or more seats. A draft may be incomplete, so most is nullable."""

    __tablename__ = "posting"
    law = posting.LAW
    lock_order = 0
    __table_args__ = (
        known_states(posting.LAW),
        words_index("ix_posting_words", "title"),
        Index(
            "ix_posting_text",
            text("to_tsvector('simple'::regconfig, stint_plain((title || ' '::text) || brief))"),
            postgresql_using="gin",
            postgresql_where=text("state = 'open'"),
        ),
        CheckConstraint("seats BETWEEN 1 AND 50", name="seats"),
        CheckConstraint("hours BETWEEN 1 AND 400", name="hours"),
        CheckConstraint(f"base BETWEEN 1 AND {MAX_MINOR}", name="base"),
        CheckConstraint("guaranteed BETWEEN 0 AND base", name="guaranteed"),
        CheckConstraint(f"bonus_pot BETWEEN 0 AND {MAX_MINOR}", name="bonus_pot"),
        CheckConstraint("ends_on >= starts_on", name="dates"),
        CheckConstraint("place_kind IN ('remote', 'hybrid', 'on_site')", name="place_kind"),
        CheckConstraint("ai_policy IN ('forbidden', 'declared', 'free')", name="ai_policy"),
    )
    state: Mapped[str] = mapped_column(default=posting.LAW.initial, index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    title: Mapped[str] = mapped_column(default="", server_default="")
    brief: Mapped[str] = mapped_column(default="", server_default="")
    hours: Mapped[int | None]
    currency: Mapped[str] = mapped_column(CHAR(3))
    base: Mapped[int | None]
    guaranteed: Mapped[int | None]
    bonus_pot: Mapped[int] = mapped_column(default=0, server_default="0")
    seats: Mapped[int] = mapped_column(default=1, server_default="1")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    place_kind: Mapped[str] = mapped_column(default="remote", server_default="remote")
    place: Mapped[str] = mapped_column(default="", server_default="")
    ai_policy: Mapped[str | None]
    ai_note: Mapped[str] = mapped_column(default="", server_default="")
    proposed_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship(foreign_keys=[organisation_id])
    programme: Mapped[Organisation] = relationship(foreign_keys=[programme_id])
    settings: Mapped[ProgrammeSettings] = relationship(
        primaryjoin=lambda: foreign(Posting.programme_id) == ProgrammeSettings.organisation_id, viewonly=True
    )
    deliverables: Mapped[list[Deliverable]] = relationship(
        order_by="Deliverable.position", cascade="all, delete-orphan", back_populates="posting"
    )
    criteria: Mapped[list[Criterion]] = relationship(
        order_by="Criterion.position", cascade="all, delete-orphan", back_populates="posting"
    )
    questions: Mapped[list[Question]] = relationship(
        order_by="Question.position", cascade="all, delete-orphan", back_populates="posting"
    )
    skills: Mapped[list[Skill]] = relationship(secondary="posting_skill", order_by=Skill.slug)

    @property
    def per_hour(self) -> int | None:
        """The base fee for each estimated hour, in minor units, rounded down to what the currency writes."""
        if self.base is None or not self.hours:
            return None
        step = unit(self.currency)
        return self.base // (self.hours * step) * step

    def due(self, kind: str) -> Due | None:
        """When an open posting closes by itself, and when an unanswered proposal goes back (LIFECYCLE.md section 1)."""
        if kind == "close" and self.closes_at:
            return Due(self.closes_at, (self.closes_at - timedelta(days=3),))
        if kind == "send_back" and self.proposed_at:
            days = self.settings.clock("approval_days")
            zone = self.programme.zone
            return Due(
                end_of_day(self.proposed_at, days, zone), (end_of_day(self.proposed_at, min(2, days), zone),)
            )
        return None

    def terms(self, unit: int) -> Terms | None:
        """The terms of the amount, or None while the draft does not say them all."""
        if self.base is None or self.guaranteed is None or sum(c.weight_bp for c in self.criteria) != 10_000:
            return None
        return Terms(
            base=self.base,
            guaranteed=self.guaranteed,
            bonus_pot=self.bonus_pot,
            unit=unit,
            weights=tuple(c.weight_bp for c in self.criteria),
        )


class Deliverable(Identified, Base):
    """One thing the intern hands in; it seeds a task."""

    __tablename__ = "deliverable"
    __table_args__ = (UniqueConstraint("posting_id", "position", deferrable=True, initially="DEFERRED"),)
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"))
    position: Mapped[int]
    title: Mapped[str]
    detail: Mapped[str] = mapped_column(default="", server_default="")
    posting: Mapped[Posting] = relationship(back_populates="deliverables")


class Criterion(Identified, Base):
    """One line of the priced rubric: its weight in basis points, and what each level 0-4 looks like."""

    __tablename__ = "criterion"
    __table_args__ = (
        UniqueConstraint("posting_id", "position", deferrable=True, initially="DEFERRED"),
        CheckConstraint("weight_bp BETWEEN 0 AND 10000", name="weight_bp"),
    )
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"))
    position: Mapped[int]
    title: Mapped[str]
    weight_bp: Mapped[int]
    level_0: Mapped[str] = mapped_column(default="", server_default="")
    level_1: Mapped[str] = mapped_column(default="", server_default="")
    level_2: Mapped[str] = mapped_column(default="", server_default="")
    level_3: Mapped[str] = mapped_column(default="", server_default="")
    level_4: Mapped[str] = mapped_column(default="", server_default="")
    posting: Mapped[Posting] = relationship(back_populates="criteria")

    @property
    def levels(self) -> tuple[str, str, str, str, str]:
        return (self.level_0, self.level_1, self.level_2, self.level_3, self.level_4)


class Question(Identified, Base):
    """A question that applicants answer."""

    __tablename__ = "question"
    __table_args__ = (UniqueConstraint("posting_id", "position", deferrable=True, initially="DEFERRED"),)
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"))
    position: Mapped[int]
    text: Mapped[str]
    posting: Mapped[Posting] = relationship(back_populates="questions")


@dataclass(frozen=True)
class Part:
    """One section of a posting, by its name in the address; no table."""

    posting: Posting
    name: str


class PostingSkill(Base):
    """A skill that a posting asks for."""

    __tablename__ = "posting_skill"
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"), primary_key=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey("skill.id"), primary_key=True, index=True)
