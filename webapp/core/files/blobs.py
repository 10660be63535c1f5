"""Files by what they contain: stored under their SHA-256, never changed, served as attachments only.

All web servers share one folder (`Settings.files`). Order of storing: temporary file, hash, checks, fsync,
rename; the caller then writes the row that names the blob.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, cast
from urllib.parse import quote

from flask import current_app
from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.core.config import Settings
from webapp.core.errors import NotThere
from webapp.core.files.file_types import ACCEPT, FileRefused, check_content, type_by_name

__all__ = [
    "ACCEPT",
    "MAX_FILE",
    "Blob",
    "FileRefused",
    "attachment_headers",
    "clean_filename",
    "content_disposition",
    "open_blob",
    "size_words",
    "store",
    "sweep",
]

MAX_FILE = 25 * 1024 * 1024
LONGEST_NAME = 120
MOST_READ = 1_000
_PIECE = 1 << 16
_SHA256 = re.compile("[0-9a-f]{64}")
_INCOMING = "incoming"
UNNAMED = "file"


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored content: its SHA-256 in hex, its size in bytes, and what it is."""

    sha256: str
    size: int
    media_type: str


def store(stream: IO[bytes], filename: str, *, most: int = MAX_FILE) -> Blob:
    """Store what the stream holds, if it is what its name says and not larger than `most` bytes.

    The same content twice is stored once. Raises FileRefused; nothing is left behind then.
    """
    name = clean_filename(filename)
    type_by_name(name)
    descriptor, path = tempfile.mkstemp(dir=_incoming())
    temporary = Path(path)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            digest, size = _copy(stream, file, most)
            media_type = check_content(file, name)
            file.flush()
            os.fsync(file.fileno())
        destination = _path_of(digest)
        destination.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Renaming over the same content is safe, and makes it young again for the sweep.
        with _locked(fcntl.LOCK_SH):
            temporary.replace(destination)
        _sync_folder(destination.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return Blob(digest, size, media_type)


def _copy(stream: IO[bytes], file: IO[bytes], most: int) -> tuple[str, int]:
    digest = hashlib.sha256()
    size = 0
    while piece := stream.read(_PIECE):
        size += len(piece)
        if size > most:
            raise FileRefused(
                "too_large", _l("This file is larger than %(most)s MB.", most=max(1, most // (1024 * 1024)))
            )
        digest.update(piece)
        file.write(piece)
    return digest.hexdigest(), size


@contextmanager
def _locked(how: int) -> Iterator[None]:
    """Stops the sweep from removing an old content in the instant in which it is handed in again."""
    descriptor = os.open(_incoming(), os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _folder() -> Path:
    return cast(Settings, current_app.extensions["settings"]).files


def _incoming() -> Path:
    """Where uploads are written, and what is locked; made again where a restored backup left it out, being empty."""
    folder = _folder() / _INCOMING
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _path_of(sha256: str) -> Path:
    if not _SHA256.fullmatch(sha256):
        raise NotThere
    return _folder() / sha256[:2] / sha256[2:4] / sha256


def open_blob(sha256: str) -> IO[bytes]:
    """Open a stored content for reading; raises NotThere. The caller has asked whether this person may."""
    try:
        return _path_of(sha256).open("rb")
    except FileNotFoundError:
        raise NotThere from None


def clean_filename(raw: str) -> str:
    """Make a name that is only a name: no folder, no control or direction characters, not too long."""
    if len(raw) > 2 * MOST_READ:  # normalising costs the square of the length; the ending is what counts
        raw = raw[:MOST_READ] + raw[-MOST_READ:]
    name = unicodedata.normalize("NFC", raw.encode("utf-8", "replace").decode())
    name = re.split(r"[/\\]", name)[-1]
    # Cc: NUL, CR, LF. Cf: direction overrides, zero-width. Cs, Co, Cn: nothing anybody can read.
    name = "".join(sign for sign in name if not unicodedata.category(sign).startswith("C"))
    name = re.sub(r'[<>:"|?*]', "_", name)
    name = re.sub(r"\s+", " ", name).strip(" .")
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    ending = ending[:16]
    room = LONGEST_NAME - len(ending) - 1
    stem = stem[:room].rstrip(" .") or UNNAMED
    if re.fullmatch(r"con|prn|aux|nul|com[0-9]|lpt[0-9]", stem, re.I):
        stem = f"_{stem}"
    return f"{stem}.{ending}" if ending else stem


def content_disposition(filename: str) -> str:
    """Write the header for a download (RFC 6266): a plain name for old readers, then the true one."""
    name = clean_filename(filename)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r'["\\%;]', "_", plain).strip(" .") or UNNAMED
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def attachment_headers(filename: str, media_type: str) -> dict[str, str]:
    """Give the headers with which any blob leaves the house: saved, never shown, never guessed at."""
    return {
        "Content-Type": media_type,
        "Content-Disposition": content_disposition(filename),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }


def size_words(size: int) -> str:
    """A number of bytes as a reader writes it."""
    if size < 1_000:
        return str(_("%(size)s bytes", size=size))
    if size < 1_000_000:
        return str(_("%(size)s KB", size=format_decimal(round(size / 1_000))))
    return str(_("%(size)s MB", size=format_decimal(round(size / 1_000_000, 1))))


def sweep(is_named: Callable[[str], bool], *, older_than: timedelta = timedelta(days=1)) -> int:
    """Remove contents that no row names and uploads that never ended; return how many.

    Young ones stay: their row may not be committed yet.
    """
    limit = time.time() - older_than.total_seconds()
    removed = 0
    for path in _stored():
        if _is_old(path, limit) and (path.parent.name == _INCOMING or not is_named(path.name)):
            removed += _remove(path, limit)
    return removed


def _is_old(path: Path, limit: float) -> bool:
    """Was it written before `limit`? One that has gone meanwhile, as uploads do when they end, was not."""
    try:
        return path.stat().st_mtime < limit
    except FileNotFoundError:
        return False


def _remove(path: Path, limit: float) -> bool:
    with _locked(fcntl.LOCK_EX):
        if not _is_old(path, limit):
            return False
        path.unlink(missing_ok=True)
        return True


def _stored() -> Iterator[Path]:
    yield from (path for path in _folder().glob(f"{_INCOMING}/*") if path.is_file())
    yield from (path for path in _folder().glob("??/??/*") if _SHA256.fullmatch(path.name))
