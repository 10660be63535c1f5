"""What must be true between the machines at the end of every step, each as a sentence and a check."""

from collections.abc import Callable, Iterable, Iterator

from tests.workflows.things import Funding, Internship, Task
from tests.workflows.world import Disagreement, World
from workflows.application import UNANSWERED
from workflows.funding import State

LIVE = frozenset({State.AWAITING.value, State.PROCESSING.value, State.FAILED.value, State.SECURED.value})
"""The states in which a funding still holds money, or asks for it."""

STARTED = ("in_progress", "submitted", "reviewed", "paid")

Check = Callable[[World], Iterable[bool]]


def _seats(world: World) -> Iterator[Internship]:
    return (thing for thing in world.things if isinstance(thing, Internship))


def _fundings(world: World) -> Iterator[Funding]:
    return (thing for thing in world.things if isinstance(thing, Funding))


def _outcome_fits_version(seat: Internship) -> bool:
    newest = [version.state for version in seat.submissions]
    older_are_over = all(state in ("changes_requested", "recalled") for state in newest[:-1])
    match seat.state:
        case "posted" | "matched" | "cancelled":
            return not newest
        case "in_progress":
            return older_are_over and newest[-1] == "draft"
        case "submitted":
            return older_are_over and newest[-1] == "submitted"
    return older_are_over and newest[-1] in ("accepted", "partly_accepted", "rejected", "draft")


INVARIANTS: dict[str, Check] = {
    "an application is accepted exactly while its internship is matched or further": lambda w: (
        (a.state == "accepted") == (a.seat is not None and a.seat.application is a and not a.seat.abandoned)
        for a in w.posting.applications
    ),
    "a seat has an intern exactly from the match on": lambda w: (
        (seat.application is not None) == (seat.state == "matched" or seat.state in STARTED)
        for seat in _seats(w)
    ),
    "an offer holds a free seat, and no two offers hold one": lambda w: (
        [a.seat for a in w.posting.applications if a.state == "offered"].count(a.seat) == 1
        and a.seat is not None
        and a.seat.state == "posted"
        for a in w.posting.applications
        if a.state == "offered"
    ),
    "work goes on only signed, secured and payable": lambda w: (
        len(seat.signed) == 2
        and seat.application is not None
        and seat.application.payable
        and bool(seat.present_fundings)
        and all(f.state == "secured" for f in seat.present_fundings)
        for seat in _seats(w)
        if seat.state in ("in_progress", "submitted", "reviewed")
    ),
    "money in belongs to a match that stands, or has gone back": lambda w: (
        f in f.internship.present_fundings or f.state not in LIVE for f in _fundings(w)
    ),
    "whatever was refunded is on its way back, whole and once": lambda w: (
        [p.amount for p in f.returns] == ([f.amount] if f.state == "refunded" else []) for f in _fundings(w)
    ),
    "the newest version says what the internship says": lambda w: map(_outcome_fits_version, _seats(w)),
    "a result is fixed exactly when reviewed, and owed once if it is not zero": lambda w: (
        (seat.result is not None) == (seat.state in ("reviewed", "paid"))
        and [p.amount for p in seat.base_payouts]
        == ([seat.result.award] if seat.result and seat.result.award else [])
        for seat in _seats(w)
    ),
    "an internship is paid exactly when its base payout is": lambda w: (
        (seat.state == "paid") == all(p.state == "paid" for p in seat.base_payouts)
        for seat in _seats(w)
        if seat.state in ("reviewed", "paid")
    ),
    "award and returned remainder never exceed the cap": lambda w: (
        sum(p.amount for p in seat.base_payouts + seat.remainder_payouts) <= seat.terms.cap
        for seat in _seats(w)
    ),
    "a funding is settled when every unit of the cap has left, and not before": lambda w: (
        (f.state == "settled")
        == (
            f in f.internship.present_fundings
            and f.internship.state == "paid"
            and sum(p.amount for p in f.internship.payouts if p.funding is None and p.state == "paid")
            == f.internship.terms.cap
        )
        for f in _fundings(w)
        if f.state in ("secured", "settled")
    ),
    "seats exist from the opening on, applications are sent only then": lambda w: (
        w.posting.state not in ("draft", "in_approval") or not w.posting.seats,
    ),
    "a posting ends with every applicant answered": lambda w: (
        a.state not in (UNANSWERED if w.posting.state == "cancelled" else ("applied", "shortlisted"))
        for a in w.posting.applications
        if w.posting.state in ("closed", "cancelled")
    ),
    "a cancelled posting has only cancelled seats": lambda w: (
        seat.state == "cancelled" for seat in w.posting.seats if w.posting.state == "cancelled"
    ),
    "an open posting has a seat to fill": lambda w: (
        w.posting.state != "open" or any(seat.state == "posted" for seat in w.posting.seats),
    ),
    "cards exist only on an internship that has started": lambda w: (
        thing.internship.state in STARTED for thing in w.things if isinstance(thing, Task)
    ),
    "a match always has a clock": lambda w: (bool(s.due) for s in _seats(w) if s.state == "matched"),
    "only clocks that the law declares are running": lambda w: (
        set(thing.due) <= {clock.kind for clock in w.laws[thing.kind].clocks_in(thing.state)}
        for thing in w.things
    ),
}


def no_two_machines_disagree(world: World) -> None:
    """Raise `Disagreement` with the sentence that is broken."""
    for sentence, check in INVARIANTS.items():
        if not all(check(world)):
            raise Disagreement(sentence)
