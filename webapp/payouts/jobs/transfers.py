"""One attempt at Stripe: look whether it is there, else ask for it with its own key, read it again, settle.

A transaction before and one after, none during the calls. Whoever is killed at any point leaves an attempt that the
next one takes up: it looks first, and repeats only the very same request under the very same key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import uniform
from typing import Any

from webapp.core.config import stripe_is_on
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.transactions import advisory_lock, unit_of_work, with_retries
from webapp.core.lifecycle.history import SYSTEM
from webapp.payouts.actions import sending as payout_sending
from webapp.payouts.models import Attempt, Call
from webapp.stripe.gateway import ACCOUNT_CODES, Gateway, gateway
from webapp.stripe.gateway.errors import GatewayError, Later, Misused, Rejected, Unknown
from webapp.stripe.gateway.facts import Sent

REPLAYABLE = timedelta(hours=23)  # Stripe may forget a key after 24 hours
TRIES = 6  # after so many unknown outcomes of one request a person looks at it
SHORTEST_PAUSE, LONGEST_PAUSE = 5.0, 600.0  # seconds


@dataclass
class SendingJob:
    """An attempt as it was read before the calls, and the evidence that they leave."""

    attempt_id: int
    key: str
    params: dict[str, Any]
    amount: int
    currency: str
    called_at: datetime | None
    tries: int
    problem: str | None
    first: bool = False
    calls: list[Call] = field(default_factory=list)

    @property
    def is_refund(self) -> bool:
        return bool(self.params["kind"] == "refund")


@dataclass(frozen=True)
class Result:
    """What became of it: sent, rejected, waiting (ask again), or a problem that a person decides."""

    sent: Sent | None = None
    rejected: GatewayError | None = None
    problem: str | None = None
    unknown: bool = False
    waits: bool = False


class EarlierThere(Exception):
    """Money of this payout is at Stripe under a key that the books do not expect: sent again, it would pay twice."""


def send_attempt(attempt_id: int) -> None:
    """Bring an attempt on, as the only one who is at it."""
    if not stripe_is_on():
        return  # nothing is asked for, so its key does not grow old; once there is an account, the sweep comes back
    with advisory_lock(f"attempt:{attempt_id}") as mine:
        if not mine:
            return  # another worker is; should it die, the sweep comes back
        task = with_retries(lambda: _take(attempt_id))
        if task is None:
            return
        result = perform(gateway(), task)
        with_retries(lambda: _settle(task, result))


def _take(attempt_id: int) -> SendingJob | None:
    with unit_of_work():
        attempt = db.session.get(Attempt, attempt_id)
        if attempt is None:
            return None
        payout_sending.lock_attempt(attempt)
        if not attempt.is_live or attempt.rail != "stripe":
            return None
        task = SendingJob(
            attempt_id, attempt.key, attempt.params, attempt.amount, attempt.currency, attempt.called_at,
            attempt.tries, attempt.problem, first=attempt.called_at is None,
        )  # fmt: skip
        # Written before the call: an attempt without it was surely never asked for.
        attempt.called_at = attempt.called_at or clock.real_now()
        attempt.next_try_at = clock.real_now() + timedelta(seconds=SHORTEST_PAUSE)
        return task


def perform(stripe: Gateway, task: SendingJob) -> Result:
    """The calls, none of them inside a transaction."""
    try:
        # Also before the first request: a restored backup does not know what left after it was made.
        sent = _look(stripe, task)
        if sent is None:
            problem = task.problem or _no_more(task)
            if problem is not None:
                return Result(problem=problem)
            not_covered = _not_covered(stripe, task)
            if not_covered is not None:
                # What was asked for before may still be on its way: then only a person can say that it is not.
                return Result(rejected=not_covered) if task.first else Result(problem=not_covered.code)
            sent = _ask(stripe, task)
        return _read_again(stripe, task, sent)
    except Rejected as error:
        return Result(rejected=error)
    except EarlierThere:
        return Result(problem="earlier_there")
    except Misused:
        return Result(problem="misused")
    except Later:
        return Result()
    except GatewayError:
        return Result(unknown=True, problem=task.problem)


def _no_more(task: SendingJob) -> str | None:
    """Why the request must not be repeated, though nothing was found; None while it may."""
    if task.called_at is not None and clock.real_now() - task.called_at >= REPLAYABLE:
        return "key_too_old"
    return "no_answer" if task.tries >= TRIES else None


def _look(stripe: Gateway, task: SendingJob) -> Sent | None:
    """Is it there already? By what ties the charge's money together, and by our own key in its metadata."""

    def look() -> list[Sent]:
        if task.is_refund:
            return stripe.refunds_of(task.params["charge"])
        return stripe.transfers_of(task.params["group"])

    there = _noted(task, "lookup", look)
    own = [sent for sent in there if sent.metadata.get("attempt") == task.key]
    task.calls[-1].outcome = "found" if own else "absent"
    if not own and any(_is_of_an_earlier_one(sent, task) for sent in there):
        raise EarlierThere
    return own[0] if own else None


def _is_of_an_earlier_one(sent: Sent, task: SendingJob) -> bool:
    """Money of the same payout that has left under another attempt's key: rejected here, or not in the books at all."""
    same = sent.metadata.get("payout") == task.params["body"]["metadata"]["payout"]
    return same and not sent.failed and sent.reversed < sent.amount


def _not_covered(stripe: Gateway, task: SendingJob) -> Rejected | None:
    """Stripe's own word on the charge: what was refunded there, or is disputed, can pay nobody any more."""
    charge = _noted(task, "charge", lambda: stripe.read_charge(task.params["charge"]))
    if charge.disputed:
        return Rejected("charge_disputed", "The payer disputes the charge.")
    if not charge.paid or task.amount > charge.amount - charge.refunded:
        return Rejected("not_covered", "The charge does not hold this sum any more.")
    return None


def _ask(stripe: Gateway, task: SendingJob) -> Sent:
    key, body = task.params["idempotency_key"], task.params["body"]
    ask = stripe.refund if task.is_refund else stripe.transfer
    sent: Sent = _noted(task, "create", lambda: ask(key, body))
    return sent


def _read_again(stripe: Gateway, task: SendingJob, answer: Sent) -> Result:
    """Only what Stripe says when it is read on its own counts, and only if it is what we asked for."""
    read = stripe.read_refund if task.is_refund else stripe.read_transfer
    sent = _noted(task, "read", lambda: read(answer.id))
    if sent.metadata.get("attempt") != task.key or not is_as_asked(
        sent, task.params, task.amount, task.currency
    ):
        return Result(problem="differs")
    if sent.failed:
        return Result(rejected=Rejected(f"refund_{sent.failed}"))
    return Result(sent=sent) if sent.done else Result(waits=True)


def is_as_asked(sent: Sent, params: dict[str, Any], amount: int, currency: str) -> bool:
    return (sent.amount, sent.currency, sent.to) == (amount, currency, params["to"])


def _noted(task: SendingJob, question: str, call: Callable[[], Any]) -> Any:
    """Call, and keep what came of it as evidence."""
    note = Call(attempt_id=task.attempt_id, called_at=clock.real_now(), what=question, outcome="ok")
    task.calls.append(note)
    try:
        answer = call()
    except GatewayError as error:
        note.outcome = {Rejected: "rejected", Later: "later"}.get(type(error), "unknown")
        note.code, note.http_status = error.code, error.status
        note.request, note.detail = error.request, error.message
        if question != "create" and isinstance(error, Rejected):
            # That a question was refused says nothing of the money.
            raise Unknown(error.code, error.message, status=error.status, request=error.request) from error
        raise
    note.detail = getattr(answer, "id", "")
    return answer


def _settle(task: SendingJob, result: Result) -> None:
    with unit_of_work():
        attempt = db.session.get_one(Attempt, task.attempt_id)
        payout_sending.lock_attempt(attempt)
        if not result.waits or task.first:  # that a refund still waits at Stripe is no news each time
            db.session.add_all([_copy(call) for call in task.calls])
        if result.sent is not None:
            sent = result.sent
            payout_sending.settle_sent(attempt, actor=SYSTEM, reference=sent.id, occurred_at=sent.created)
            if sent.reversed:
                payout_sending.mark_came_back(attempt, amount=sent.reversed)
        elif result.rejected is not None:
            code = result.rejected.code
            payout_sending.settle_rejected(attempt, actor=SYSTEM, code=code, account=code in ACCOUNT_CODES)
        else:
            tried = result.unknown and task.calls[-1].what in ("create", "read")
            payout_sending.settle_open(
                attempt,
                unknown=result.unknown,
                tried=tried,
                problem=result.problem,
                next_try_at=_next_try(task),
            )


def _next_try(task: SendingJob) -> datetime:
    """A quarter of the time that it has taken so far, so that a long outage is not hammered; with jitter."""
    now = clock.real_now()
    taken = (now - (task.called_at or now)).total_seconds()
    pause = min(max(taken / 4, SHORTEST_PAUSE), LONGEST_PAUSE)
    return now + timedelta(seconds=pause * uniform(0.8, 1.2))  # noqa: S311 - jitter


def _copy(call: Call) -> Call:
    """A fresh row: the transaction may be run again."""
    names = ("attempt_id", "called_at", "what", "outcome", "code", "http_status", "request", "detail")
    return Call(**{name: getattr(call, name) for name in names})
