"""The same rows for every build: made once, taken back to each build's schema by the migrations, and copied."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from tests.benchmarks.paired.builds import Build, alembic
from tests.support.postgres import recreate
from webapp.launcher.postgres_server import OWNER_ROLE, SUPERUSER, Server

NOT_OURS = ("alembic_version", "procrastinate%", "floor_%")
COLUMNS = """
SELECT c.table_name, c.column_name FROM information_schema.columns AS c
JOIN information_schema.tables AS t USING (table_schema, table_name)
WHERE table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER'
  AND NOT table_name LIKE ANY (%s) ORDER BY c.table_name, c.ordinal_position
"""
COUNTERS = """
SELECT s.relname, t.relname, a.attname FROM pg_class AS s
JOIN pg_depend AS d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
JOIN pg_class AS t ON t.oid = d.refobjid JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE s.relkind = 'S' AND t.relnamespace = 'public'::regnamespace
"""
Columns = dict[str, list[str]]


def fill(build: Build, source: str, ours: Build) -> None:
    """Put the rows of the database `source` into a build's own; `ours` is the build whose migrations made `source`.

    What a build has no column for is left out; what only it has keeps its default.
    """
    wanted = _revision(build.server, build.database)
    if _revision(build.server, source) != wanted:
        before = f"{source}_at_{wanted}"
        with psycopg.connect(build.server.superuser_url, autocommit=True) as admin:
            recreate(admin, before, source)
        owner = {**ours.environment(), "DATABASE_OWNER_URL": build.server.url(OWNER_ROLE, before)}
        alembic(ours.folder, ours.python, owner, "downgrade", wanted)
        source = before
    with (
        psycopg.connect(build.server.url(SUPERUSER, source)) as giver,
        psycopg.connect(build.server.url(SUPERUSER, build.database), autocommit=True) as taker,
    ):
        _copy(giver, taker)


def _copy(giver: psycopg.Connection[Any], taker: psycopg.Connection[Any]) -> None:
    taker.execute(
        "SET session_replication_role = replica"
    )  # neither guards nor foreign keys: rows come in any order
    have, want = _columns(giver), _columns(taker)
    shared = {table: [name for name in want[table] if name in have[table]] for table in want if table in have}
    taker.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(map(sql.Identifier, shared))))
    for table, names in shared.items():
        what = sql.SQL("{} ({})").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
        )
        with (
            giver.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(what)) as out,
            taker.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(what)) as into,
        ):
            for part in out:
                into.write(part)
    for counter, table, column in taker.execute(COUNTERS).fetchall():
        if str(table) in shared:
            last = sql.SQL("SELECT setval({}, greatest(1, (SELECT max({}) FROM {})))").format(
                sql.Literal(str(counter)), sql.Identifier(str(column)), sql.Identifier(str(table))
            )
            taker.execute(last)
    taker.execute("VACUUM ANALYZE")


def _columns(at: psycopg.Connection[Any]) -> Columns:
    found: Columns = {}
    for table, column in at.execute(COLUMNS, [list(NOT_OURS)]).fetchall():
        found.setdefault(str(table), []).append(str(column))
    return found


def _revision(server: Server, database: str) -> str:
    with psycopg.connect(server.url(SUPERUSER, database)) as at:
        found = at.execute("SELECT version_num FROM alembic_version").fetchone()
    assert found is not None
    return str(found[0])
