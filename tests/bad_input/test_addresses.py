"""Addresses that nobody was given: numbers that no row has, bytes that no text has, methods that no door knows."""

from __future__ import annotations

import pytest
from werkzeug.routing import Rule

from tests.access.doors import Doors, checksums

NUMBERS = (0, 2**31, 2**63 - 1, 2**63, 10**40)


def _with(rule: Rule, value: object) -> str:
    """The address of a rule with `value` in the place of every number, and nonsense in the place of words."""
    path = rule.rule
    for name in rule.arguments:
        for kind in (f"<int:{name}>", f"<{name}>", f"<path:{name}>"):
            path = path.replace(kind, str(value) if kind.startswith("<int") else "nonsense")
    return path


@pytest.mark.abuse(1)
def test_a_number_that_no_row_has_is_not_there_and_never_an_error(doors: Doors) -> None:
    wrong = []
    before = checksums(doors.app)
    for rule in doors.app.url_map.iter_rules():
        if not rule.arguments:
            continue
        posts = "POST" in (rule.methods or set())
        # Who may most: what they are not shown is not there for anybody.
        person = "owner" if rule.endpoint.startswith("postings") else "operator"
        for number in NUMBERS:
            browser, path = doors.as_(person), _with(rule, number)
            answer = browser.send(path, version="1") if posts else browser.get(path)
            answer.close()
            if answer.status_code not in (404, 405, 410):
                wrong.append(f"{rule.endpoint} {path}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert checksums(doors.app) == before


def test_an_address_that_cannot_be_read_is_not_there(doors: Doors) -> None:
    client = doors.as_("owner").client
    for path in (
        "/postings/%00",
        "/postings/%ff%fe",
        "/postings/-1",
        "/postings/1/../../etc/passwd",
        "/assets/..%2f..%2fwsgi.py",
        "/%e2%80%ae",
    ):
        assert client.get(path).status_code == 404, path
    for query in (
        "hours=NaN",
        "hours=1e308",
        "pay=-1&currency=USD",
        "pay=1e308&currency=USD",
        "currency=XXX&skill=nothing&place=moon",
        "after=99999999999999999999",
        "after=-1",
        "q=" + "x" * 5_000,
        "q=%00",
        "q=%ff",
        "after=%ed%a0%80",
    ):
        answer = client.get(f"/postings?{query}")
        assert answer.status_code in (200, 404, 422), query
    for path in ("/inbox?before=x", "/people?before=9e9&search=%25%25", "/home?x=1&x=2"):
        assert doors.as_("operator").get(path).status_code in (200, 404), path


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_only_looking_and_posting_exist(doors: Doors, method: str) -> None:
    before = checksums(doors.app)
    for path in ("/", "/postings/1", "/finance/payouts/1/approval", "/nowhere"):
        answer = doors.as_("finance").client.open(path, method=method)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, POST, OPTIONS"), path
    assert checksums(doors.app) == before


@pytest.mark.abuse(23)
def test_every_answer_says_how_it_may_be_used(doors: Doors) -> None:
    """The headers of safety on pages, files, redirects, refusals and errors alike."""
    client = doors.as_("finance").client
    work = doors.world.things["submitted"]
    paths = {
        "/": 303,
        "/home": 200,
        "/nowhere": 404,
        "/people": 403,
        f"/submissions/{work['submission_id']}/files/{work['file_id']}": 200,
        "/finance": 200,
    }
    answers = {path: client.get(path) for path in paths}
    answers["post"] = client.post("/settings", data={})
    for path, answer in answers.items():
        answer.close()
        headers = answer.headers
        assert answer.status_code == paths.get(path, 400), path
        assert "default-src 'none'" in headers["Content-Security-Policy"], path
        assert "unsafe" not in headers["Content-Security-Policy"], path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert "no-store" in headers["Cache-Control"], path
        assert headers["Referrer-Policy"] == "same-origin", path
        vary = headers.get("Vary", "")
        assert all(name in vary for name in ("HX-Request", "HX-Request-Type", "Cookie")), path
    for cookie in answers["/home"].headers.getlist("Set-Cookie"):
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
