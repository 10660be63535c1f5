"""A small world without database: the seven machines played as `workflows.coupling` says, on a virtual clock.

People make moves that the law opens to their kind; everything else follows from the coupling. The world knows
no move by heart: whom to ask is read off `Law.moves`, what follows off `EFFECTS`, `CREATES`, `BY_ITSELF`.
Chargebacks, reversals and disputes belong to no walk: their moves are nobody's to make here.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from workflows import LAWS, award
from workflows.application import UNANSWERED
from workflows.coupling import (
    BY_ITSELF,
    CLOCK_RUNS_WHILE,
    CONSENT,
    CREATES,
    EFFECTS,
    NEVER_ALONE,
    REQUIRES,
    Effect,
)
from workflows.machine import Law

PEOPLE = ("intern", "owner", "reviewer", "programme_manager", "finance", "finance_second")
STARTED = ("in_progress", "submitted", "reviewed", "paid")
FEE = 1_000

DAYS = {
    "send_back": 10, "close": 30, "cancel_unfilled": 10, "lapse": 3, "expire": 10, "sign": 3, "pay": 5,
    "secure": 14, "start": 2, "end_early": 14, "approve_by_silence": 7, "return_remainder": 5,
    "payout_due": 3, "payout_approved": 3, "payout_sending": 3, "unhold": 5, "unblock": 30,
}  # fmt: skip

# How eager people are for a move, against 10 for the way forward.
EAGERNESS = defaultdict(
    lambda: 10.0,
    {
        "posting.propose": 3, "posting.send_back": 1, "posting.cancel": 0.05, "posting.close": 0.2,
        "posting.reopen": 0.5, "application.shortlist": 5, "application.unshortlist": 0.3,
        "application.reject": 0.5, "application.withdraw": 0.2, "application.undo_withdraw": 1,
        "application.decline": 1, "internship.unmatch": 0.1, "internship.cancel": 0.05,
        "internship.recall": 0.5, "internship.request_changes": 3, "internship.end_early": 0.1,
        "internship.abandon": 0.5, "funding.fail": 0.5, "payout.hold": 0.5, "payout.block": 0.5,
        "payout.fail": 0.5, "payout.cancel": 0.5,
        "task.start": 2, "task.finish": 2, "task.block": 0.3, "task.unblock": 2, "task.reopen": 0.1,
        "task.put_back": 0.1,
    },
)  # fmt: skip
LATE_MONEY = 0.2
LATER = {"payout.reverse"}


class Disagreement(AssertionError):
    """Two machines contradict each other."""


class WaitsForEver(AssertionError):
    """Something is awaited, and neither a clock runs nor is anybody there whose turn it is."""


@dataclass(eq=False, kw_only=True)
class Thing:
    kind: str
    state: str
    since: float
    due: dict[str, float] = field(default_factory=dict)
    rung: set[str] = field(default_factory=set)


AnyThing = TypeVar("AnyThing", bound=Thing)


@dataclass(eq=False, kw_only=True)
class Posting(Thing):
    seats: list["Internship"] = field(default_factory=list)
    applications: list["Application"] = field(default_factory=list)


@dataclass(eq=False, kw_only=True)
class Application(Thing):
    posting: Posting
    seat: "Internship | None" = None
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
    begun_at: float | None = None
    secured_at: float | None = None
    ends_at: float = 0
    silent_days: float = 0
    rounds: int = 0
    review_draft: bool = False
    result: award.Result | None = None
    returned: bool = False
    abandoned: bool = False
    fundings: list["Funding"] = field(default_factory=list)
    submissions: list["Submission"] = field(default_factory=list)
    payouts: list["Payout"] = field(default_factory=list)

    @property
    def present_fundings(self) -> list["Funding"]:
        """The fundings of the match that stands."""
        if self.application is None:
            return []
        return [funding for funding in self.fundings if funding.match == self.match]


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


@dataclass(eq=False, kw_only=True)
class Payout(Thing):
    internship: Internship
    purpose: str
    amount: int
    funding: Funding | None = None
    stand_in: bool = False


def _all_secured(i: Internship) -> bool:
    return bool(i.present_fundings) and all(f.state in ("secured", "settled") for f in i.present_fundings)


def _remainder_payouts(i: Internship) -> list[Payout]:
    return [p for p in i.payouts if p.purpose == "refund" and p.funding is None]


def _base_payouts(i: Internship) -> list[Payout]:
    return [p for p in i.payouts if p.purpose == "base"]


FACTS: Mapping[str, Callable[..., bool]] = {
    "": lambda _: True,
    "posting_open": lambda a: a.posting.state == "open",
    "posting_closed": lambda i: i.posting.state == "closed",
    "posting_not_cancelled": lambda a: a.posting.state in ("open", "closing", "closed"),
    "seat_free": lambda a: bool(free_seats(a.posting)),
    "seat_unmatched": lambda p: any(s.state == "posted" for s in p.seats),
    "nobody_matched": lambda p: all(s.state in ("posted", "cancelled") for s in p.seats),
    "every_seat_taken": lambda p: all(s.state != "posted" for s in p.seats),
    "every_applicant_answered": lambda p: all(a.state not in UNANSWERED for a in p.applications),
    "both_signed": lambda x: len((x.internship if x.kind == "funding" else x).signed) == 2,
    "signature_missing": lambda i: len(i.signed) < 2,
    "payment_not_begun": lambda i: len(i.signed) == 2 and i.begun_at is None,
    "payment_under_way": lambda i: i.begun_at is not None and not _all_secured(i),
    "funding_secured": _all_secured,
    "intern_payable": lambda i: i.application.payable,
    "intern_silent": lambda i: i.silent_days >= 7,
    "no_review_draft": lambda i: not i.review_draft,
    "rounds_left": lambda i: i.rounds < 2,
    "something_awarded": lambda i: i.result.award > 0,
    "every_leg_confirmed": lambda i: all(p.state == "paid" for p in _base_payouts(i)),
    "remainder_not_returned": lambda i: not i.returned and i.result.remainder > 0,
    "all_paid_out_or_returned": lambda f: (
        f.internship.state == "paid"
        and f in f.internship.present_fundings
        and (f.internship.returned or f.internship.result.remainder == 0)
        and all(p.state == "paid" for p in _remainder_payouts(f.internship))
    ),
    "is_adjustment": lambda p: p.purpose == "adjustment",
}

RELATED: Mapping[str, Callable[..., Iterable[Thing]]] = {
    "itself": lambda x: [x],
    "seats": lambda p: list(p.seats),
    "applications": lambda p: list(p.applications),
    "held seat": lambda a: [a.seat],
    "accepted application": lambda i: [i.application] if i.application else [],
    "offer on the seat": lambda i: [
        a for a in i.posting.applications if a.seat is i and a.state == "offered"
    ],
    "fundings of the match": lambda i: list(i.present_fundings),
    "newest submission": lambda i: i.submissions[-1:],
}


def free_seats(posting: Posting) -> list[Internship]:
    """The unmatched seats that no offer holds."""
    held = {id(a.seat) for a in posting.applications if a.state == "offered"}
    return [seat for seat in posting.seats if seat.state == "posted" and id(seat) not in held]


@dataclass(frozen=True)
class Act:
    """Something that `who` could do now."""

    who: str
    thing: Thing
    what: str
    eagerness: float


class World:
    """One posting and all that grows from it."""

    def __init__(
        self,
        seed: int,
        *,
        laws: Mapping[str, Law] = LAWS,
        effects: Sequence[Effect] = EFFECTS,
        at_rest: Callable[["World"], None] = lambda _: None,
    ) -> None:
        self.rng = random.Random(seed)
        self.laws = laws
        self.effects = defaultdict[str, list[Effect]](list)
        for effect in effects:
            self.effects[effect.cause].append(effect)
        self.births = defaultdict[str, list[tuple[str, str]]](list)
        for birth in CREATES:
            self.births[birth.cause].append((f"{birth.thing}: {birth.each}", birth.when))
        self.by_itself = defaultdict[str, list[tuple[str, str]]](list)
        for cause, fact in BY_ITSELF.items():
            kind, move = cause.split(".")
            self.by_itself[kind].append((move, fact))
        self.inspect = at_rest
        self.now = 0.0
        self.present = set(PEOPLE)
        self.things: list[Thing] = []
        self.history: list[str] = []
        self.posting = Posting(kind="posting", state=self.laws["posting"].initial, since=0)
        self._add(self.posting)

    # ---- moves -------------------------------------------------------------------------------------------

    def step(self, thing: Thing, move: str, by: str) -> None:
        """One transaction: the move, all it entails, all that then happens by itself, and the clocks."""
        if by not in self.laws[thing.kind].moves[move].by_from(thing.state):
            raise Disagreement(f"{by} may not {thing.kind}.{move} from {thing.state}")
        self._move(thing, move, by)
        self._finish()

    def _move(self, thing: Thing, move: str, by: str) -> None:
        before = thing.state
        thing.state = self.laws[thing.kind].target(before, move)
        thing.since = self.now
        cause = f"{thing.kind}.{move}"
        self.history.append(f"{self.now:7.2f} {by:17} {cause:30} {before} -> {thing.state}")
        self._note(cause, thing)
        for effect in self.effects[cause]:
            if not effect.after or before in effect.after:
                self._entail(effect, thing, by)
        self._give_birth(cause, thing)
        if cause in ("internship.unmatch", "internship.cancel"):
            self._forget_match(thing)

    def _entail(self, effect: Effect, thing: Thing, by: str) -> None:
        moved = 0
        for other in RELATED[effect.on](thing):
            law = self.laws[other.kind]
            names = [name.split(".")[1] for name in effect.moves]
            open_now = [n for n in names if n in law.moves and other.state in law.moves[n].sources]
            if open_now:
                self._move(other, self._verdict(thing, open_now), by)
                moved += 1
        if effect.certain and moved != 1:
            raise Disagreement(f"{effect.cause} should move one {effect.on}, but moved {moved}")

    def _verdict(self, thing: Thing, names: list[str]) -> str:
        if len(names) == 1:
            return names[0]
        assert isinstance(thing, Internship) and thing.result is not None
        if thing.result.parts == award.full(thing.terms).parts:
            return "accept"
        return "reject" if thing.result.parts == award.guaranteed_only(thing.terms).parts else "accept_partly"

    def _give_birth(self, cause: str, thing: Thing) -> None:
        for birth, when in self.births[cause]:
            if FACTS[when](thing):
                self._born(birth, thing)

    def _finish(self) -> None:
        """What follows by itself, until nothing more does; then every clock is brought into line."""
        while any([self._follows(thing) for thing in self.things if thing.kind in self.by_itself]):
            pass
        for thing in self.things:
            self._rearm(thing)
        self.inspect(self)

    def _follows(self, thing: Thing) -> bool:
        """Make the first move that now happens to the thing by itself, if there is one."""
        for move, fact in self.by_itself[thing.kind]:
            if thing.state in self.laws[thing.kind].moves[move].sources and FACTS[fact](thing):
                self._move(thing, move, "system")
                return True
        return False

    # ---- what is written down beside a state -------------------------------------------------------------

    def _note(self, cause: str, thing: Thing) -> None:
        """The facts that a move writes; they are what the next moves' conditions and clocks look at."""
        match cause, thing:
            case "application.send", Application():
                thing.sent_at = self.now
            case "application.shortlist", Application():
                thing.ever_shortlisted = True
            case "application.offer", Application():
                thing.seat = None
                thing.seat = self.rng.choice(free_seats(thing.posting))
            case "application.accept", Application(seat=Internship() as seat):
                seat.match += 1
                seat.application = thing
                seat.ends_at = self.now + 20
            case (("funding.begin" | "funding.secure"), Funding(internship=seat)) if (
                thing in seat.present_fundings
            ):
                seat.begun_at = self.now if seat.begun_at is None else seat.begun_at
                seat.secured_at = self.now if _all_secured(seat) else None
            case "internship.request_changes", Internship():
                thing.rounds += 1
                thing.ends_at = max(thing.ends_at, self.now + 5)
            case "internship.review", Internship():
                levels = self.rng.choices(award.LEVELS, (2, 1, 1, 2, 8), k=len(thing.terms.weights))
                thing.result = award.calculate(
                    thing.terms, levels, self.rng.choice((0, thing.terms.bonus_pot))
                )
            case "internship.approve_by_silence", Internship():
                thing.result = award.full(thing.terms)
            case (("internship.end_early" | "internship.abandon"), Internship()):
                thing.result = award.accepted_so_far(thing.terms, self.rng.choice(({}, {0: 4}, {0: 3, 1: 4})))
        if isinstance(thing, Internship):
            thing.review_draft = False
            thing.abandoned = cause == "internship.abandon" or thing.abandoned

    def _forget_match(self, seat: Thing) -> None:
        assert isinstance(seat, Internship)
        seat.application = seat.begun_at = seat.secured_at = None
        seat.signed.clear()

    def _born(self, birth: str, parent: Thing) -> None:
        match birth, parent:
            case "internship: seat", Posting():
                for _ in range(self.rng.choice((1, 1, 2))):
                    self._open_seat(parent)
                for _ in range(self.rng.choice((1, 2, 3))):
                    draft = Application(kind="application", state="draft", since=self.now, posting=parent)
                    parent.applications.append(self._add(draft))
            case "internship: successor", Internship():
                self._open_seat(parent.posting)
            case "funding: payer", Internship(terms=terms):
                total = terms.cap + award.platform_fee(terms.base, FEE, terms.unit)
                sponsored = self.rng.choice((0, 0, 0, total // 3))
                for amount in filter(None, (total - sponsored, sponsored)):
                    funding = Funding(
                        kind="funding", state="awaiting", since=self.now,
                        internship=parent, match=parent.match, amount=amount,
                    )  # fmt: skip
                    parent.fundings.append(self._add(funding))
            case "task: deliverable", Internship():
                self._add(Task(kind="task", state="todo", since=self.now, internship=parent))
            case (("submission: first version" | "submission: next version"), Internship()):
                version = Submission(kind="submission", state="draft", since=self.now, internship=parent)
                parent.submissions.append(self._add(version))
            case "payout: base", Internship(result=award.Result(award=amount)):
                self._owe(parent, "base", amount)
            case "payout: refund of the whole", Funding(internship=seat, amount=amount):
                self._owe(seat, "refund", amount, parent)
            case "payout: refund of the remainder", Internship(result=award.Result(remainder=amount)):
                parent.returned = True
                self._owe(parent, "refund", amount)
            case _:
                raise Disagreement(f"nobody knows how to bear {birth} of {parent.kind}")

    def _open_seat(self, posting: Posting) -> None:
        terms = award.Terms(
            base=10_000,
            guaranteed=self.rng.choice((0, 2_000)),
            bonus_pot=self.rng.choice((0, 1_000)),
            unit=self.rng.choice((1, 100)),
            weights=(5_000, 3_000, 2_000),
        )
        seat = Internship(kind="internship", state="posted", since=self.now, posting=posting, terms=terms)
        posting.seats.append(self._add(seat))

    def _owe(self, seat: Internship, purpose: str, amount: int, funding: Funding | None = None) -> None:
        payout = Payout(
            kind="payout", state="due", since=self.now,
            internship=seat, purpose=purpose, amount=amount, funding=funding,
        )  # fmt: skip
        seat.payouts.append(self._add(payout))

    def _add(self, thing: AnyThing) -> AnyThing:
        self.things.append(thing)
        return thing

    # ---- clocks ------------------------------------------------------------------------------------------

    def _rearm(self, thing: Thing) -> None:
        declared = {clock.kind for clock in self.laws[thing.kind].clocks_in(thing.state)}
        if not declared and not thing.due:
            return
        running = {
            kind for kind in declared
            if kind not in thing.rung and FACTS[CLOCK_RUNS_WHILE.get(f"{thing.kind}.{kind}", "")](thing)
        }  # fmt: skip
        thing.due = {kind: self._due(thing, kind) for kind in running}
        thing.rung &= declared

    def _due(self, thing: Thing, kind: str) -> float:
        """When the clock rings; it keeps its instant as long as nothing that it counts from has changed."""
        days = DAYS[kind]
        match kind, thing:
            case "expire", Application():
                return thing.sent_at + days * (2 if thing.ever_shortlisted else 1)
            case "cancel_unfilled", Internship():
                return max(thing.since, thing.posting.since) + days
            case "start", Internship(secured_at=float(secured_at)):
                return max(thing.ends_at - 15, secured_at) + days
            case "end_early", Internship():
                return thing.ends_at + days
            case (("pay" | "secure"), Internship()):
                return thing.due.get(kind, self.now + days)
            case "return_remainder", Internship():
                return thing.due.get(kind, self.now + days)
        return thing.since + days

    def next_ring(self) -> tuple[float, Thing, str] | None:
        rings = [(due, thing, kind) for thing in self.things for kind, due in thing.due.items()]
        return min(rings, key=lambda ring: ring[0]) if rings else None

    def ring(self, thing: Thing, kind: str) -> None:
        """A deadline has passed: it fires its move, returns the remainder, or calls the next person."""
        (clock,) = (clock for clock in self.laws[thing.kind].clocks_in(thing.state) if clock.kind == kind)
        if clock.fires is not None:
            self.step(thing, clock.fires, "timer")
            return
        thing.rung.add(kind)
        self.history.append(f"{self.now:7.2f} {'timer':17} {thing.kind}.{kind}")
        if isinstance(thing, Payout):
            thing.stand_in = True
        else:
            self._give_birth(f"{thing.kind}.{kind}", thing)
        self._finish()

    def pass_time(self, until: float) -> None:
        """Ring every clock that is due by then, in order."""
        started = self.now
        while (ring := self.next_ring()) is not None and ring[0] <= until:
            self.now = max(self.now, ring[0])
            self.ring(ring[1], ring[2])
        self.now = max(self.now, until)
        for thing in self.things:
            if isinstance(thing, Internship) and thing.state == "in_progress":
                thing.silent_days += self.now - started

    # ---- people ------------------------------------------------------------------------------------------

    def acts(self) -> list[Act]:
        """Everything that somebody present could do now."""
        return [act for thing in self.things for act in self.acts_on(thing)]

    def acts_on(self, thing: Thing) -> list[Act]:
        law, acts = self.laws[thing.kind], list[Act]()
        present = self.present
        if isinstance(thing, Payout) and thing.stand_in:
            present = present | {"finance", "finance_second"}
        for name in law.moves_from(thing.state):
            cause = f"{thing.kind}.{name}"
            who = [kind for kind in law.moves[name].by_from(thing.state) if kind in present]
            if (
                who
                and cause not in NEVER_ALONE | LATER
                and all(FACTS[fact](thing) for fact in REQUIRES.get(cause, ()))
            ):
                acts += [
                    Act(kind, thing, name, self._eagerness(cause, thing))
                    for kind in who if self._agreed(cause, kind, thing)
                ]  # fmt: skip
        return acts + self._other_acts(thing)

    def _agreed(self, cause: str, kind: str, thing: Thing) -> bool:
        """Consent needs both: with one of the two away, the other cannot move alone."""
        if cause not in CONSENT or kind not in ("intern", "owner") or not FACTS[CONSENT[cause]](thing):
            return True
        return {"intern", "owner"} <= self.present

    def _eagerness(self, cause: str, thing: Thing) -> float:
        if cause == "funding.secure" and thing.state != "processing":
            return LATE_MONEY
        return EAGERNESS[cause]

    def _other_acts(self, thing: Thing) -> list[Act]:
        """What people do that moves no machine: sign, name an account, begin a review, accept a result."""
        acts: list[tuple[str, str]] = []
        match thing:
            case Internship(state="matched"):
                acts += [(who, "sign") for who in ("intern", "owner") if who not in thing.signed]
            case Internship(state="submitted", review_draft=False):
                acts += [("reviewer", "begin_review")]
            case Internship(state="reviewed" | "paid") if FACTS["remainder_not_returned"](thing):
                acts += [("intern", "accept_result")]
            case Application(state="accepted", payable=False):
                acts += [("intern", "name_account")]
        return [Act(who, thing, what, 10) for who, what in acts if who in self.present]

    def do(self, act: Act) -> None:
        match act.what, act.thing:
            case "sign", Internship() as seat:
                seat.signed.add(act.who)
            case "begin_review", Internship() as seat:
                seat.review_draft = True
            case "accept_result", Internship() as seat:
                self._give_birth("internship.return_remainder", seat)
            case "name_account", Application() as application:
                application.payable = True
            case _:
                self.step(act.thing, act.what, act.who)
                return
        self.history.append(f"{self.now:7.2f} {act.who:17} {act.thing.kind}: {act.what}")
        self._finish()

    # ---- waiting -----------------------------------------------------------------------------------------

    def awaited(self) -> list[Thing]:
        """What is not at rest. A draft waits for nobody, a card for no more than its internship."""
        return [
            thing
            for thing in self.things
            if thing.state not in self.laws[thing.kind].resting
            and thing.state != "draft"
            and thing.kind != "task"
        ]

    def is_covered(self, thing: Thing) -> bool:
        """Whether a clock runs, or somebody is there to act, on the thing or on what it depends on."""
        return bool(thing.due or self.acts_on(thing)) or any(map(self.is_covered, self._depends_on(thing)))

    def _depends_on(self, thing: Thing) -> list[Thing]:
        match thing:
            case Posting(state="closing"):
                return [a for a in thing.applications if a.state in UNANSWERED]
            case Internship(state="posted"):
                return [thing.posting]
            case Internship(state="reviewed"):
                return list(thing.payouts)
            case Submission(internship=seat) if seat.state == "submitted":
                return [seat]
            case Funding(internship=seat) if thing in seat.present_fundings:
                return [*([seat] if seat.state not in ("reviewed", "paid") or seat.due else []),
                        *(p for p in seat.payouts if p.state not in ("paid", "cancelled"))]  # fmt: skip
        return []
