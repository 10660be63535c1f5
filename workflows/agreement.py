"""What an agreement freezes: the work, its rubric, the money, the days and the people, as both sides sign them.

`from_json` reads what is stored, `to_json` writes it. What is stored is signed: a field that is added later takes
the default that older agreements mean by their silence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Self

from workflows import award


@dataclass(frozen=True)
class Party:
    """One side, by the name it had when the agreement was written."""

    id: int
    name: str


@dataclass(frozen=True)
class Deliverable:
    """One thing that is handed in."""

    title: str
    detail: str


@dataclass(frozen=True)
class Criterion:
    """One line of the rubric: its weight in basis points, and what each level 0-4 looks like."""

    title: str
    weight_bp: int
    levels: tuple[str, ...]


@dataclass(frozen=True)
class Clocks:
    """How long each step may take: days, unless the name says otherwise."""

    approval_days: int
    open_days: int
    unfilled_days: int
    answer_days: int
    answer_more_days: int
    offer_days: int
    sign_days: int
    pay_days: int
    secure_days: int
    start_hours: int
    review_days: int
    review_more_days: int
    revision_days: int
    revision_rounds: int
    grace_hours: int
    no_submission_days: int
    object_days: int
    payout_days: int

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(**{clock.name: int(stored[clock.name]) for clock in fields(cls)})


@dataclass(frozen=True)
class AgreementTerms:
    """The terms of one agreement: amounts in minor units of `currency`, shares and fees in basis points."""

    posting_id: int
    title: str
    brief: str
    deliverables: tuple[Deliverable, ...]
    criteria: tuple[Criterion, ...]
    skills: tuple[str, ...]
    hours: int
    currency: str
    rail: str
    base: int
    guaranteed: int
    bonus_pot: int
    unit: int
    fee: int
    fee_bp: int
    starts_on: date
    ends_on: date
    place_kind: str
    place: str
    ai_policy: str
    ai_note: str
    clocks: Clocks
    employer: Party
    programme: Party
    intern: Party
    intern_zone: str
    employer_zone: str
    level_shares: tuple[int, ...]
    formula_version: int
    holidays: tuple[date, ...]

    @property
    def cap(self) -> int:
        """The most that can be paid to the intern."""
        return self.base + self.bonus_pot

    @property
    def amount(self) -> award.Terms:
        """What the formula needs of them."""
        return award.Terms(
            base=self.base,
            guaranteed=self.guaranteed,
            bonus_pot=self.bonus_pot,
            unit=self.unit,
            weights=tuple(criterion.weight_bp for criterion in self.criteria),
        )

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The terms as they are stored; the oldest agreements name neither a rail nor holidays."""
        return cls(
            **{name: stored[name] for name in PLAIN},
            deliverables=tuple(Deliverable(**each) for each in stored["deliverables"]),
            criteria=tuple(
                Criterion(each["title"], each["weight_bp"], tuple(each["levels"]))
                for each in stored["criteria"]
            ),
            skills=tuple(stored["skills"]),
            rail=stored.get("rail", "manual"),
            starts_on=date.fromisoformat(stored["starts_on"]),
            ends_on=date.fromisoformat(stored["ends_on"]),
            clocks=Clocks.from_json(stored["clocks"]),
            employer=Party(**stored["employer"]),
            programme=Party(**stored["programme"]),
            intern=Party(**stored["intern"]),
            level_shares=tuple(stored["level_shares"]),
            holidays=tuple(date.fromisoformat(day) for day in stored.get("holidays", ())),
        )

    def to_json(self) -> dict[str, Any]:
        """The terms as they are stored: objects, lists, numbers and texts; days in ISO format."""
        return {
            **{name: getattr(self, name) for name in PLAIN},
            "deliverables": [vars(each).copy() for each in self.deliverables],
            "criteria": [{**vars(each), "levels": list(each.levels)} for each in self.criteria],
            "skills": list(self.skills),
            "rail": self.rail,
            "starts_on": self.starts_on.isoformat(),
            "ends_on": self.ends_on.isoformat(),
            "clocks": vars(self.clocks).copy(),
            "employer": vars(self.employer).copy(),
            "programme": vars(self.programme).copy(),
            "intern": vars(self.intern).copy(),
            "level_shares": list(self.level_shares),
            "holidays": [day.isoformat() for day in self.holidays],
        }


PLAIN = tuple(
    field.name for field in fields(AgreementTerms) if field.type in (int, str) and field.name != "rail"
)
"""The fields that are stored as they are, without a default for their absence."""
