"""What happened: snapshot events of v1 and thin ones of v2, each with the deliveries it is owed."""

from __future__ import annotations

import copy
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from . import identifiers
from .config import API_VERSION
from .listing import envelope, narrowed, page
from .refusals import Body, Refused, missing
from .state import PLATFORM, World, iso, put_setting, setting
from .store import Connection, Row


def emit(world: World, type: str, snapshot: Body, account: str = PLATFORM, before: Body | None = None) -> str:  # noqa: A002 - Stripe's own word
    """A snapshot event: the object as it is at this moment. An account's events go to "connected"."""
    id = identifiers.new("evt")
    data: Body = {"object": copy.deepcopy(snapshot)}
    if before:
        data["previous_attributes"] = before
    body: Body = {
        "id": id,
        "object": "event",
        "api_version": API_VERSION,
        "created": world.now,
        "data": data,
        "livemode": False,
        "request": {"id": world.request_id, "idempotency_key": world.key},
        "type": type,
    }
    if account != PLATFORM:
        body["account"] = account
    _write(world, id, type, body, account, thin=False, object_id=snapshot.get("id"))
    return id


def emit_thin(world: World, type: str, account: str, data: Body | None = None) -> str:  # noqa: A002 - Stripe's own word
    """A thin event about an account: who, not what."""
    id = identifiers.new("evt_test")
    body: Body = {
        "id": id,
        "object": "v2.core.event",
        "created": iso(world.now),
        "livemode": False,
        "related_object": {
            "id": account,
            "type": "v2.core.account",
            "url": f"/v2/core/accounts/{account}",
        },
        "type": type,
    }
    if world.request_id:
        request = {"id": world.request_id, "idempotency_key": world.key or ""}
        body["reason"] = {"type": "request", "request": request}
    if data:
        body["data"] = data
    _write(world, id, type, body, PLATFORM, thin=True, object_id=account)
    return id


def _write(
    world: World,
    id: str,
    type: str,  # noqa: A002 - Stripe's own word
    body: Body,
    account: str,
    *,
    thin: bool,
    object_id: str | None,
) -> None:
    world.connection.execute(
        "INSERT INTO event (id, account, created, type, thin, object_id, body) VALUES (%s, %s, %s, %s, %s, %s, %s)",
        [id, account, world.now, type, thin, object_id, Jsonb(body)],
    )
    destination = "thin" if thin else "connected" if account != PLATFORM else "platform"
    times = _copies(world.connection)
    for _ in range(times):
        world.connection.execute(
            "INSERT INTO delivery (event, destination, place, first_due, due) SELECT %s, %s,"
            " COALESCE(max(place), 0) + 1, %s, %s FROM delivery",
            [id, destination, world.now, world.now],
        )


def _copies(connection: Connection) -> int:
    """How often the next event is sent: once, unless the controls drop or duplicate it."""
    times = 1
    for name, copies in (("drop", 0), ("duplicate", None)):
        wish = setting(connection, name)
        if not wish or wish["left"] <= 0:
            continue
        times = wish["copies"] if copies is None else copies
        put_setting(connection, name, {**wish, "left": wish["left"] - 1})
        break
    return times


def pending(connection: Connection, event: str) -> int:
    row = connection.execute(
        "SELECT count(*) AS waiting FROM delivery WHERE event = %s AND outcome IS NULL", [event]
    ).fetchone()
    return int(row["waiting"]) if row else 0


def as_sent(connection: Connection, row: Row) -> Body:
    """The body that a webhook carries: a thin one leaves its data to be fetched."""
    if row["thin"]:
        return {name: value for name, value in row["body"].items() if name not in ("data", "changes")}
    return {**row["body"], "pending_webhooks": pending(connection, row["id"])}


def _shown(world: World, row: Row) -> Body:
    return (
        row["body"]
        if row["thin"]
        else {**row["body"], "pending_webhooks": pending(world.connection, row["id"])}
    )


def retrieve(world: World, id: str, *, thin: bool) -> Body:
    row = world.connection.execute("SELECT * FROM event WHERE id = %s AND thin = %s", [id, thin]).fetchone()
    if row is None or (not thin and row["account"] != world.account):
        if thin:
            raise Refused(404, f"The event {id[:80]} was not found.", code="not_found")
        raise missing("event", id, status=404)
    return _shown(world, row)


def list_v1(world: World, params: dict[str, Any]) -> Body:
    """GET /v1/events: of the asking account, with `type`, `types[]`, `created`, `delivery_success`."""
    where: list[sql.Composable] = [sql.SQL("NOT thin AND account = %s")]
    values: list[Any] = [world.account]
    if "type" in params and "types" in params:
        raise Refused(400, "You may pass only one of type and types.", code="parameters_exclusive")
    if len(params.get("types", [])) > 20:
        raise Refused(400, "You may pass up to 20 types.", param="types")
    types = [params["type"]] if "type" in params else params.get("types")
    if types is not None:
        where.append(sql.SQL("type LIKE ANY (%s)"))
        values.append(
            [
                name.replace("\\", "").replace("_", "\\_").replace("%", "\\%").replace("*", "%")
                for name in types
            ]
        )
    if "delivery_success" in params:
        waits = sql.SQL(
            "EXISTS (SELECT 1 FROM delivery d WHERE d.event = event.id AND d.outcome IS DISTINCT FROM 'delivered')"
        )
        where.append(sql.SQL("NOT {}").format(waits) if params["delivery_success"] else waits)
    narrowed(where, values, params.get("created"))
    rows, has_more = page(world, "event", where, values, params, "event")
    return envelope([_shown(world, row) for row in rows], has_more, "/v1/events")


def list_v2(world: World, params: dict[str, Any]) -> Body:
    """GET /v2/core/events: newest first; `page` is the id after which it goes on."""
    where: list[sql.Composable] = [sql.SQL("thin")]
    values: list[Any] = []
    if "object_id" in params:
        where.append(sql.SQL("object_id = %s"))
        values.append(params["object_id"])
    if params.get("types"):
        where.append(sql.SQL("type = ANY (%s)"))
        values.append(params["types"])
    narrowed(where, values, params.get("created"))
    cursor = {"starting_after": params["page"]} if params.get("page") else {}
    rows, has_more = page(
        world, "event", where, values, {"limit": params.get("limit", 20), **cursor}, "event"
    )
    following = f"/v2/core/events?page={rows[-1]['id']}" if has_more and rows else None
    return {
        "data": [_shown(world, row) for row in rows],
        "next_page_url": following,
        "previous_page_url": None,
    }
