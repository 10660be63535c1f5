"""The simulator's front page, for people who develop and try out: what it holds, its controls, its fault switchboard."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from . import controls, currencies, fault_injection, forms, ledger
from .config import Config
from .machine import use_control
from .pages import shown, world_of
from .refusals import Body, Refused
from .schemas import Text, Whole
from .state import World, iso, setting
from .store import Store

LATEST = 20


def blueprint(config: Config, store: Store) -> Blueprint:
    """GET / and the forms that it posts."""
    pages = Blueprint("development", __name__)

    @pages.get("/")
    def front() -> Response:
        return _page(config, store, request.args.get("said", "")[:500])

    @pages.post("/controls/<name>")
    def use(name: str) -> WerkzeugResponse:
        return _done(lambda: str(use_control(config, store, name, _filled()))[:200], f"Done: {words(name)}.")

    @pages.post("/faults")
    def armed() -> WerkzeugResponse:
        def arm() -> None:
            asked = _filled()
            fault_injection.add(store, {**asked, "after": asked.get("after") == "yes"})

        return _done(arm, "The fault is armed.")

    @pages.post("/faults/clear")
    def cleared() -> WerkzeugResponse:
        return _done(lambda: fault_injection.clear(store), "No fault is armed any more.")

    return pages


def words(name: str) -> str:
    return name.replace("_", " ")


def _filled() -> dict[str, Any]:
    """What was typed; an empty field says nothing."""
    return {name: forms.clean(value.strip()) for name, value in request.form.items() if value.strip()}


def _done(action: Callable[[], object], sentence: str) -> WerkzeugResponse:
    try:
        action()
    except Refused as refused:
        sentence = f"Refused: {refused}"
    return redirect(url_for("development.front", said=sentence), 303)


def control_forms() -> list[Body]:
    """Each control as a form: its fields, and whether they are needed."""
    shown = []
    for name, (takes, function) in controls.CONTROLS.items():
        fields = [
            {
                "name": field,
                "choices": list(shape.choices) if isinstance(shape, Text) else [],
                "number": isinstance(shape, Whole),
                "needed": field in takes.needed,
            }
            for field, shape in takes.of.items()
        ]
        doc = (inspect.getdoc(function) or "").partition("\n")[0]
        shown.append({"name": name, "title": words(name).capitalize(), "fields": fields, "help": doc})
    return shown


def _latest(world: World, kind: str) -> list[Body]:
    rows = world.connection.execute(
        "SELECT body, hidden, account, due FROM object WHERE kind = %s ORDER BY seq DESC LIMIT %s",
        [kind, LATEST],
    ).fetchall()
    for row in rows:
        body = row["body"]
        if "amount" in body or "amount_total" in body:
            amount = body.get("amount", body.get("amount_total"))
            row["money"] = currencies.shown(amount, body["currency"])
    return list(rows)


def _page(config: Config, store: Store, message: str) -> Response:
    with store.transaction() as connection:
        world = world_of(connection, config)
        owners = [
            row["account"]
            for row in connection.execute("SELECT DISTINCT account FROM entry ORDER BY account")
        ]
        balances = [
            {
                "owner": owner or "platform",
                "available": currencies.shown(both[0], currency),
                "pending": currencies.shown(both[1], currency),
            }
            for owner in owners
            for currency, both in ledger.balances(world, owner).items()
        ]
        events = connection.execute(
            "SELECT id, type, account, created FROM event ORDER BY seq DESC LIMIT %s", [LATEST]
        ).fetchall()
        deliveries = connection.execute(
            "SELECT d.event, e.type, d.destination, d.tries, COALESCE(d.outcome, 'waiting') AS outcome, d.answer"
            " FROM delivery d JOIN event e ON e.id = d.event ORDER BY d.id DESC LIMIT %s",
            [LATEST],
        ).fetchall()
        values: dict[str, Any] = {
            "accounts": _latest(world, "account"),
            "sessions": _latest(world, "checkout.session"),
            "charges": [row for row in _latest(world, "charge") if row["account"] == ""],
            "transfers": _latest(world, "transfer"),
            "refunds": _latest(world, "refund"),
            "payouts": _latest(world, "payout"),
            "balances": balances,
            "events": [{**row, "when": iso(row["created"])} for row in events],
            "deliveries": deliveries,
            "held": bool(setting(connection, "hold")),
            "offset": int(setting(connection, "clock", 0)),
            "now": iso(world.now),
            "wrong": ledger.disagreements(connection),
            "faults": connection.execute("SELECT * FROM fault WHERE times_left > 0 ORDER BY id").fetchall(),
        }
    return shown(
        "development",
        said=message,
        controls=control_forms(),
        kinds=fault_injection.KINDS,
        latest=LATEST,
        **values,
    )
