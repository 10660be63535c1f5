"""The spine: one seat, one intern, one agreement, one result."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CHAR, CheckConstraint, Dialect, ForeignKey, TypeDecorator, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeEngine

from webapp.accounts.models import Person
from webapp.core.database.base import Base, Identified
from webapp.core.lifecycle.deadlines import Due, end_of_day
from webapp.core.lifecycle.transitions import RootRow, known_states
from webapp.organisations.models import Organisation
from workflows import internship
from workflows.agreement import AgreementTerms


class Internship(RootRow, Identified, Base):
    """One seat of a posting, from the moment the posting opens until it is paid or cancelled."""

    __tablename__ = "internship"
    law = internship.LAW
    lock_order = 1
    __table_args__ = (
        known_states(internship.LAW),
        UniqueConstraint("posting_id", "seat"),
        CheckConstraint("seat > 0", name="seat"),
        CheckConstraint("award BETWEEN 0 AND cap", name="award"),
        CheckConstraint(
            "state NOT IN ('in_progress', 'submitted', 'reviewed', 'paid') OR (agreement_id IS NOT NULL"
            " AND signed_at IS NOT NULL AND secured_at IS NOT NULL AND started_at IS NOT NULL)",
            name="work",
        ),
        CheckConstraint("rounds_used >= 0", name="rounds_used"),
        CheckConstraint("(state = 'posted') = (intern_id IS NULL) OR state = 'cancelled'", name="intern"),
    )
    state: Mapped[str] = mapped_column(default=internship.LAW.initial, index=True)
    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"))
    seat: Mapped[int]
    # As the posting said when the seat was opened; the database refuses to change them.
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    currency: Mapped[str] = mapped_column(CHAR(3))
    intern_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    agreement_id: Mapped[int | None] = mapped_column(ForeignKey("agreement.id", use_alter=True))
    continues_id: Mapped[int | None] = mapped_column(ForeignKey("internship.id"))
    unfilled_at: Mapped[datetime | None]  # the timer for an unfilled seat rings then
    matched_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]  # the later of both signatures
    funding_begun_at: Mapped[datetime | None]
    secured_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    revise_by: Mapped[datetime | None]
    review_extended: Mapped[bool] = mapped_column(default=False, server_default="false")
    rounds_used: Mapped[int] = mapped_column(default=0, server_default="0")
    late: Mapped[bool] = mapped_column(default=False, server_default="false")
    reviewed_at: Mapped[datetime | None]
    result_accepted_at: Mapped[datetime | None]  # the intern accepted the result before the window ended
    outcome: Mapped[str | None]  # accepted, partly_accepted, rejected, by_silence, ended_early
    cap: Mapped[int | None]
    award: Mapped[int | None]
    remainder_done: Mapped[bool] = mapped_column(default=False, server_default="false")
    paid_at: Mapped[datetime | None]
    frozen_at: Mapped[datetime | None]

    # Of a higher slice, so only its lock is known here; `postings.queries.posting_of` says what it is.
    posting: Mapped[RootRow] = relationship("Posting")
    organisation: Mapped[Organisation] = relationship(foreign_keys=[organisation_id])
    programme: Mapped[Organisation] = relationship(foreign_keys=[programme_id])
    intern: Mapped[Person | None] = relationship()
    agreement: Mapped[Agreement | None] = relationship(foreign_keys=[agreement_id], post_update=True)

    def locked_before(self) -> tuple[RootRow, ...]:
        """What a deadline of an internship entails may touch its posting."""
        return (self.posting,)

    @property
    def frozen(self) -> bool:
        return self.frozen_at is not None

    @property
    def terms(self) -> AgreementTerms:
        """What the agreement in force froze. Only asked once there is one."""
        assert self.agreement is not None, f"internship {self.id} has no agreement"
        return self.agreement.terms

    @property
    def ends_at(self) -> datetime:
        """The agreed end: the end of its last day in the intern's zone."""
        zone = self.terms.intern_zone
        return end_of_day(_begin_of_day(self.terms.ends_on, zone), 0, zone)

    @property
    def submit_by(self) -> datetime:
        """When the work (or its revision) is expected."""
        return max(self.ends_at, self.revise_by) if self.revise_by else self.ends_at

    def due(self, kind: str) -> Due | None:
        """When each clock of the present state rings (LIFECYCLE.md section 3)."""
        if kind == "cancel_unfilled":
            return Due(self.unfilled_at) if self.unfilled_at else None
        if kind == "sign" and self.matched_at and not self.signed_at:
            return Due(self.sign_by)
        if kind == "pay" and self.signed_at and not self.funding_begun_at:
            return Due(end_of_day(self.signed_at, self.terms.clocks.pay_days, self.terms.employer_zone))
        if kind == "secure" and self.funding_begun_at and not self.secured_at:
            return Due(
                end_of_day(self.funding_begun_at, self.terms.clocks.secure_days, self.terms.employer_zone)
            )
        if kind == "start" and self.signed_at and self.secured_at:
            return Due(self.start_by)
        if kind == "end_early":
            # Work may begin after its agreed end: then it must not end at once, with the guaranteed part owed.
            last = max(self.submit_by, self.started_at) if self.started_at else self.submit_by
            return Due(end_of_day(last, self.terms.clocks.no_submission_days, self.terms.intern_zone))
        if kind == "approve_by_silence" and self.submitted_at:
            days = self.terms.clocks.review_days + (
                self.terms.clocks.review_more_days if self.review_extended else 0
            )
            at = end_of_day(self.submitted_at, days, self.terms.employer_zone)
            return Due(at, (at - timedelta(days=days - 3), at - timedelta(days=days - 5)) if days > 5 else ())
        if kind == "return_remainder" and self.reviewed_at and not self.remainder_done:
            return Due(self.remainder_at)
        return None

    @property
    def sign_by(self) -> datetime:
        """The end of the last day for the signatures, where the one lives whose signature is still missing."""
        assert self.matched_at is not None and self.agreement is not None
        zones = {"intern": self.terms.intern_zone, "employer": self.terms.employer_zone}
        missing = [zones[party] for party in zones if self.agreement.signed_by(party) is None]
        days = self.terms.clocks.sign_days
        return max(end_of_day(self.matched_at, days, zone) for zone in missing or zones.values())

    @property
    def start_by(self) -> datetime:
        """48 hours after the latest of: the start date in the intern's zone, the money secured, both signed.

        Money may come before the last signature; nobody could have started by then.
        """
        begins = _begin_of_day(self.terms.starts_on, self.terms.intern_zone)
        last = max(begins, self.secured_at or begins, self.signed_at or begins)
        return last + timedelta(hours=self.terms.clocks.start_hours)

    @property
    def remainder_at(self) -> datetime:
        """When the unspent money goes back: as soon as the intern accepts the result, else after the window."""
        if self.result_accepted_at:
            return self.result_accepted_at
        assert self.reviewed_at is not None
        return end_of_day(self.reviewed_at, self.terms.clocks.object_days, self.terms.intern_zone)


def _begin_of_day(day: date, zone: str) -> datetime:
    """Midnight at which a day of the agreement begins in `zone`."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


class StoredTerms(TypeDecorator[AgreementTerms]):
    """The terms of an agreement, kept as JSON; read into their type once a row."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(self, value: AgreementTerms | None, dialect: Dialect) -> dict[str, Any] | None:
        return value.to_json() if value is not None else None

    def process_result_value(self, value: dict[str, Any] | None, dialect: Dialect) -> AgreementTerms | None:
        return AgreementTerms.from_json(value) if value is not None else None

    def coerce_compared_value(self, op: OperatorType | None, value: object) -> TypeEngine[Any]:
        """A key that SQL asks for is text, not terms."""
        return self.impl_instance.coerce_compared_value(op, value)


class Agreement(Identified, Base):
    """What both sides sign: terms as data, and the exact bytes both read. Never changed (the database refuses)."""

    __tablename__ = "agreement"
    __table_args__ = (UniqueConstraint("internship_id", "number"),)
    internship_id: Mapped[int] = mapped_column(ForeignKey("internship.id"))
    number: Mapped[int]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", use_alter=True))
    terms: Mapped[AgreementTerms] = mapped_column(StoredTerms)
    document: Mapped[str]  # UTF-8 text, what is downloaded
    sha256: Mapped[str] = mapped_column(CHAR(64))
    written_at: Mapped[datetime]
    internship: Mapped[Internship] = relationship(foreign_keys=[internship_id])
    signatures: Mapped[list[Signature]] = relationship(order_by="Signature.id", back_populates="agreement")

    def signed_by(self, party: str) -> Signature | None:
        return next((s for s in self.signatures if s.party == party), None)


class Signature(Identified, Base):
    """One side's acceptance by name of exactly the bytes with that hash. Never changed."""

    __tablename__ = "signature"
    __table_args__ = (
        UniqueConstraint("agreement_id", "party"),
        CheckConstraint("party IN ('employer', 'intern')", name="party"),
    )
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    party: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str]
    sha256: Mapped[str] = mapped_column(CHAR(64))
    signed_at: Mapped[datetime]
    agreement: Mapped[Agreement] = relationship(back_populates="signatures")
