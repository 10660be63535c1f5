"""What happens by itself when time has passed: sessions run out, debits and payouts arrive, refunds go through."""

from __future__ import annotations

from . import checkout, payments, payouts, refunds
from .state import World
from .store import WRITING, Connection


def something_is_due(connection: Connection, now: int) -> bool:
    return connection.execute("SELECT 1 FROM object WHERE due <= %s LIMIT 1", [now]).fetchone() is not None


def pass_time(world: World) -> None:
    """Bring everything that is due up to the clock. Cheap when nothing is."""
    if not something_is_due(world.connection, world.now):
        return
    # A reading request that finds something due becomes a writing one: the same lock as every writer, then look again.
    world.connection.execute("SELECT pg_advisory_xact_lock(%s)", [WRITING])
    rows = world.connection.execute(
        "SELECT id FROM object WHERE due <= %s ORDER BY due, seq", [world.now]
    ).fetchall()
    # Nobody asked for what time does: its events name no request.
    by_itself = World(world.connection, world.config, world.now)
    for row in rows:
        stripe_object = by_itself.find(row["id"])
        if stripe_object is None or stripe_object.due is None:
            continue
        if stripe_object.kind == "checkout.session":
            if stripe_object.body["status"] == "open":
                checkout.run_out(by_itself, stripe_object)
            else:
                payments.settle(by_itself, stripe_object, succeeds=True)
        elif stripe_object.kind == "payout":
            payouts.arrive(by_itself, stripe_object)
        elif stripe_object.kind == "refund":
            refunds.try_again(by_itself, stripe_object)
