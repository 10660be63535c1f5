"""What a move writes down beside the state, and what it brings into being."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.workflows.things import Application, Funding, Internship, Payout, Posting, Submission, Task
from workflows import award

if TYPE_CHECKING:
    from tests.workflows.world import World

FEE = 1_000

Event = Callable[["World", Any], None]
NOTES: dict[str, Event] = {}
BIRTHS: dict[str, Event] = {}


def note(*moves: str) -> Callable[[Event], Event]:
    """The facts that these moves write; the next moves' conditions and clocks look at them."""

    def remember(event: Event) -> Event:
        NOTES.update(dict.fromkeys(moves, event))
        return event

    return remember


def birth(*things: str) -> Callable[[Event], Event]:
    """How these things ("thing: each" of `CREATES`) come into the world."""

    def remember(event: Event) -> Event:
        BIRTHS.update(dict.fromkeys(things, event))
        return event

    return remember


@note("application.send")
def _sent(world: World, application: Application) -> None:
    application.sent_at = world.now


@note("application.shortlist")
def _shortlisted(world: World, application: Application) -> None:
    application.ever_shortlisted = True


@note("application.offer")
def _offered(world: World, application: Application) -> None:
    application.seat = None  # a seat held by an earlier offer is no longer ours
    application.seat = world.rng.choice(application.posting.free_seats)


@note("application.accept")
def _accepted(world: World, application: Application) -> None:
    seat = application.seat
    assert seat is not None
    seat.match += 1
    seat.application = application
    seat.starts_at, seat.ends_at = world.now + 5, world.now + 20


@note("funding.begin", "funding.secure")
def _money_moves(world: World, funding: Funding) -> None:
    seat = funding.internship
    if funding in seat.present_fundings:
        seat.begun = True
        seat.secured_at = world.now if seat.secured else None


@note("internship.submit", "internship.recall")
def _handed_over(world: World, seat: Internship) -> None:
    seat.review_draft = False
    seat.silent_days = 0


@note("internship.request_changes")
def _sent_back(world: World, seat: Internship) -> None:
    seat.rounds += 1
    seat.ends_at = max(seat.ends_at, world.now + 5)


@note("internship.review")
def _reviewed(world: World, seat: Internship) -> None:
    good, bad, mixed = [4, 4, 4], [0, 0, 0], world.rng.choices(award.LEVELS, k=3)
    levels = world.rng.choices((good, bad, mixed), (3, 1, 3))[0]
    seat.result = award.calculate(seat.terms, levels, world.rng.choice((0, seat.terms.bonus_pot)))


@note("internship.approve_by_silence")
def _passed_in_silence(world: World, seat: Internship) -> None:
    seat.result = award.full(seat.terms)


@note("internship.abandon")
def _abandoned(world: World, seat: Internship) -> None:
    seat.abandoned = True
    _ended(world, seat)


@note("internship.end_early")
def _ended(world: World, seat: Internship) -> None:
    first = world.rng.choice(([0, 0], [4, 0], [3, 4]))
    levels = [first[at] if at < len(first) else 0 for at in range(len(seat.terms.weights))]
    seat.result = award.calculate(seat.terms, levels)


@birth("internship: seat")
def _seats_and_readers(world: World, posting: Posting) -> None:
    for _ in range(world.rng.choice((1, 1, 2))):
        _open_seat(world, posting)
    for _ in range(world.rng.choice((1, 2, 3))):
        draft = Application(kind="application", state="draft", since=world.now, posting=posting)
        posting.applications.append(world.add(draft))


@birth("internship: successor")
def _successor(world: World, seat: Internship) -> None:
    _open_seat(world, seat.posting)


def _open_seat(world: World, posting: Posting) -> None:
    terms = award.Terms(
        base=10_000,
        guaranteed=world.rng.choice((0, 2_000)),
        bonus_pot=world.rng.choice((0, 1_000)),
        unit=world.rng.choice((1, 100)),
        weights=(5_000, 3_000, 2_000),
    )
    seat = Internship(kind="internship", state="posted", since=world.now, posting=posting, terms=terms)
    posting.seats.append(world.add(seat))


@birth("funding: payer")
def _fundings(world: World, seat: Internship) -> None:
    total = seat.terms.cap + award.platform_fee(seat.terms.base, FEE, seat.terms.unit)
    sponsored = world.rng.choice((0, 0, 0, total // 3))
    for amount in filter(None, (total - sponsored, sponsored)):
        funding = Funding(
            kind="funding",
            state="awaiting",
            since=world.now,
            internship=seat,
            match=seat.match,
            amount=amount,
        )
        seat.fundings.append(world.add(funding))


@birth("task: deliverable")
def _card(world: World, seat: Internship) -> None:
    world.add(Task(kind="task", state="todo", since=world.now, internship=seat))


@birth("submission: first version", "submission: next version")
def _version(world: World, seat: Internship) -> None:
    version = Submission(kind="submission", state="draft", since=world.now, internship=seat)
    seat.submissions.append(world.add(version))


@birth("payout: base")
def _award(world: World, seat: Internship) -> None:
    assert seat.result is not None
    _owe(world, seat, "base", seat.result.award)


@birth("payout: refund of the whole")
def _whole(world: World, funding: Funding) -> None:
    _owe(world, funding.internship, "refund", funding.amount, funding)


@birth("payout: refund of the remainder")
def _rest(world: World, seat: Internship) -> None:
    assert seat.result is not None
    seat.returned = True
    _owe(world, seat, "refund", seat.result.remainder)


def _owe(world: World, seat: Internship, purpose: str, amount: int, funding: Funding | None = None) -> None:
    payout = Payout(
        kind="payout",
        state="due",
        since=world.now,
        internship=seat,
        purpose=purpose,
        amount=amount,
        funding=funding,
    )
    seat.payouts.append(world.add(payout))
