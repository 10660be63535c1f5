"""What a file is called on its way in, and how it leaves."""

from __future__ import annotations

from email.message import Message
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.files import blobs
from webapp.core.files.blobs import clean_filename, content_disposition


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
