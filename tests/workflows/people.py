"""Who may do what now, how eager they are, and whether anything waits for nobody.

People are kinds, as the law names them; each may be away. Reversals belong to the corrections of a later day, so
nobody makes them here; chargebacks and disputes are the system's moves, which no person makes anyway.
"""

from dataclasses import dataclass

from tests.workflows.coupling import CONSENT, NEVER_ALONE, REQUIRES
from tests.workflows.things import FACTS, Application, Funding, Internship, Payout, Posting, Submission, Thing
from tests.workflows.world import World
from workflows.application import UNANSWERED

PEOPLE = ("intern", "owner", "reviewer", "programme_manager", "finance", "finance_second")
LATER = {"payout.reverse"}

# Against 10 for the way forward.
EAGERNESS = {
    "posting.propose": 3, "posting.send_back": 1, "posting.cancel": 0.1, "posting.close": 0.2,
    "posting.reopen": 0.5, "application.shortlist": 5, "application.unshortlist": 0.3,
    "application.reject": 0.5, "application.withdraw": 0.2, "application.undo_withdraw": 1,
    "application.decline": 1, "internship.unmatch": 0.2, "internship.cancel": 0.2,
    "internship.submit": 1.5, "internship.recall": 0.5, "internship.request_changes": 3, "internship.end_early": 0.1,
    "internship.abandon": 3, "funding.fail": 0.5, "payout.hold": 0.5, "payout.block": 0.5,
    "payout.fail": 0.5, "task.start": 2, "task.finish": 2, "task.block": 0.3, "task.unblock": 2,
    "task.reopen": 0.1, "task.put_back": 0.1,
}  # fmt: skip
FORWARD = 10.0
UNANNOUNCED_MONEY = 0.2


@dataclass(frozen=True)
class Act:
    """Something that `who` could do now."""

    who: str
    thing: Thing
    what: str
    eagerness: float = FORWARD


class People:
    """Those who act in a world, `present` by kind; in some worlds they take their time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.present = set(PEOPLE)
        self.idleness = world.rng.choice((2, 2, 40))

    def somebody_acts(self) -> bool:
        """One of those present does one of the things that can be done; False if nobody can or cares to."""
        acts = [act for thing in self.world.things for act in self.acts_on(thing)]
        eagerness = [act.eagerness for act in acts]
        choice = self.world.rng.choices([*acts, None], [*eagerness, self.idleness])[0]
        if choice is not None:
            self._do(choice)
        return choice is not None

    def acts_on(self, thing: Thing) -> list[Act]:
        """What those present could do with this thing: the law and the facts of the coupling both allow it."""
        law, acts, present = self.world.laws[thing.kind], self._other_acts(thing), self.present
        if isinstance(thing, Payout) and thing.simulator:
            present = present | {"finance", "finance_second"}
        for move in law.moves_from(thing.state):
            name = f"{thing.kind}.{move}"
            who = [kind for kind in law.moves[move].by_from(thing.state) if kind in present]
            if not who or name in NEVER_ALONE or name in LATER:
                continue
            if all(FACTS[fact](thing) for fact in REQUIRES.get(name, ())):
                eagerness = _eagerness(name, thing)
                acts += [Act(kind, thing, move, eagerness) for kind in who if self._agreed(name, kind, thing)]
        return acts

    def _agreed(self, name: str, kind: str, thing: Thing) -> bool:
        """Where consent is needed, an intern or owner whose counterpart is away cannot move alone."""
        if kind not in ("intern", "owner") or name not in CONSENT or not FACTS[CONSENT[name]](thing):
            return True
        return {"intern", "owner"} <= self.present

    def _other_acts(self, thing: Thing) -> list[Act]:
        """What people do that moves no machine: sign, begin a review, accept a result, name an account."""
        acts: list[tuple[str, str]] = []
        match thing:
            case Internship(state="matched"):
                acts = [(who, "sign") for who in ("intern", "owner") if who not in thing.signed]
            case Internship(state="submitted", review_draft=False):
                acts = [("reviewer", "begin_review")]
            case Internship(state="reviewed" | "paid") if FACTS["remainder_not_returned"](thing):
                acts = [("intern", "return_remainder")]
            case Application(state="accepted", payable=False):
                acts = [("intern", "name_account")]
        return [Act(who, thing, what) for who, what in acts if who in self.present]

    def _do(self, act: Act) -> None:
        match act.what, act.thing:
            case "sign", Internship() as seat:
                seat.signed.add(act.who)
            case "begin_review", Internship() as seat:
                seat.review_draft = True
            case "name_account", Application() as application:
                application.payable = True
            case "return_remainder", _:
                pass
            case _:
                self.world.step(act.thing, act.what, act.who)
                return
        self.world.happen(f"{act.thing.kind}.{act.what}", act.thing, act.who)

    # ---- waiting -----------------------------------------------------------------------------------------

    def awaited(self) -> list[Thing]:
        """What is not at rest. A draft waits for nobody, a card for no more than its internship."""
        laws = self.world.laws
        return [
            thing
            for thing in self.world.things
            if thing.state not in laws[thing.kind].resting and thing.state != "draft" and thing.kind != "task"
        ]

    def is_covered(self, thing: Thing) -> bool:
        """Whether a clock runs or somebody is there to act, on the thing itself or on what it depends on."""
        return bool(thing.due or self.acts_on(thing)) or any(map(self.is_covered, _depends_on(thing)))


def _eagerness(name: str, thing: Thing) -> float:
    if name == "funding.secure" and thing.state != "processing":
        return UNANNOUNCED_MONEY
    return EAGERNESS.get(name, FORWARD)


def _depends_on(thing: Thing) -> list[Thing]:
    """The things whose next move will bring this one on."""
    match thing:
        case Posting(state="closing"):
            return [application for application in thing.applications if application.state in UNANSWERED]
        case Internship(state="posted"):
            return [thing.posting]
        case Internship(state="reviewed"):
            return list(thing.base_payouts)
        case Submission():
            return [thing.internship]
        case Funding():
            payouts = [payout for payout in thing.internship.payouts if payout.state != "paid"]
            return [thing.internship, *payouts]
    return []
