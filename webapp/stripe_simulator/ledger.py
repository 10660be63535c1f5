"""The books of the simulator: every movement of money is an entry, and a balance is nothing but their sum."""

from __future__ import annotations

import logging
from typing import Any

from psycopg import sql

from . import identifiers
from .refusals import Body, missing
from .state import PLATFORM, World
from .store import Connection, Row

log = logging.getLogger(__name__)
CATEGORIES = {
    "charge": "charge", "payment": "charge", "refund": "refund", "payment_refund": "refund",
    "refund_failure": "refund_failure", "transfer": "transfer", "transfer_refund": "transfer_reversal",
    "payout": "payout", "payout_failure": "payout_reversal", "topup": "topup", "stripe_fee": "fee",
}  # fmt: skip


def book(
    world: World,
    account: str,
    type: str,  # noqa: A002 - Stripe's own word
    amount: int,
    currency: str,
    source: str,
    *,
    fee: int = 0,
    available_on: int | None = None,
    description: str | None = None,
    category: str | None = None,
) -> str:
    """Write one entry and move the running total with it; answers the entry's id."""
    id = identifiers.new("txn")
    world.connection.execute(
        "INSERT INTO entry (id, account, created, available_on, currency, amount, fee, type, category, source,"
        " description) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            id, account, world.now, world.now if available_on is None else available_on, currency, amount, fee,
            type, category or CATEGORIES[type], source, description,
        ],
    )  # fmt: skip
    world.connection.execute(
        "INSERT INTO total VALUES (%s, %s, %s) ON CONFLICT (account, currency)"
        " DO UPDATE SET amount = total.amount + excluded.amount",
        [account, currency, amount - fee],
    )
    return id


def balances(world: World, account: str) -> dict[str, tuple[int, int]]:
    """Currency → (available, pending), in the smallest unit."""
    rows = world.connection.execute(
        "SELECT currency, COALESCE(sum(amount - fee) FILTER (WHERE available_on <= %(now)s), 0)::bigint AS available,"
        " COALESCE(sum(amount - fee) FILTER (WHERE available_on > %(now)s), 0)::bigint AS pending"
        " FROM entry WHERE account = %(account)s GROUP BY currency ORDER BY currency",
        {"now": world.now, "account": account},
    )
    return {row["currency"]: (row["available"], row["pending"]) for row in rows}


def available(world: World, account: str, currency: str) -> int:
    return balances(world, account).get(currency, (0, 0))[0]


def all_of_it(world: World, account: str, currency: str) -> int:
    return sum(balances(world, account).get(currency, (0, 0)))


def disagreements(connection: Connection) -> list[str]:
    """What is wrong with the books; empty when they agree with themselves."""
    wrong = [
        f"{row['account'] or 'platform'} {row['currency']}: total {row['total']}, entries {row['entries']}"
        for row in connection.execute(
            "SELECT account, currency, COALESCE(t.amount, 0) AS total, COALESCE(e.amount, 0)::bigint AS entries"
            " FROM total t FULL JOIN (SELECT account, currency, sum(amount - fee) AS amount FROM entry"
            " GROUP BY account, currency) e USING (account, currency)"
            " WHERE COALESCE(t.amount, 0) <> COALESCE(e.amount, 0)"
        )
    ]
    # What leaves the platform by a transfer arrives at an account, to the unit: both sides together are nothing.
    wrong += [
        f"transfers in {row['currency']} do not cancel out: {row['rest']}"
        for row in connection.execute(
            "SELECT currency, sum(amount)::bigint AS rest FROM entry"
            " WHERE type IN ('transfer', 'transfer_refund') OR (type IN ('payment', 'payment_refund') AND account <> %s)"
            " GROUP BY currency HAVING sum(amount) <> 0",
            [PLATFORM],
        )
    ]
    return wrong


def check(connection: Connection) -> None:
    """The self-check after each request that may have moved money."""
    for sentence in disagreements(connection):
        log.critical("The books of the simulator disagree: %s", sentence)


def as_object(row: Row, now: int) -> Body:
    """An entry as a balance transaction."""
    fees = [
        {
            "amount": row["fee"], "application": None, "currency": row["currency"],
            "description": "Processing fees", "type": "stripe_fee",
        }
    ]  # fmt: skip
    return {
        "id": row["id"],
        "object": "balance_transaction",
        "amount": row["amount"],
        "available_on": row["available_on"],
        "balance_type": "payments",
        "created": row["created"],
        "currency": row["currency"],
        "description": row["description"],
        "exchange_rate": None,
        "fee": row["fee"],
        "fee_details": fees if row["fee"] else [],
        "net": row["amount"] - row["fee"],
        "reporting_category": row["category"],
        "source": row["source"],
        "status": "available" if row["available_on"] <= now else "pending",
        "type": row["type"],
    }


def find_entry(world: World, id: str) -> Row | None:
    return world.connection.execute("SELECT * FROM entry WHERE id = %s", [id]).fetchone()


def retrieve(world: World, id: str) -> Body:
    row = find_entry(world, id)
    if row is None or row["account"] != world.account:
        raise missing("balance_transaction", id, status=404)
    return as_object(row, world.now)


def balance(world: World) -> Body:
    """GET /v1/balance."""
    by_currency = balances(world, world.account) or {"usd": (0, 0)}

    def amounts(which: int) -> list[Body]:
        return [
            {"amount": both[which], "currency": currency, "source_types": {"card": both[which]}}
            for currency, both in by_currency.items()
        ]

    body: Body = {"object": "balance", "available": amounts(0), "livemode": False, "pending": amounts(1)}
    if world.account == PLATFORM:
        body["connect_reserved"] = [{"amount": 0, "currency": currency} for currency in by_currency]
    return body


def make_available(world: World, source: str | None = None) -> int:
    """Control: pending money becomes available now; all of it, or that of one source."""
    where = sql.SQL("source = %(source)s") if source else sql.SQL("TRUE")
    done = world.connection.execute(
        sql.SQL("UPDATE entry SET available_on = %(now)s WHERE available_on > %(now)s AND {}").format(where),
        {"now": world.now, "source": source},
    )
    return done.rowcount


def filters(params: dict[str, Any]) -> dict[str, Any]:
    return {name: params[name] for name in ("source", "type", "currency", "payout") if name in params}
