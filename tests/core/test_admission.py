"""More is asked than one process can do: who is let in, in which order, and what the others hear."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from tests.support import people as cast
from tests.support import teams
from webapp.core.database.transactions import unit_of_work
from webapp.core.web import admission
from webapp.core.web.admission import ANONYMOUS, FORM, PAGE, PREFETCH, Admission, Gate, Overloaded


@pytest.fixture
def full(app: Flask) -> Iterator[Flask]:
    """No page is let in any more; the other shares have room."""
    known = app.extensions["admission"]
    app.extensions["admission"] = Admission({**admission.SHARES, "pages": 1})
    gate = app.extensions["admission"].gates["pages"]
    gate.enter(PAGE)
    gate._pace = 100.0  # a page takes for ever
    yield app
    app.extensions["admission"] = known


def test_who_has_typed_something_comes_before_readers_and_readers_before_strangers() -> None:
    gate, order = Gate(1), []
    gate.enter(PAGE)

    def ask(name: str, kind: admission.Kind) -> None:
        gate.enter(kind)
        order.append(name)
        gate.leave()

    with ThreadPoolExecutor(4) as people:
        for name, kind in (("stranger", ANONYMOUS), ("reader", PAGE), ("writer", FORM)):
            people.submit(ask, name, kind)
            while all(one.rank != kind.rank for one in gate._queue):
                time.sleep(0.001)
        gate.leave()
    assert order == ["writer", "reader", "stranger"]


def test_nobody_waits_longer_than_they_would_and_a_guess_of_a_browser_never_waits() -> None:
    gate = Gate(1)
    gate.enter(PAGE)
    with pytest.raises(Overloaded):
        gate.enter(PREFETCH)
    gate._pace = 10.0
    began = time.monotonic()
    for kind in (FORM, PAGE, ANONYMOUS):
        with pytest.raises(Overloaded) as refused:
            gate.enter(kind)
        assert refused.value.retry_after == 10
    assert time.monotonic() - began < 1  # refused at once, without a wait
    gate._pace = 0.01
    with pytest.raises(Overloaded):  # it was let to wait, and nobody left
        gate.enter(ANONYMOUS)
    gate.leave()
    gate.enter(PAGE)  # who gave up takes no room


def test_the_pace_follows_what_pages_really_take() -> None:
    now = [0.0]
    gate = Gate(1, clock=lambda: now[0])
    gate.enter(PAGE)
    with ThreadPoolExecutor(40) as people:
        for _ in range(30):
            people.submit(gate.enter, FORM)
        while len(gate._queue) < 30:
            time.sleep(0.001)
        for _ in range(30):
            now[0] += 0.2
            gate.leave()
    assert 0.15 < gate._pace < 0.2


def test_a_page_says_in_the_readers_language_when_to_come_back(full: Flask) -> None:
    answer = full.test_client().get("/postings?q=a", headers={"Accept-Language": "vi,en;q=0.5"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    page = BeautifulSoup(answer.data, "html.parser")
    assert page.html is not None and page.html["lang"] == "vi"
    assert "nhiều" in page.get_text().lower()
    assert page.find("a", href="/postings?q=a") is not None
    chosen = full.test_client()
    chosen.set_cookie("locale", "en")
    again = chosen.get("/", headers={"Accept-Language": "vi"})
    assert "too busy" in again.get_data(as_text=True)


def test_whoever_was_here_before_reads_it_in_the_language_of_their_account(full: Flask) -> None:
    with full.app_context(), unit_of_work():
        address = cast.person("Mai", locale="vi").email
    browser = cast.Browser(full.test_client())
    gate = full.extensions["admission"].gates["pages"]
    gate.leave()
    assert browser.send("/sign-in", email=address, password=cast.PASSWORD).location == "/"
    for spoken in ("vi", "en"):
        if spoken == "en":
            assert browser.send("/language", language="en").status_code == 303
        browser.client.delete_cookie("locale")
        gate.enter(PAGE)
        gate._pace = 100.0
        answer = browser.client.get("/home", headers={"Accept-Language": "vi" if spoken == "en" else "en"})
        assert answer.status_code == 503
        assert f'<html lang="{spoken}"' in answer.get_data(as_text=True)
        gate.leave()
    gate.enter(PAGE)


def test_what_was_typed_can_be_sent_once_more_and_has_its_effect_once(full: Flask) -> None:
    team = teams.build(full)
    browser = team.who(team.intern)
    path = f"/internships/{team.internship}/tasks"
    refused = browser.send(path, title="Ask <the> last stalls", detail="")
    assert refused.status_code == 503
    form = BeautifulSoup(refused.data, "html.parser").find("form")
    assert form is not None and form["action"] == path
    fields = {one["name"]: one["value"] for one in form.find_all("input")}
    assert fields["title"] == "Ask <the> last stalls"
    full.extensions["admission"].gates["pages"].leave()
    for _twice in range(2):
        assert (
            browser.client.post(path, data=fields, headers={"Referer": "http://localhost/"}).status_code
            == 303
        )
    board = browser.get(f"/internships/{team.internship}/board").get_data(as_text=True)
    assert board.count('id="card-') == 3


def test_a_password_is_repeated_on_no_page_and_htmx_leaves_the_screen(full: Flask) -> None:
    client: FlaskClient = full.test_client()
    page = client.post("/sign-in", data={"email": "a@b.example", "password": "paper and jade"})
    assert page.status_code == 503
    assert "paper and jade" not in page.get_data(as_text=True)
    assert "Go back in your browser" in page.get_data(as_text=True)
    part = client.post("/sign-in", data={"email": "a"}, headers={"HX-Request": "true"}).get_data(as_text=True)
    assert 'hx-target="#notices"' in part and "<html" not in part


def test_webhooks_assets_and_health_are_answered_while_pages_are_shed(full: Flask) -> None:
    client = full.test_client()
    assert client.get("/postings").status_code == 503
    assert client.get("/healthz").get_data(as_text=True) == "alive\n"
    assert client.get("/readyz").get_data(as_text=True) == "ready\n"
    assert (
        client.post("/webhooks/stripe/platform", data=b"{}").status_code == 400
    )  # read, and refused for its signature
    assert client.get("/assets/nothing.css").status_code == 404
    for path in ("/healthz", "/readyz"):
        assert "Set-Cookie" not in client.get(path).headers


def test_streams_have_a_share_of_their_own(full: Flask) -> None:
    team = teams.build(full)
    cookie = team.who(team.intern).client
    assert cookie.head(f"/internships/{team.internship}/board/stream").status_code == 200
    assert cookie.get(f"/internships/{team.internship}/board").status_code == 503


def test_readiness_says_when_the_database_is_away(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        database_url = "postgresql:///nothing?host=/nowhere"

    monkeypatch.setitem(app.extensions, "settings", Away())
    assert app.test_client().get("/readyz").status_code == 503
    assert app.test_client().get("/healthz").status_code == 200


def test_whoever_has_hung_up_is_not_worked_for() -> None:
    ours, theirs = socket.socketpair()
    assert not admission.has_left(ours)
    assert not admission.has_left(None)
    theirs.sendall(b"GET")
    assert not admission.has_left(ours)
    theirs.close()
    ours.recv(3)
    assert admission.has_left(ours)
    ours.close()
    assert admission.has_left(ours)


def test_a_gate_lets_all_in_in_the_end_and_never_too_many() -> None:
    gate, lock = Gate(3), threading.Lock()
    inside, most = 0, 0

    def ask(_number: int) -> None:
        nonlocal inside, most
        gate.enter(FORM)
        with lock:
            inside += 1
            most = max(most, inside)
        time.sleep(0.001)
        with lock:
            inside -= 1
        gate.leave()

    with ThreadPoolExecutor(20) as people:
        assert list(people.map(ask, range(200))) == [None] * 200
    assert (most, gate._busy, gate._queue) == (3, 0, [])
