"""The files of a pack: kept under their hash, and named as their owner named them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from flask_babel import format_decimal
from flask_babel import gettext as _

from webapp.core import limits, storage
from webapp.core.errors import Invalid
from webapp.submissions.models import Submission

MOST_FILES = 20


@dataclass(frozen=True)
class Upload:
    """A file as it arrived: the name its owner gave it, and its bytes."""

    filename: str
    stream: IO[bytes]


@dataclass(frozen=True)
class Kept:
    """A file that was accepted: its cleaned name and its stored content."""

    filename: str
    blob: storage.Blob


def keep(uploads: Sequence[Upload], *, person_id: int) -> list[Kept]:
    """Store the contents, each counted against its owner's limit. Raises Invalid naming the file at fault."""
    if len(uploads) > MOST_FILES:
        raise _too_many()
    kept = []
    for upload in uploads:
        limits.before_upload(person_id)
        name = storage.clean_filename(upload.filename)
        upload.stream.seek(0)
        try:
            kept.append(Kept(name, storage.store(upload.stream, upload.filename)))
        except storage.FileRefused as refused:
            raise Invalid(
                _("“%(file)s” was not accepted. %(why)s", file=name, why=str(refused.sentence)), field="files"
            ) from refused
    return kept


def check_count(count: int) -> None:
    """Refuse a pack with more files than a reviewer can be asked to open."""
    if count > MOST_FILES:
        raise _too_many()


def _too_many() -> Invalid:
    return Invalid(_("A version holds at most %(most)s files.", most=MOST_FILES), field="files")


def sha256(submission: Submission) -> str:
    """The hash of what is handed in: note, links, and each file's name, hash and size."""
    pack = {
        "note": submission.note,
        "links": submission.links,
        "files": [[file.filename, file.sha256, file.size] for file in submission.files],
    }
    return hashlib.sha256(
        json.dumps(pack, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()


def size_words(size: int) -> str:
    """A number of bytes as a reader writes it."""
    if size < 1_000:
        return str(_("%(size)s bytes", size=size))
    if size < 1_000_000:
        return str(_("%(size)s KB", size=format_decimal(round(size / 1_000))))
    return str(_("%(size)s MB", size=format_decimal(round(size / 1_000_000, 1))))
