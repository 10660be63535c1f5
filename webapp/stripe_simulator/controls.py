"""What a person, a bank or time would do, done on command: `/_simulator/controls/<name>` and the page's buttons."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from . import (
    accounts,
    checkout,
    currencies,
    idempotency,
    identifiers,
    ledger,
    payments,
    payouts,
    refunds,
    transfers,
)
from .events import emit
from .refusals import Body, Refused
from .schemas import Fields, Shape, Text, Whole
from .state import PLATFORM, StripeObject, World, put_setting, setting
from .time_passing import pass_time

Control = Callable[[World, dict[str, Any]], Body]
CONTROLS: dict[str, tuple[Fields, Control]] = {}
TEN_YEARS = 10 * 366 * 24 * 3600


def control(takes: dict[str, Shape], *needed: str) -> Callable[[Control], Control]:
    def named(function: Control) -> Control:
        CONTROLS[function.__name__] = (Fields(takes, needed), function)
        return function

    return named


def use(world: World, name: str, asked: dict[str, Any]) -> Body:
    """Use one control; Refused when it is not known, misses a value, or nothing fits."""
    if name not in CONTROLS:
        raise Refused(404, f"There is no control {name[:60]}; there are: {', '.join(CONTROLS)}.")
    takes, function = CONTROLS[name]
    pass_time(world)
    done = function(world, takes.take(asked, ""))
    ledger.check(world.connection)
    return done


def _session(world: World, id: str) -> StripeObject:
    session = world.find(id, "checkout.session")
    if session is None:
        raise Refused(404, f"There is no session {id[:80]}.")
    return session


@control({"session": Text(), "how": Text(choices=payments.HOWS)}, "session")
def pay_session(world: World, asked: dict[str, Any]) -> Body:
    session = payments.pay(world, asked["session"], asked.get("how", "card"))
    return {**session.body, "redirect": checkout.success_url(session)}


@control({"session": Text()}, "session")
def settle_async(world: World, asked: dict[str, Any]) -> Body:
    session = _session(world, asked["session"])
    payments.settle(world, session, succeeds=True)
    return session.body


@control({"session": Text()}, "session")
def fail_async(world: World, asked: dict[str, Any]) -> Body:
    session = _session(world, asked["session"])
    payments.settle(world, session, succeeds=False)
    return session.body


@control({"session": Text()}, "session")
def expire_session(world: World, asked: dict[str, Any]) -> Body:
    world.account = _session(world, asked["session"]).account
    return checkout.expire(world, asked["session"])


@control({"account": Text(), "outcome": Text(choices=list(accounts.OUTCOMES))}, "account")
def finish_onboarding(world: World, asked: dict[str, Any]) -> Body:
    accounts.finish_onboarding(world, asked["account"], asked.get("outcome", "finish"))
    return accounts.retrieve(
        world, asked["account"], {"include": ["configuration.recipient", "requirements"]}
    )


@control({"account": Text(), "code": Text(choices=["insufficient_capabilities_for_transfer", "transfers_not_allowed"])},
       "account")  # fmt: skip
def restrict_account(world: World, asked: dict[str, Any]) -> Body:
    """Stripe wants something of the person again: no transfers until then. `code`: what transfers are refused with."""
    accounts.move(
        world, accounts.find(world, asked["account"], open_only=True), "restricted", asked.get("code")
    )
    return {"account": asked["account"], "status": "restricted"}


@control({"account": Text()}, "account")
def activate_account(world: World, asked: dict[str, Any]) -> Body:
    accounts.move(world, accounts.find(world, asked["account"], open_only=True), "active")
    return {"account": asked["account"], "status": "active"}


@control({"account": Text()}, "account")
def close_account(world: World, asked: dict[str, Any]) -> Body:
    return accounts.close(world, asked["account"], by_force=True)


@control({"source": Text()})
def make_available(world: World, asked: dict[str, Any]) -> Body:
    """What is pending becomes available: all of it, or that of one charge."""
    moved = ledger.make_available(world, asked.get("source"))
    if moved:
        emit(world, "balance.available", ledger.balance(world))
    pass_time(world)
    return {"entries": moved}


@control({"amount": Whole(1), "currency": Text(3)}, "amount", "currency")
def top_up(world: World, asked: dict[str, Any]) -> Body:
    """The platform puts money of its own in; available at once."""
    currency = currencies.known(asked["currency"])
    currencies.check_amount(asked["amount"], currency)
    id = identifiers.new("tu")
    entry = ledger.book(world, PLATFORM, "topup", asked["amount"], currency, id)
    pass_time(world)
    return {"topup": id, "balance_transaction": entry}


@control({"account": Text(), "currency": Text(3)})
def sweep(world: World, asked: dict[str, Any]) -> Body:
    """The automatic payout: all that is available leaves, of the platform or of one account."""
    return {"payouts": payouts.sweep(world, asked.get("account", PLATFORM), asked.get("currency"))}


@control({"payout": Text()}, "payout")
def fail_payout(world: World, asked: dict[str, Any]) -> Body:
    return payouts.fail(world, asked["payout"])


@control({})
def prune_keys(world: World, asked: dict[str, Any]) -> Body:
    return {"pruned": idempotency.prune(world.connection)}


@control({"seconds": Whole(-TEN_YEARS, TEN_YEARS)}, "seconds")
def move_clock(world: World, asked: dict[str, Any]) -> Body:
    """Move the simulator's clock by so many seconds; what has become due happens at once."""
    offset = float(setting(world.connection, "clock", 0)) + asked["seconds"]
    if abs(offset) > TEN_YEARS:
        raise Refused(400, "The clock can be moved by ten years at most.")
    put_setting(world.connection, "clock", offset)
    world.now += asked["seconds"]
    pass_time(world)
    return {"offset": offset, "now": world.now}


@control({"refund": Text()}, "refund")
def fail_refund(world: World, asked: dict[str, Any]) -> Body:
    return refunds.fail(world, asked["refund"])


@control({"refund": Text()}, "refund")
def complete_refund(world: World, asked: dict[str, Any]) -> Body:
    refund = world.find(asked["refund"], "refund")
    if refund is None or not refunds.try_again(world, refund):
        raise Refused(400, "There is no such pending refund, or the balance does not cover it.")
    return refund.body


@control({"transfer": Text(), "amount": Whole(1)}, "transfer")
def reverse_transfer(world: World, asked: dict[str, Any]) -> Body:
    """Somebody reverses a transfer in Stripe's dashboard."""
    params = {"amount": asked["amount"]} if "amount" in asked else {}
    return transfers.reverse(world, asked["transfer"], params)


# --- webhooks


@control({})
def hold_webhooks(world: World, asked: dict[str, Any]) -> Body:
    """Nothing is sent until release_webhooks; what happens meanwhile waits."""
    put_setting(world.connection, "hold", True)
    return {"held": True}


@control({})
def release_webhooks(world: World, asked: dict[str, Any]) -> Body:
    """Send again, and send what waits now; dropping and duplicating end too."""
    for name in ("hold", "drop", "duplicate"):
        put_setting(world.connection, name, None)
    world.connection.execute("UPDATE delivery SET due = %s WHERE outcome IS NULL", [world.now])
    return {"held": False}


@control({"times": Whole(1, 10**9)})
def drop_webhooks(world: World, asked: dict[str, Any]) -> Body:
    """The next events are never sent (only the list of events knows them): `times` of them, or until release."""
    put_setting(world.connection, "drop", {"left": asked.get("times", 10**9), "copies": 0})
    return {"dropping": asked.get("times", 10**9)}


@control({"copies": Whole(1, 50), "times": Whole(1, 10**9)})
def duplicate(world: World, asked: dict[str, Any]) -> Body:
    """Each of the next `times` events is sent `copies` times."""
    wish = {"left": asked.get("times", 1), "copies": asked.get("copies", 2)}
    put_setting(world.connection, "duplicate", wish)
    return wish


@control({"seed": Whole(0)})
def shuffle(world: World, asked: dict[str, Any]) -> Body:
    """The deliveries that wait now change places; without a seed they turn round."""
    rows = world.connection.execute(
        "SELECT id, place FROM delivery WHERE outcome IS NULL ORDER BY place, id"
    ).fetchall()
    positions = [row["place"] for row in rows]
    if "seed" in asked:
        random.Random(asked["seed"]).shuffle(positions)  # noqa: S311 - an order for a test, no secret
    else:
        positions.reverse()
    for row, position in zip(rows, positions, strict=True):
        world.connection.execute("UPDATE delivery SET place = %s WHERE id = %s", [position, row["id"]])
    return {"shuffled": len(rows)}


@control({"event": Text()}, "event")
def redeliver(world: World, asked: dict[str, Any]) -> Body:
    """Send one event once more, to the destination it belongs to."""
    row = world.connection.execute("SELECT * FROM event WHERE id = %s", [asked["event"]]).fetchone()
    if row is None:
        raise Refused(404, "There is no such event.")
    destination = "thin" if row["thin"] else "connected" if row["account"] != PLATFORM else "platform"
    world.connection.execute(
        "INSERT INTO delivery (event, destination, place, first_due, due)"
        " SELECT %s, %s, COALESCE(max(place), 0) + 1, %s, %s FROM delivery",
        [row["id"], destination, world.now, world.now],
    )
    return {"event": row["id"], "destination": destination}
