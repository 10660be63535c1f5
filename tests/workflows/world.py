"""A small world without database: the seven machines played as `tests.workflows.coupling` says, on a virtual clock.

It knows no move by heart. What follows a move is read off the coupling, what a clock fires off the laws; both can
be handed in broken, to see whether the walk notices.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from tests.workflows.coupling import BY_ITSELF, CLOCK_RUNS_WHILE, CREATES, EFFECTS, Effect
from tests.workflows.events import BIRTHS, NOTES
from tests.workflows.things import FACTS, RELATED, Application, Internship, Payout, Posting, Thing
from workflows import LAWS, award
from workflows.machine import Law

AnyThing = TypeVar("AnyThing", bound=Thing)

DAYS = {
    "send_back": 10, "close": 30, "cancel_unfilled": 10, "lapse": 3, "expire": 10, "sign": 3, "pay": 5,
    "secure": 14, "start": 2, "end_early": 14, "approve_by_silence": 7, "return_remainder": 5,
    "payout_due": 3, "payout_approved": 3, "payout_sending": 3, "unhold": 5, "unblock": 30,
}  # fmt: skip


class Disagreement(AssertionError):
    """Two machines contradict each other."""


class World:
    """One posting and all that grows from it; `inspect` looks at it after every step."""

    def __init__(
        self,
        seed: int,
        *,
        laws: Mapping[str, Law] = LAWS,
        effects: Sequence[Effect] = EFFECTS,
        inspect: Callable[["World"], None] = lambda world: None,
    ) -> None:
        self.rng = random.Random(seed)
        self.laws = laws
        self.inspect = inspect
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
        self.now = 0.0
        self.things: list[Thing] = []
        self.history: list[str] = []
        self.tried: set[str] = set()
        self.posting = self.add(Posting(kind="posting", state=laws["posting"].initial, since=0))

    def add(self, thing: AnyThing) -> AnyThing:
        self.things.append(thing)
        return thing

    # ---- one step is one transaction ---------------------------------------------------------------------

    def step(self, thing: Thing, move: str, by: str) -> None:
        """The move, all that it entails, all that then happens by itself, and the clocks."""
        if by not in self.laws[thing.kind].moves[move].by_from(thing.state):
            raise Disagreement(f"{by} may not {thing.kind}.{move} from {thing.state}")
        self._move(thing, move, by)
        self.finish()

    def happen(self, fact: str, thing: Thing, by: str) -> None:
        """Something that moves no machine, but may bring something into being, or start or stop a clock."""
        self.history.append(f"{self.now:7.2f} {by:17} {fact}")
        self._give_birth(fact, thing)
        self.finish()

    def finish(self) -> None:
        """What follows by itself, until nothing more does; then every clock is brought into line."""
        while any(self._follows(thing) for thing in self.things if thing.kind in self.by_itself):
            pass
        for thing in self.things:
            self._rearm(thing)
        self.inspect(self)

    def _move(self, thing: Thing, move: str, by: str) -> None:
        cause, before = f"{thing.kind}.{move}", thing.state
        thing.state, thing.since = self.laws[thing.kind].target(before, move), self.now
        self.tried.add(cause)
        self.history.append(f"{self.now:7.2f} {by:17} {cause:30} {before} -> {thing.state}")
        if cause in NOTES:
            NOTES[cause](self, thing)
        for effect in self.effects[cause]:
            if not effect.after or before in effect.after:
                self._entail(effect, thing, by)
        self._give_birth(cause, thing)
        if isinstance(thing, Internship) and thing.state in ("posted", "cancelled"):
            thing.application = thing.secured_at = None
            thing.begun = False
            thing.signed.clear()

    def _entail(self, effect: Effect, thing: Thing, by: str) -> None:
        moved = 0
        for other in RELATED[effect.on](thing):
            law = self.laws[other.kind]
            names = [name.split(".")[1] for name in effect.moves]
            possible = [name for name in names if name in law.moves_from(other.state)]
            if possible:
                self._move(other, possible[0] if len(possible) == 1 else verdict(thing), by)
                moved += 1
        if effect.certain and moved != 1:
            raise Disagreement(f"{effect.cause} should move one {effect.on}, but moved {moved}")

    def _give_birth(self, cause: str, thing: Thing) -> None:
        for birth, when in self.births[cause]:
            if FACTS[when](thing):
                BIRTHS[birth](self, thing)

    def _follows(self, thing: Thing) -> bool:
        """Make the first move that now happens to the thing by itself, if there is one."""
        for move, fact in self.by_itself[thing.kind]:
            if move in self.laws[thing.kind].moves_from(thing.state) and FACTS[fact](thing):
                self._move(thing, move, "system")
                return True
        return False

    # ---- clocks ------------------------------------------------------------------------------------------

    def _rearm(self, thing: Thing) -> None:
        declared = {clock.kind for clock in self.laws[thing.kind].clocks_in(thing.state)}
        if not declared and not thing.due:
            return
        thing.rung &= declared
        thing.due = {
            kind: due(thing, kind, self.now)
            for kind in declared - thing.rung
            if FACTS[CLOCK_RUNS_WHILE.get(f"{thing.kind}.{kind}", "")](thing)
        }

    def next_ring(self) -> tuple[float, Thing, str] | None:
        rings = [(at, thing, kind) for thing in self.things for kind, at in thing.due.items()]
        return min(rings, key=lambda ring: ring[0]) if rings else None

    def pass_time(self, until: float) -> None:
        """Ring every clock that is due by then, in order."""
        began = self.now
        while (ring := self.next_ring()) is not None and ring[0] <= until:
            self.now = max(self.now, ring[0])
            self._ring(ring[1], ring[2])
        self.now = max(self.now, until)
        for thing in self.things:
            if isinstance(thing, Internship) and thing.state == "in_progress":
                thing.silent_days += self.now - began

    def _ring(self, thing: Thing, kind: str) -> None:
        """A deadline has passed: it fires its move, returns the remainder, or calls the next person."""
        (clock,) = (clock for clock in self.laws[thing.kind].clocks_in(thing.state) if clock.kind == kind)
        if clock.fires is not None:
            self.step(thing, clock.fires, "timer")
            return
        thing.rung.add(kind)
        if isinstance(thing, Payout):
            thing.simulator = True
        self.happen(f"{thing.kind}.{kind}", thing, "timer")


def due(thing: Thing, kind: str, now: float) -> float:
    """When the clock rings; it keeps its instant as long as nothing that it counts from has changed."""
    days = DAYS[kind]
    match kind, thing:
        case "expire", Application():
            return thing.sent_at + days * (2 if thing.ever_shortlisted else 1)
        case "cancel_unfilled", Internship():
            return max(thing.since, thing.posting.since) + days
        case "start", Internship(secured_at=float(secured_at)):
            return max(thing.starts_at, secured_at) + days
        case "end_early", Internship():
            return thing.ends_at + days
        case "pay" | "secure" | "return_remainder", Internship():
            return thing.due.get(kind, now + days)
    return thing.since + days


def verdict(seat: Thing) -> str:
    """The move of the submission that the result of its review amounts to."""
    assert isinstance(seat, Internship)
    assert seat.result is not None
    if seat.result.parts == award.full(seat.terms).parts:
        return "accept"
    return "reject" if seat.result.parts == award.guaranteed_only(seat.terms).parts else "accept_partly"
