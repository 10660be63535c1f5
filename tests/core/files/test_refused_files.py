"""Files that are not what they say, or are too large, are refused and leave nothing."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.files.examples import ELF, EXE, GIF, GOOD, HTML, PDF, PNG, SVG, archive, office, opendocument
from tests.core.files.storing import on_disk, refused, store
from webapp.core.files import blobs
from webapp.core.files.blobs import FileRefused
from webapp.core.files.file_types import FILE_TYPES

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
