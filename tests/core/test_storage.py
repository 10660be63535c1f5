"""Files are kept by what they hold, refused by what they are, and named safely."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import threading
import time
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.message import Message
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.errors import NotThere
from webapp.core.files import blobs
from webapp.core.files.blobs import FileRefused, clean_filename, content_disposition
from webapp.core.files.file_types import FILE_TYPES


@dataclass
class Here:
    """The one setting that storage reads."""

    files: Path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    app = Flask("storage")
    app.extensions["settings"] = Here(tmp_path / "files")
    Babel(app)
    with app.app_context():
        yield tmp_path / "files"


def store(content: bytes, name: str, **limits: int) -> blobs.Blob:
    return blobs.store(io.BytesIO(content), name, **limits)


def refused(content: bytes, name: str, **limits: int) -> str:
    with pytest.raises(FileRefused) as caught:
        store(content, name, **limits)
    assert caught.value.status == 422
    assert len(str(caught.value.sentence)) > 15
    return caught.value.code


def on_disk(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0\0"))
    + chunk(b"IEND", b"")
)
JPG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
GIF = b"GIF89a\x01\0\x01\0\0\0\0\x3b"
WEBP = b"RIFF\x24\0\0\0WEBPVP8 " + bytes(24)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
MP4 = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"
EXE = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff" + bytes(60)
ELF = b"\x7fELF\x02\x01\x01" + bytes(60)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"


def archive(*entries: tuple[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", how) as archive_file:
        for name, content in entries:
            archive_file.writestr(name, content)
    return packed.getvalue()


def office(part: str) -> bytes:
    return archive(("[Content_Types].xml", b"<Types/>"), (part, b"<x/>"))


def opendocument(kind: str) -> bytes:
    return archive(
        ("mimetype", f"application/vnd.oasis.opendocument.{kind}".encode()),
        ("content.xml", b"<x/>"),
        how=zipfile.ZIP_STORED,
    )


GOOD = {
    "pdf": PDF,
    "png": PNG,
    "jpg": JPG,
    "jpeg": JPG,
    "gif": GIF,
    "webp": WEBP,
    "txt": "Xin chào\n".encode(),
    "md": b"# Title\n\nText with <b>HTML</b> in it.\n",
    "csv": b"\xef\xbb\xbfa,b\r\n1,2\r\n",
    "json": b'{"a": [1, 2]}',
    "docx": office("word/document.xml"),
    "xlsx": office("xl/workbook.xml"),
    "pptx": office("ppt/presentation.xml"),
    "odt": opendocument("text"),
    "ods": opendocument("spreadsheet"),
    "odp": opendocument("presentation"),
    "zip": archive(("a.txt", b"hello")),
    "mp4": MP4,
    "mp3": b"ID3\x04\0\0\0\0\0\0" + bytes(20),
}


def test_there_is_a_good_example_of_each_accepted_kind() -> None:
    assert set(GOOD) == set(FILE_TYPES)


@pytest.mark.parametrize("ending", GOOD)
def test_a_good_file_is_stored_under_its_hash(folder: Path, ending: str) -> None:
    blob = store(GOOD[ending], f"Report.{ending.upper()}")
    digest = hashlib.sha256(GOOD[ending]).hexdigest()
    assert (blob.sha256, blob.size, blob.media_type) == (
        digest,
        len(GOOD[ending]),
        FILE_TYPES[ending].media_type,
    )
    assert on_disk(folder) == [folder / digest[:2] / digest[2:4] / digest]
    with blobs.open_blob(digest) as kept:
        assert kept.read() == GOOD[ending]


def test_the_same_content_is_stored_once(folder: Path) -> None:
    assert store(PDF, "one.pdf") == store(PDF, "two.pdf")
    assert len(on_disk(folder)) == 1


def test_twenty_who_hand_in_the_same_file_at_once_store_it_once(folder: Path) -> None:
    app = Flask("many")
    app.extensions["settings"] = Here(folder)
    start = threading.Barrier(20)
    stored: list[blobs.Blob] = []

    def hand_in() -> None:
        with app.app_context():
            start.wait()
            stored.append(store(PDF, "same.pdf"))

    threads = [threading.Thread(target=hand_in) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stored) == 20
    assert len(set(stored)) == len(on_disk(folder)) == 1


CORPUS = {
    "page.html": (HTML, "kind"),
    "page.htm": (HTML, "kind"),
    "picture.svg": (SVG, "kind"),
    "script.js": (b"alert(1)", "kind"),
    "run.exe": (EXE, "kind"),
    "run.sh": (b"#!/bin/sh\n", "kind"),
    "macro.docm": (office("word/document.xml"), "kind"),
    "old.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "kind"),
    "photo.png.exe": (PNG, "kind"),
    "noending": (PDF, "kind"),
    ".pdf/": (PDF, "kind"),
    "exe.pdf": (EXE, "content"),
    "elf.zip": (ELF, "content"),
    "exe.png": (EXE, "content"),
    "html.pdf": (HTML, "content"),
    "html.png": (HTML, "content"),
    "html.txt": (HTML, "content"),
    "html.md": (b"\n\n  <html>", "content"),
    "comment.md": (b"<!-- x --><script>", "content"),
    "svg.txt": (SVG, "content"),
    "svg.json": (SVG, "content"),
    "svg.jpg": (SVG, "content"),
    "xml.csv": (b'<?xml version="1.0"?><svg/>', "content"),
    "bom.txt": (b"\xef\xbb\xbf" + HTML, "content"),
    "script.txt": (b"#!/bin/sh\nrm", "content"),
    "php.txt": (b"<?php echo 1;", "content"),
    "binary.txt": (b"text\x00more", "content"),
    "latin.txt": (b"caf\xe9", "content"),
    "cut.txt": ("đ".encode()[:1], "content"),
    "late.txt": (b"a" * 200_000 + b"\x00", "content"),
    "pdf.png": (PDF, "content"),
    "png.jpg": (PNG, "content"),
    "gif.webp": (GIF, "content"),
    "avi.webp": (b"RIFF\x24\0\0\0AVI LIST" + bytes(24), "content"),
    "tail.png": (PNG + b"<script>alert(1)</script>", "content"),
    "zip-behind.png": (PNG + archive(("a", b"b")), "content"),
    "cut.png": (PNG[:-6], "content"),
    "late.pdf": (b"junk\n" + PDF, "content"),
    "heic.mp4": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "content"),
    "noise.mp3": (b"\xff\xff\xff\xff", "content"),
    "zip.docx": (archive(("a.txt", b"hello")), "content"),
    "xlsx.docx": (office("xl/workbook.xml"), "content"),
    "ods.odt": (opendocument("spreadsheet"), "content"),
    "docx.odt": (office("word/document.xml"), "content"),
    "macro.docx": (
        archive(("[Content_Types].xml", b""), ("word/document.xml", b""), ("word/vbaProject.bin", b"x")),
        "macros",
    ),
    "self-extracting.zip": (EXE + archive(("a", b"b")), "content"),
    "two.zip": (archive(("a", b"b")) + archive(("c", b"d")), "content"),
    "cut.zip": (archive(("a", b"b" * 500))[:-30], "content"),
    "fake.zip": (b"PK\x03\x04" + bytes(100), "content"),
    "empty.pdf": (b"", "empty"),
    "empty.txt": (b"", "empty"),
}


@pytest.mark.abuse(24)
@pytest.mark.parametrize("name", CORPUS)
def test_a_file_that_is_not_what_it_says_is_refused_and_leaves_nothing(folder: Path, name: str) -> None:
    content, code = CORPUS[name]
    assert refused(content, name) == code
    assert on_disk(folder) == []


@pytest.mark.abuse(25)
def test_a_file_over_the_limit_is_refused_while_it_comes_in(folder: Path) -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"a" * size

    source = Endless()
    with pytest.raises(FileRefused) as caught:
        blobs.store(source, "endless.txt")  # type: ignore[arg-type]
    assert caught.value.code == "too_large"
    assert "25 MB" in str(caught.value.sentence)
    assert source.given <= blobs.MAX_FILE + 2 * (1 << 16)
    assert on_disk(folder) == []


@pytest.mark.abuse(25)
def test_a_file_of_exactly_the_limit_is_kept() -> None:
    assert store(b"a" * 1_000, "a.txt", most=1_000).size == 1_000
    assert refused(b"a" * 1_001, "a.txt", most=1_000) == "too_large"


def many(count: int) -> bytes:
    return archive(*((f"{number}.txt", b"x") for number in range(count)))


def overlapping() -> bytes:
    """Two entries of the directory that point at the same bytes."""
    one = archive(("a.txt", b"hello"), how=zipfile.ZIP_STORED)
    at = one.rindex(b"PK\x05\x06")
    start = one.index(b"PK\x01\x02")
    directory = one[start:at]
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 2, 2, 2 * len(directory), start, 0)
    return one[:start] + directory + directory.replace(b"a.txt", b"b.txt") + end


@pytest.mark.abuse(25)
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (archive(("bomb", bytes(50_000_000))), "zip_bomb"),
        (archive(*((str(n), os.urandom(1_200_000) + bytes(10_000_000)) for n in range(10))), "zip_bomb"),
        (many(1_001), "zip_bomb"),
        (overlapping(), "zip_bomb"),
        (archive(("x" * 60_000, b""), *((f"{n}" + "y" * 60_000, b"") for n in range(20))), "zip_bomb"),
    ],
    ids=["ratio", "sum", "entries", "overlap", "directory"],
)
def test_an_archive_that_would_flood_is_refused(folder: Path, content: bytes, code: str) -> None:
    for ending in ("zip", "docx", "odt"):
        assert refused(content, f"bomb.{ending}") == code
    assert on_disk(folder) == []


@pytest.mark.abuse(25)
def test_an_archive_that_lies_about_its_directory_is_refused() -> None:
    good = archive(("a.txt", b"hello"))
    at = good.rindex(b"PK\x05\x06")
    with_locator = good[:at] + b"PK\x06\x07" + bytes(16) + good[at:]
    assert refused(with_locator, "zip64.zip") == "content"
    assert refused(good[: at + 12] + b"\xff\xff\xff\x7f" + good[at + 16 :], "size.zip") == "zip_bomb"


def test_an_archive_within_the_limits_is_kept() -> None:
    assert store(many(1_000), "many.zip").media_type == "application/zip"
    assert store(archive(("site/index.html", HTML), ("app.js", b"1")), "code.zip").size > 0


@given(st.binary(max_size=300), st.sampled_from(sorted(FILE_TYPES)))
def test_no_bytes_break_the_door(noise: bytes, ending: str) -> None:
    for content in (noise, GOOD[ending][:20] + noise, GOOD[ending][:-8] + noise):
        try:
            kept = store(content, f"x.{ending}")
        except FileRefused:
            continue
        assert kept.media_type == FILE_TYPES[ending].media_type


def test_what_is_not_there_is_not_found() -> None:
    for name in ("0" * 64, "", "../../etc/passwd", "0" * 63 + "\n", "G" * 64, "0" * 64 + "/.."):
        with pytest.raises(NotThere):
            blobs.open_blob(name)


@pytest.mark.abuse(26)
@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/abs/olute.pdf", "olute.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("nul\x00byte.pdf", "nulbyte.pdf"),
        ("..", "file"),
        ("", "file"),
        (" . ", "file"),
        (".htaccess", "htaccess"),
        ("con.txt", "_con.txt"),
        ('a"b<c>.pdf', "a_b_c_.pdf"),
        ("báo  cáo.pdf", "báo cáo.pdf"),
        ("bad\ud800.pdf", "bad_.pdf"),
        ("trailing.pdf. . ", "trailing.pdf"),
    ],
)
def test_a_name_is_only_a_name(raw: str, cleaned: str) -> None:
    assert clean_filename(raw) == cleaned


@pytest.mark.abuse(26)
def test_a_long_name_keeps_its_ending() -> None:
    name = clean_filename("x" * 300 + ".pdf")
    assert name.endswith(".pdf")
    assert len(name) == 120


@given(st.text(max_size=400))
@pytest.mark.abuse(26)
def test_whatever_the_name_the_header_is_one_line_and_gives_the_clean_name_back(raw: str) -> None:
    name = clean_filename(raw)
    assert clean_filename(name) == name
    assert 0 < len(name) <= 120
    assert not set(name) & set('/\\\r\n\0"')
    header = content_disposition(raw)
    assert header.isascii()
    assert header.isprintable()
    assert header.startswith("attachment; ")
    parsed = Message()
    parsed["Content-Disposition"] = header
    assert unquote(header.rpartition("''")[2]) == name
    assert parsed.get_content_disposition() == "attachment"


def test_every_file_leaves_as_an_attachment_that_nobody_guesses_at() -> None:
    headers = blobs.attachment_headers("báo cáo.pdf", "application/pdf")
    assert headers["Content-Disposition"] == (
        "attachment; filename=\"bao cao.pdf\"; filename*=UTF-8''b%C3%A1o%20c%C3%A1o.pdf"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]


def test_the_sweep_takes_only_what_is_old_and_named_by_nobody(folder: Path) -> None:
    named, orphan, young = store(PDF, "a.pdf"), store(PNG, "b.png"), store(GIF, "c.gif")
    left = folder / "incoming" / "tmpleft"
    left.write_bytes(b"half")
    for path in on_disk(folder):
        if path.name != young.sha256:
            os.utime(path, (0, time.time() - 2 * 86_400))
    assert blobs.sweep(lambda sha256: sha256 == named.sha256) == 2
    assert {path.name for path in on_disk(folder)} == {named.sha256, young.sha256}
    with pytest.raises(NotThere):
        blobs.open_blob(orphan.sha256)


def test_the_sweep_goes_on_when_a_file_has_gone_meanwhile(folder: Path) -> None:
    """As when an upload ends, or another server sweeps, between the listing of the folder and the look at the file."""
    shelf = folder / "aa" / "aa"
    shelf.mkdir(parents=True)
    names = ["aaaa" + digit * 60 for digit in "123"]
    for name in names:
        (shelf / name).write_bytes(b"old")
        os.utime(shelf / name, (0, 0))

    def is_named(sha256: str) -> bool:
        for other in set(names) - {sha256}:
            (shelf / other).unlink(missing_ok=True)
        return False

    assert blobs.sweep(is_named) == 1
    assert list(shelf.iterdir()) == []


def test_a_file_handed_in_again_is_young_again(folder: Path) -> None:
    blob = store(PDF, "a.pdf")
    for path in on_disk(folder):
        os.utime(path, (0, 0))
    store(PDF, "again.pdf")
    assert blobs.sweep(lambda _sha256: False) == 0
    assert blobs.sweep(lambda _sha256: False, older_than=timedelta(seconds=-60)) == 1
    with pytest.raises(NotThere):
        blobs.open_blob(blob.sha256)
