"""Files as people hand them in: what was chosen in a form, and what of it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO, Any

from flask_babel import gettext as _

from webapp.core.errors import Invalid
from webapp.core.files import blobs
from webapp.core.security import rate_limits


@dataclass(frozen=True)
class Upload:
    """A file as it arrived: the name its owner gave it, and its bytes."""

    filename: str
    stream: IO[bytes]


@dataclass(frozen=True)
class Kept:
    """A file that was accepted: its cleaned name and its stored content."""

    filename: str
    blob: blobs.Blob


def chosen(files: Iterable[Any] | None) -> list[Upload]:
    """The files that were chosen in a field; a browser sends an empty one where none was."""
    return [Upload(file.filename, file.stream) for file in files or [] if getattr(file, "filename", "")]


def keep(uploads: Sequence[Upload], *, person_id: int, field: str = "files") -> list[Kept]:
    """Store the contents, each counted against its owner's limit. Raises Invalid naming the file at fault."""
    kept = []
    for upload in uploads:
        rate_limits.before_upload(person_id)
        name = blobs.clean_filename(upload.filename)
        upload.stream.seek(0)
        try:
            kept.append(Kept(name, blobs.store(upload.stream, upload.filename)))
        except blobs.FileRefused as refused:
            raise Invalid(
                _("“%(file)s” was not accepted. %(why)s", file=name, why=str(refused.sentence)), field=field
            ) from refused
    return kept


def new_among(kept: Sequence[Kept], held: Iterable[Any]) -> list[Kept]:
    """Those of the files that are not held already under the same name with the same content, each once."""
    existing = {(file.filename, file.sha256) for file in held}
    unique = {(upload.filename, upload.blob.sha256): upload for upload in kept}
    return [upload for key, upload in unique.items() if key not in existing]
