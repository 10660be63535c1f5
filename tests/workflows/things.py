"""The things of the small world: a state each, and the few facts that conditions and clocks look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from workflows import award
from workflows.application import UNANSWERED


@dataclass(eq=False, kw_only=True)
class Thing:
    """Anything with a state. `due` holds its running clocks; a clock that rang once is in `rung`."""

    kind: str
    state: str
    since: float
    due: dict[str, float] = field(default_factory=dict)
    rung: set[str] = field(default_factory=set)


@dataclass(eq=False, kw_only=True)
class Posting(Thing):
    seats: list[Internship] = field(default_factory=list)
    applications: list[Application] = field(default_factory=list)

    @property
    def free_seats(self) -> list[Internship]:
        """The unmatched seats that no offer holds."""
        held = {id(a.seat) for a in self.applications if a.state == "offered"}
        return [seat for seat in self.seats if seat.state == "posted" and id(seat) not in held]


@dataclass(eq=False, kw_only=True)
class Application(Thing):
    posting: Posting
    seat: Internship | None = None
    sent_at: float = 0
    ever_shortlisted: bool = False
    payable: bool = False


@dataclass(eq=False, kw_only=True)
class Internship(Thing):
    posting: Posting
    terms: award.Terms
    match: int = 0
    application: Application | None = None
    signed: set[str] = field(default_factory=set)
    starts_at: float = 0
    ends_at: float = 0
    begun: bool = False
    secured_at: float | None = None
    silent_days: float = 0
    rounds: int = 0
    review_draft: bool = False
    abandoned: bool = False
    result: award.Result | None = None
    returned: bool = False
    fundings: list[Funding] = field(default_factory=list)
    submissions: list[Submission] = field(default_factory=list)
    payouts: list[Payout] = field(default_factory=list)

    @property
    def present_fundings(self) -> list[Funding]:
        """The fundings of the match that stands."""
        return [f for f in self.fundings if f.match == self.match] if self.application else []

    @property
    def secured(self) -> bool:
        return bool(self.present_fundings) and all(
            f.state in ("secured", "settled") for f in self.present_fundings
        )

    @property
    def base_payouts(self) -> list[Payout]:
        return [payout for payout in self.payouts if payout.purpose == "base"]

    @property
    def remainder_payouts(self) -> list[Payout]:
        return [payout for payout in self.payouts if payout.purpose == "refund" and payout.funding is None]


@dataclass(eq=False, kw_only=True)
class Submission(Thing):
    internship: Internship


@dataclass(eq=False, kw_only=True)
class Task(Thing):
    internship: Internship


@dataclass(eq=False, kw_only=True)
class Funding(Thing):
    internship: Internship
    match: int
    amount: int

    @property
    def signed(self) -> set[str]:
        return self.internship.signed

    @property
    def returns(self) -> list[Payout]:
        """What goes back to the payer because the funding was refunded."""
        return [payout for payout in self.internship.payouts if payout.funding is self]


@dataclass(eq=False, kw_only=True)
class Payout(Thing):
    internship: Internship
    purpose: str
    amount: int
    funding: Funding | None = None
    simulator: bool = False


def _all_paid_out_or_returned(funding: Funding) -> bool:
    seat = funding.internship
    return (
        funding in seat.present_fundings
        and seat.state == "paid"
        and seat.result is not None
        and (seat.returned or seat.result.remainder == 0)
        and all(payout.state == "paid" for payout in seat.remainder_payouts)
    )


FACTS: Mapping[str, Callable[..., bool]] = {
    "": lambda thing: True,
    "posting_open": lambda application: application.posting.state == "open",
    "posting_closed": lambda seat: seat.posting.state == "closed",
    "posting_not_cancelled": lambda application: application.posting.state != "cancelled",
    "seat_free": lambda application: bool(application.posting.free_seats),
    "seat_unmatched": lambda posting: any(s.state == "posted" for s in posting.seats),
    "nobody_matched": lambda posting: all(s.state in ("posted", "cancelled") for s in posting.seats),
    "every_seat_taken": lambda posting: all(s.state != "posted" for s in posting.seats),
    "every_applicant_answered": lambda posting: all(a.state not in UNANSWERED for a in posting.applications),
    "both_signed": lambda thing: len(thing.signed) == 2,
    "signature_missing": lambda seat: len(seat.signed) < 2,
    "payment_not_begun": lambda seat: len(seat.signed) == 2 and not seat.begun,
    "payment_under_way": lambda seat: seat.begun and not seat.secured,
    "funding_secured": lambda seat: seat.secured,
    "intern_payable": lambda seat: seat.application.payable,
    "intern_silent": lambda seat: seat.silent_days >= 7,
    "no_review_draft": lambda seat: not seat.review_draft,
    "rounds_left": lambda seat: seat.rounds < 2,
    "something_awarded": lambda seat: seat.result.award > 0,
    "every_leg_confirmed": lambda seat: all(p.state == "paid" for p in seat.base_payouts),
    "remainder_not_returned": lambda seat: not seat.returned and seat.result.remainder > 0,
    "all_paid_out_or_returned": _all_paid_out_or_returned,
    "is_adjustment": lambda payout: payout.purpose == "adjustment",
}
"""Every fact that `tests.workflows.coupling` names, looked up on the thing that it is asked of."""

RELATED: Mapping[str, Callable[..., Iterable[Thing]]] = {
    "itself": lambda thing: [thing],
    "seats": lambda posting: list(posting.seats),
    "applications": lambda posting: list(posting.applications),
    "held seat": lambda application: [application.seat],
    "accepted application": lambda seat: [seat.application] if seat.application else [],
    "offer on the seat": lambda seat: [
        a for a in seat.posting.applications if a.seat is seat and a.state == "offered"
    ],
    "fundings of the match": lambda seat: list(seat.present_fundings),
    "newest submission": lambda seat: seat.submissions[-1:],
}
"""Every relation that `tests.workflows.coupling` names: who is touched when this thing moves."""
