"""Files through the door of the browser: what comes in, under which name, and how it goes out again."""

from __future__ import annotations

import gc
import io
import zipfile
import zlib
from typing import Any

import pytest
from sqlalchemy import select

from tests.submissions.handing_in import submissions, work
from tests.support import people as cast
from tests.support.teams import Team
from webapp.core.database.base import db
from webapp.core.security.rate_limits import UPLOADS
from webapp.submissions.models import SubmissionFile


def chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", b"\0\0\0\x01\0\0\0\x01\x08\0\0\0\0")
    + chunk(b"IDAT", zlib.compress(b"\0\0"))
    + chunk(b"IEND", b"")
)
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
HTML = b"<!doctype html><script>alert(1)</script>"
EXE = b"MZ\x90\0" + b"\0" * 60


def zipped(entries: dict[str, bytes]) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return into.getvalue()


BOMB = zipped({"zeros": b"\0" * 50_000_000})
REFUSED: list[tuple[str, bytes]] = [
    ("page.html", HTML),
    ("page.htm", HTML),
    ("page.xhtml", HTML),
    ("drawing.svg", SVG),
    ("script.js", b"alert(1)"),
    ("style.css", b"body{}"),
    ("run.exe", EXE),
    ("run.bat", b"del *"),
    ("run.sh", b"#!/bin/sh\nrm -rf ~"),
    ("run.py", b"import os"),
    ("run.jar", zipped({"A.class": b"\xca\xfe\xba\xbe"})),
    ("letter.docm", zipped({"[Content_Types].xml": b"x"})),
    ("noending", b"hello"),
    (".htaccess", b"Options +ExecCGI"),
    ("page.txt", HTML),
    ("drawing.csv", SVG),
    ("page.pdf", HTML),
    ("page.png", HTML),
    ("drawing.png", SVG),
    ("tail.png", PNG + b"<script>alert(1)</script>"),
    ("cut.png", PNG[:-8]),
    ("photo.jpg", PNG),
    ("photo.png", b"\xff\xd8\xff\xe0" + b"\0" * 40),
    ("letter.docx", zipped({"word/document.xml": b"x"})),
    ("letter.docx.exe", EXE),
    ("program.txt", EXE),
    ("film.mp4", b"not a film"),
    ("song.mp3", b"not a song"),
    ("table.csv", b"a,b\n\x00"),
    ("broken.json", b"\xff\xfe\xff\xff\x00"),
    ("archive.zip", b"PK\x03\x04 and nothing"),
    ("many.zip", zipped({f"{n}.txt": b"" for n in range(1_001)})),
    ("bomb.zip", BOMB),
    ("empty.txt", b""),
]
TAKEN: list[tuple[str, bytes]] = [
    ("table.csv", b"stall,price\n1,30000\n"),
    ("note.txt", "Giá phở: 30.000 ₫".encode()),
    ("dot.png", PNG),
    ("data.json", b'{"a": 1}'),
    ("archive.zip", zipped({"a.txt": b"hello"})),
    ("letter.docx", zipped({"[Content_Types].xml": b"x", "word/document.xml": b"<w/>"})),
]


def send(team: Team, *files: tuple[str, bytes], **fields: Any) -> Any:
    uploads = [(io.BytesIO(content), name) for name, content in files]
    return team.who(team.intern).send(
        work(team), **{"version": 0, "intent": "upload", "note": "My words", "files": uploads, **fields}
    )


def stored(team: Team) -> list[str]:
    folder = team.app.extensions["settings"].files
    return [path.name for path in folder.rglob("*") if path.is_file()]


@pytest.mark.abuse(24)
@pytest.mark.abuse(25)
def test_what_is_forbidden_is_refused_in_words_and_leaves_nothing(team: Team) -> None:
    for name, content in REFUSED:
        answer = send(team, ("good.txt", b"good"), (name, content))
        assert answer.status_code == 422, name
        words = cast.visible_text(answer)
        assert f"“{name.lstrip('.')}” was not accepted." in words or "was not accepted." in words, name
        assert "There is a problem" in words
        assert "My words" in answer.get_data(as_text=True), name
        _start_anew(team)
    assert submissions(team) == []
    assert len(stored(team)) == 1  # the good one, which the sweep takes away tomorrow


def _start_anew(team: Team) -> None:
    """The limit of uploads an hour is another test's matter."""
    from webapp.core.security import rate_limits

    with team.app.app_context():
        for _ in range(2):
            rate_limits.give_back(UPLOADS, team.intern)


@pytest.mark.abuse(24)
def test_what_is_taken_goes_out_as_an_attachment_and_never_as_a_page(team: Team) -> None:
    assert send(team, *TAKEN).status_code == 303
    with team.app.app_context():
        rows = db.session.scalars(select(SubmissionFile).order_by(SubmissionFile.id)).all()
        links = [(f"/submissions/{row.submission_id}/files/{row.id}", row.filename) for row in rows]
    assert [name for _path, name in links] == [name for name, _content in TAKEN]
    intern = team.who(team.intern)
    for (path, name), (_name, content) in zip(links, TAKEN, strict=True):
        answer = intern.get(path)
        assert answer.data == content
        assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{name}"')
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Length"] == str(len(content))
        answer.close()


@pytest.mark.abuse(26)
@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("..\\..\\windows\\system32\\a.txt", "a.txt"),
        ("a\r\nSet-Cookie: x=1.txt", "aSet-Cookie_ x=1.txt"),
        ("evil\u202etxt.csv", "eviltxt.csv"),
        ("nul\x00byte.txt", "nulbyte.txt"),
        ("CON.txt", "_CON.txt"),
        ("x" * 300 + ".txt", "x" * 116 + ".txt"),
        ("báo cáo “cuối”.txt", "báo cáo “cuối”.txt"),
        ('quote".txt', "quote_.txt"),
    ],
)
def test_a_name_is_only_a_name(team: Team, raw: str, kept: str) -> None:
    from webapp.accounts.models import Person
    from webapp.core.database.transactions import unit_of_work
    from webapp.core.files.uploads import Upload
    from webapp.internships.models import Internship
    from webapp.submissions import actions as submission_actions

    # Past the client library, which would tidy such names before they are sent.
    with team.app.app_context(), unit_of_work():
        submission_actions.save(
            db.session.get_one(Internship, team.internship),
            actor=db.session.get_one(Person, team.intern),
            version=0,
            note="",
            links=[],
            uploads=[Upload(raw, io.BytesIO(b"hello"))],
        )
    with team.app.app_context():
        row = db.session.scalars(select(SubmissionFile)).one()
        assert (row.filename, row.sha256 in stored(team)) == (kept, True)
        path = f"/submissions/{row.submission_id}/files/{row.id}"
    answer = team.who(team.intern).get(path)
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert "Set-Cookie" not in answer.headers
    answer.close()


# The test client leaves the temporary file in which it encoded a large form to the collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_file_over_the_limit_is_refused_and_a_whole_request_over_its_limit_too(team: Team) -> None:
    answer = send(team, ("large.txt", b"x" * (25 * 1024 * 1024 + 1)))
    assert answer.status_code == 422
    assert "larger than 25 MB" in cast.visible_text(answer)
    assert send(team, ("large.txt", b"x" * (31 * 1024 * 1024))).status_code == 413
    assert (submissions(team), stored(team)) == ([], [])
    gc.collect()


def test_a_pack_holds_at_most_twenty_files(team: Team) -> None:
    files = [(f"{n}.txt", b"%d" % n) for n in range(21)]
    assert send(team, *files).status_code == 422
    assert submissions(team) == []
    assert send(team, *files[:20]).status_code == 303
    refused = send(team, files[20], version=2)
    assert refused.status_code == 422
    assert "at most 20 files" in cast.visible_text(refused)
    assert submissions(team) == [(1, "draft", 20)]


def test_the_same_file_twice_is_in_the_pack_once(team: Team) -> None:
    assert send(team, ("a.txt", b"same"), ("a.txt", b"same")).status_code == 303
    assert send(team, ("a.txt", b"same"), version=2).status_code == 303
    assert submissions(team) == [(1, "draft", 1)]


def test_too_many_uploads_an_hour_are_refused(team: Team) -> None:
    for turn in range(3):
        files = [(f"{turn}-{n}.txt", b"x") for n in range(20)]
        send(team, *files, intent="save", version=turn)
    assert send(team, ("one-more.txt", b"x"), version=9).status_code == 429
