"""The simulator's own interface for tests and controls: JSON under `/_simulator/`, never where a live key is set."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from . import controls, fault_injection, forms, ledger
from .api import written
from .config import Config
from .refusals import Body
from .state import World, clock, setting
from .store import Store
from .webhooks import Deliverer


def blueprint(config: Config, store: Store, deliverer: Deliverer) -> Blueprint:
    """Faults, controls, state and deliveries, as JSON."""
    pages = Blueprint("machine", __name__, url_prefix="/_simulator")

    def as_json(body: Body) -> Response:
        return Response(written(body), content_type="application/json")

    @pages.get("/faults")
    def armed() -> Response:
        return as_json({"faults": fault_injection.listed(store)})

    @pages.post("/faults")
    def arm() -> Response:
        return as_json(fault_injection.add(store, forms.from_json(request.get_data())))

    @pages.post("/faults/clear")
    def clear() -> Response:
        fault_injection.clear(store)
        return as_json({"faults": []})

    @pages.post("/controls/<name>")
    def control(name: str) -> Response:
        return as_json(use_control(config, store, name, forms.from_json(request.get_data())))

    @pages.post("/deliver")
    def deliver() -> Response:
        sent = deliverer.deliver_due()
        return as_json({"taken": sent.taken, "refused": sent.refused})

    @pages.get("/state")
    def state() -> Response:
        return as_json(overview(config, store))

    return pages


def use_control(config: Config, store: Store, name: str, asked: dict[str, Any]) -> Body:
    """Use a control in a transaction of its own."""
    with store.writing() as connection:
        return controls.use(World(connection, config, int(clock(connection))), name, asked)


def overview(config: Config, store: Store) -> Body:
    """Ids of all objects, balances, deliveries, the clock; and what the self-check finds wrong."""
    with store.transaction() as connection:
        world = World(connection, config, int(clock(connection)))
        objects: dict[str, list[str]] = {}
        for row in connection.execute("SELECT id, kind FROM object ORDER BY seq"):
            objects.setdefault(row["kind"], []).append(row["id"])
        accounts = [row["account"] for row in connection.execute("SELECT DISTINCT account FROM entry")]
        balances = {
            account or "platform": {
                currency: {"available": both[0], "pending": both[1]}
                for currency, both in ledger.balances(world, account).items()
            }
            for account in accounts
        }
        deliveries = connection.execute(
            "SELECT d.id, d.event, e.type, e.object_id, d.destination, d.tries, COALESCE(d.outcome, 'waiting') AS outcome,"
            " d.answer FROM delivery d JOIN event e ON e.id = d.event ORDER BY d.place, d.id"
        ).fetchall()
        return {
            "counts": {kind: len(ids) for kind, ids in objects.items()},
            "objects": objects,
            "balances": balances,
            "events": [
                {"id": row["id"], "type": row["type"], "account": row["account"]}
                for row in connection.execute("SELECT id, type, account FROM event ORDER BY seq")
            ],
            "deliveries": deliveries,
            "faults": connection.execute("SELECT * FROM fault ORDER BY id").fetchall(),
            "clock": {"offset": float(setting(connection, "clock", 0)), "now": world.now},
            "wrong": ledger.disagreements(connection),
        }
