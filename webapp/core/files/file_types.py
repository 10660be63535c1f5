"""Which files people may hand in: a short list, by the name's ending AND by what is inside."""

from __future__ import annotations

import codecs
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Literal

import puremagic
from flask_babel import lazy_gettext as _l

from webapp.core.errors import Invalid, Sentence

Code = Literal["empty", "too_large", "kind", "content", "zip_bomb", "macros"]
ZIP_UNPACKED = 100 * 1024 * 1024
ZIP_RATIO = 100
ZIP_ENTRIES = 1_000
# 1,000 entries with names of ordinary length; read before any entry is believed.
ZIP_DIRECTORY = 1024 * 1024
HEAD = 4096


class FileRefused(Invalid):
    """A file that is not kept: `code` for programs, `sentence` for the reader."""

    def __init__(self, code: Code, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.code: Code = code


@dataclass(frozen=True, slots=True)
class FileType:
    """A kind of file that may be kept: what it is served as, and the test its content must pass."""

    media_type: str
    looks_right: Callable[[IO[bytes], bytes], bool]


def _starts_with(media_type: str, *signatures: bytes) -> FileType:
    """Accept a binary kind: its signature at the very start, and a second opinion that agrees."""

    def looks_right(_stream: IO[bytes], head: bytes) -> bool:
        return head.startswith(signatures) and media_type in _recognised(head)

    return FileType(media_type, looks_right)


def _recognised(head: bytes) -> set[str]:
    try:
        return {match.mime_type for match in puremagic.magic_string(head)}
    except puremagic.PureError:
        return set()


def _is_png(stream: IO[bytes], head: bytes) -> bool:
    """Walk the chunks: a picture ends where it says it ends, so nothing can ride behind it."""
    if not head.startswith(b"\x89PNG\r\n\x1a\n") or head[12:16] != b"IHDR":
        return False
    stream.seek(8)
    while True:
        start = stream.read(8)
        if len(start) < 8:
            return False
        length, kind = struct.unpack(">I4s", start)
        stream.seek(length + 4, 1)
        if kind == b"IEND":
            end = stream.tell()
            return stream.seek(0, 2) == end


def _is_webp(_stream: IO[bytes], head: bytes) -> bool:
    return head.startswith(b"RIFF") and head[8:15] == b"WEBPVP8"


def _is_mp4(_stream: IO[bytes], head: bytes) -> bool:
    brands = (
        b"isom",
        b"iso2",
        b"iso4",
        b"iso5",
        b"iso6",
        b"avc1",
        b"mp41",
        b"mp42",
        b"M4V ",
        b"dash",
        b"MSNV",
    )
    return head[4:8] == b"ftyp" and head[8:12] in brands


def _is_mp3(_stream: IO[bytes], head: bytes) -> bool:
    if head.startswith(b"ID3"):
        return True
    if len(head) < 4:
        return False
    # Frame header: 11 bits of sync, layer III, and neither bit rate nor sampling rate reserved.
    return head[0] == 0xFF and head[1] & 0xE6 == 0xE2 and head[2] & 0xF0 != 0xF0 and head[2] & 0x0C != 0x0C


# What a browser or a shell would take for something to run, however the file is called.
_ACTIVE = re.compile(
    rb"\s*(?:#!|<\?xml|<\?php|<!doctype|<!--|<(?:html|head|body|script|svg|iframe|object)\b)", re.I
)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def _is_text(stream: IO[bytes], head: bytes) -> bool:
    """Tell whether all of it is readable text: UTF-8, or UTF-16 with its mark."""
    encoding = "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    if _ACTIVE.match(head.removeprefix(codecs.BOM_UTF8)):
        return False
    decoder = codecs.getincrementaldecoder(encoding)()
    stream.seek(0)
    try:
        while piece := stream.read(1 << 16):
            text = decoder.decode(piece)
            if _CONTROLS.search(text):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _text(media_type: str) -> FileType:
    return FileType(media_type, _is_text)


def _zip(media_type: str, *needed: str, mimetype: bool = False) -> FileType:
    """Accept an archive within the limits that holds these entries, or names its type in the first."""

    def looks_right(stream: IO[bytes], head: bytes) -> bool:
        if not head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return False
        check_zip(stream)
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
            if any(name.casefold().endswith("vbaproject.bin") for name in names) and needed:
                raise FileRefused("macros", _l("This document contains macros. Save it without macros."))
            if mimetype:
                return _names_itself(archive, media_type)
            return names.issuperset(needed)

    return FileType(media_type, looks_right)


def _names_itself(archive: zipfile.ZipFile, media_type: str) -> bool:
    """Tell whether the first entry is the plain text of the media type, as OpenDocument asks."""
    first = archive.infolist()[:1]
    if [entry.filename for entry in first] != ["mimetype"] or first[0].file_size != len(media_type):
        return False
    try:
        return archive.read(first[0]) == media_type.encode()
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, OSError):
        return False


def _zip_refused() -> FileRefused:
    return FileRefused(
        "zip_bomb",
        _l(
            "This archive contains too much: at most 1,000 files and 100 MB when unpacked. Hand it in as smaller archives."
        ),
    )


def check_zip(stream: IO[bytes]) -> None:
    """Refuse an archive that would flood the computer that opens it; nothing is unpacked here.

    Raises FileRefused `zip_bomb`, or `content` for one that is damaged or plays tricks with its directory.
    """
    damaged = FileRefused("content", _l("This archive is damaged or of a kind we cannot check."))
    size = stream.seek(0, 2)
    stream.seek(max(0, size - 65_558))
    tail = stream.read()
    at = (
        len(tail) - 22
        if tail[-22:-18] == b"PK\x05\x06" and tail.endswith(b"\0\0")
        else tail.rfind(b"PK\x05\x06")
    )
    if at < 0 or len(tail) - at < 22 or tail[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
        raise damaged
    count, directory_size = struct.unpack("<HI", tail[at + 10 : at + 16])
    if count > ZIP_ENTRIES or directory_size > ZIP_DIRECTORY:
        raise _zip_refused()
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, struct.error, NotImplementedError) as error:
        raise damaged from error
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > ZIP_ENTRIES or unpacked > ZIP_UNPACKED or unpacked > ZIP_RATIO * max(packed, 1):
        raise _zip_refused()
    if entries and min(entry.header_offset for entry in entries) != 0:
        raise damaged
    # Entries that share their bytes unpack to far more than the file holds.
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise _zip_refused()
        end = entry.header_offset + 30 + entry.compress_size


_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."

FILE_TYPES: dict[str, FileType] = {
    "pdf": _starts_with("application/pdf", b"%PDF-"),
    "png": FileType("image/png", _is_png),
    "jpg": _starts_with("image/jpeg", b"\xff\xd8\xff"),
    "jpeg": _starts_with("image/jpeg", b"\xff\xd8\xff"),
    "webp": FileType("image/webp", _is_webp),
    "gif": _starts_with("image/gif", b"GIF87a", b"GIF89a"),
    "txt": _text("text/plain"),
    "md": _text("text/markdown"),
    "csv": _text("text/csv"),
    "json": _text("application/json"),
    "docx": _zip(_OFFICE + "wordprocessingml.document", "[Content_Types].xml", "word/document.xml"),
    "xlsx": _zip(_OFFICE + "spreadsheetml.sheet", "[Content_Types].xml", "xl/workbook.xml"),
    "pptx": _zip(_OFFICE + "presentationml.presentation", "[Content_Types].xml", "ppt/presentation.xml"),
    "odt": _zip(_OPEN + "text", mimetype=True),
    "ods": _zip(_OPEN + "spreadsheet", mimetype=True),
    "odp": _zip(_OPEN + "presentation", mimetype=True),
    "zip": _zip("application/zip"),
    "mp4": FileType("video/mp4", _is_mp4),
    "mp3": FileType("audio/mpeg", _is_mp3),
}
ACCEPT = ",".join(f".{ending}" for ending in FILE_TYPES)
"""For the `accept` attribute of a file field."""


def type_by_name(filename: str) -> FileType:
    """Tell what a file of this name would be; FileRefused `kind` when that is not kept."""
    _stem, dot, ending = filename.rpartition(".")
    file_type = FILE_TYPES.get(ending.casefold()) if dot else None
    if file_type is None:
        raise FileRefused(
            "kind",
            _l(
                "Files of this kind are not accepted. Hand in one of these: %(kinds)s.",
                kinds=", ".join(FILE_TYPES),
            ),
        )
    return file_type


def check_content(stream: IO[bytes], filename: str) -> str:
    """Return the media type of a file whose content is what its name says; raises FileRefused."""
    file_type = type_by_name(filename)
    stream.seek(0)
    head = stream.read(HEAD)
    if not head:
        raise FileRefused("empty", _l("This file is empty."))
    if not file_type.looks_right(stream, head):
        raise FileRefused(
            "content",
            _l(
                "The content doesn't look like a %(ending)s file. Save it again in that format.",
                ending=filename.rpartition(".")[2].lower(),
            ),
        )
    return file_type.media_type
