"""A hundred thousand rows of what others have: copies of the rows that are there, each with keys of its own.

They are put in with triggers and foreign keys switched off: what is tried is how the database finds rows among them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import psycopg
from psycopg import sql

ROWS = 100_000
B = "10000000 + n"  # the key of copy n: no row of a test has it


@dataclass(frozen=True)
class Copies:
    """Which rows of a table are copied, how often, and what differs from copy to copy (SQL; `n` counts them)."""

    values: dict[str, str] = field(default_factory=dict)
    where: str = "true"
    rows: int = ROWS


COPIED = {
    "person": Copies(
        {"email": "'many' || n || '@many.example'", "full_name": "md5(n::text)", "deactivated_at": "now()"}
    ),
    "organisation": Copies({"name": "md5(n::text)", "kind": "'employer'"}),
    "programme_settings": Copies({"organisation_id": B}, rows=100),
    "membership": Copies({"organisation_id": B, "person_id": B}),
    "posting": Copies(
        {
            "organisation_id": B,
            "programme_id": f"{B} % 100",
            "created_by_id": B,
            "title": "md5(n::text)",
            "brief": "md5(n::text) || ' ' || md5(title)",
        }
    ),
    "internship": Copies(
        {
            "organisation_id": B,
            "programme_id": f"{B} % 100",
            "posting_id": B,
            "intern_id": B,
            "agreement_id": B,
            "seat": "1",
        },
        "intern_id IS NOT NULL",
    ),
    "application": Copies({"posting_id": B, "intern_id": B}, "internship_id IS NULL"),
    "agreement": Copies({"internship_id": B}),
    "signature": Copies({"agreement_id": B, "person_id": B}),
    "task": Copies({"internship_id": B, "blocked_on_id": "NULL::bigint"}),
    "funding": Copies({"internship_id": B, "agreement_id": B, "payer_id": B, "reference": "'many' || n"}),
    "receipt": Copies({"funding_id": B, "bank_reference": "'many' || n"}),
    "payout": Copies({"internship_id": B, "payee_id": B}, "state = 'paid' AND payee_id IS NOT NULL"),
    "payout_part": Copies({"payout_id": B, "funding_id": B, "charge_id": "NULL::bigint"}),
    "attempt": Copies({"part_id": B, "key": "'many' || n"}, "state = 'succeeded'"),
    "submission": Copies({"internship_id": B, "author_id": B}),
    "deadline": Copies({"subject_id": B, "state": "'fired'"}),
    "notice": Copies({"person_id": B, "key": "'many' || n"}),
    "history_entry": Copies({"root_id": B, "subject_id": B}),
}


def fill(superuser_url: str) -> set[str]:
    """Copy, and let the database count what there is. Says which tables are big now."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for table, copies in COPIED.items():
            copied = connection.execute(_statement(connection, table, copies)).rowcount
            assert copied == copies.rows, f"{table}: no row to copy"
        connection.execute("ANALYZE")
    return {table for table, copies in COPIED.items() if copies.rows > 1_000}


def _statement(connection: psycopg.Connection[tuple[str]], table: str, copies: Copies) -> sql.Composed:
    columns = [
        row[0]
        for row in connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
            " AND is_generated = 'NEVER'",
            [table],
        )
    ]
    values = {"id": B, **copies.values} if "id" in columns else copies.values
    assert set(values) <= set(columns), f"{table} has no such column"
    return sql.SQL(
        "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {values} FROM"
        " (SELECT *, row_number() OVER () AS copy_of, count(*) OVER () AS copies FROM {table} WHERE {where}) AS original"
        " JOIN generate_series(1, {rows}) AS n ON n % copies = copy_of - 1"
    ).format(
        table=sql.Identifier(table),
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        values=sql.SQL(", ").join(
            sql.SQL(values[name]) if name in values else sql.Identifier("original", name) for name in columns
        ),
        where=sql.SQL(copies.where),
        rows=sql.Literal(copies.rows),
    )
