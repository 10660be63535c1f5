"""Lists as Stripe pages them (newest first, cursors, `has_more`), and `expand`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from psycopg import sql

from . import ledger
from .refusals import Body, Refused, missing
from .state import StripeObject, World
from .store import Row

Render = Callable[[World, StripeObject], Body]
# Which fields of an object hold the id of another one.
EXPANDABLE = {
    "checkout.session": {"payment_intent", "line_items"},
    "payment_intent": {"latest_charge"},
    "charge": {"payment_intent", "balance_transaction", "failure_balance_transaction", "source_transfer"},
    "transfer": {"balance_transaction", "destination", "destination_payment", "source_transaction"},
    "transfer_reversal": {"balance_transaction", "transfer", "destination_payment_refund"},
    "refund": {"charge", "payment_intent", "balance_transaction", "failure_balance_transaction"},
    "balance_transaction": {"source"},
    "payout": {"balance_transaction"},
}


def narrowed(
    where: list[sql.Composable], values: list[Any], created: object, column: str = "created"
) -> None:
    """Add `created` (an instant, or gt/gte/lt/lte) to a condition."""
    signs = {"gt": sql.SQL(">"), "gte": sql.SQL(">="), "lt": sql.SQL("<"), "lte": sql.SQL("<=")}
    limits = created if isinstance(created, dict) else {} if created is None else {"eq": created}
    for name, value in limits.items():
        where.append(sql.SQL("{} {} %s").format(sql.Identifier(column), signs.get(name, sql.SQL("="))))
        values.append(value)


def page(
    world: World,
    table: str,
    where: Sequence[sql.Composable],
    values: Sequence[Any],
    params: Mapping[str, Any],
    noun: str,
) -> tuple[list[Row], bool]:
    """The rows of one page, newest first, and whether more follow in that direction."""
    where, values = list(where), list(values)
    limit = params.get("limit", 10)
    if "starting_after" in params and "ending_before" in params:
        raise Refused(
            400, "You may pass only one of starting_after and ending_before.", code="parameters_exclusive"
        )
    backwards = "ending_before" in params
    cursor = params.get("ending_before" if backwards else "starting_after")
    if cursor is not None:
        row = world.connection.execute(
            sql.SQL("SELECT seq FROM {} WHERE id = %s").format(sql.Identifier(table)), [cursor]
        ).fetchone()
        if row is None:
            raise missing(noun, cursor, param="ending_before" if backwards else "starting_after")
        where.append(sql.SQL("seq > %s") if backwards else sql.SQL("seq < %s"))
        values.append(row["seq"])
    query = sql.SQL("SELECT * FROM {} WHERE {} ORDER BY seq {} LIMIT %s").format(
        sql.Identifier(table),
        sql.SQL(" AND ").join(where),
        sql.SQL("ASC") if backwards else sql.SQL("DESC"),
    )
    rows = world.connection.execute(query, [*values, limit + 1]).fetchall()
    has_more = len(rows) > limit
    rows = rows[:limit]
    return (rows[::-1] if backwards else rows), has_more


def of_objects(
    world: World,
    kind: str,
    params: Mapping[str, Any],
    fields: Sequence[str],
    url: str,
    render: Render,
) -> Body:
    """A list of the asking account's objects of a kind; `fields` are compared with the body."""
    where: list[sql.Composable] = [sql.SQL("kind = %s"), sql.SQL("account = %s")]
    values: list[Any] = [kind, world.account]
    for name in fields:
        if name in params:
            where.append(sql.SQL("body ->> {} = %s").format(sql.Literal(name)))
            values.append(params[name])
    narrowed(where, values, params.get("created"))
    rows, has_more = page(world, "object", where, values, params, kind)
    objects = [StripeObject.from_row(row) for row in rows]
    return envelope([render(world, stripe_object) for stripe_object in objects], has_more, url)


def of_entries(world: World, params: Mapping[str, Any]) -> Body:
    """GET /v1/balance_transactions."""
    where: list[sql.Composable] = [sql.SQL("account = %s")]
    values: list[Any] = [world.account]
    for name, value in ledger.filters(dict(params)).items():
        where.append(sql.SQL("{} = %s").format(sql.Identifier(name)))
        values.append(value.lower() if name == "currency" else value)
    narrowed(where, values, params.get("created"))
    rows, has_more = page(world, "entry", where, values, params, "balance_transaction")
    return envelope([ledger.as_object(row, world.now) for row in rows], has_more, "/v1/balance_transactions")


def envelope(data: list[Body], has_more: bool, url: str) -> Body:
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def expand(world: World, body: Body, paths: Sequence[str], look_up: Callable[[World, str], Body | None],
           line_items: Callable[[World, str], Body]) -> Body:  # fmt: skip
    """Replace ids by the objects they name, along each path (`data.latest_charge.balance_transaction`)."""
    for path in paths:
        parts = path.split(".")
        if len(parts) > 4 + (body.get("object") == "list"):
            raise Refused(400, f"Property {path[:80]} is too deep to be expanded.", param="expand")
        if body.get("object") == "list":
            if parts[0] != "data" or len(parts) == 1:
                raise Refused(400, f"This property cannot be expanded ({path[:80]}).", param="expand")
            for item in body["data"]:
                _along(world, item, parts[1:], path, look_up, line_items)
        else:
            _along(world, body, parts, path, look_up, line_items)
    return body


def _along(world: World, body: Body, parts: list[str], path: str, look_up: Callable[[World, str], Body | None],
           line_items: Callable[[World, str], Body]) -> None:  # fmt: skip
    name = parts[0]
    if name not in EXPANDABLE.get(str(body.get("object")), ()):
        raise Refused(400, f"This property cannot be expanded ({path[:80]}).", param="expand")
    if name == "line_items":
        body[name] = line_items(world, body["id"])
        return
    if isinstance(body.get(name), str):
        body[name] = look_up(world, body[name]) or body[name]
    if len(parts) > 1 and isinstance(body.get(name), dict):
        _along(world, body[name], parts[1:], path, look_up, line_items)
