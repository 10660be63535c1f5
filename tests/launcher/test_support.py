"""The fixtures themselves: fresh databases, and an application that is really served."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request

import psycopg
import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page

from tests.support.application import Served
from tests.support.postgres import TestDatabase


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as answered:
        with answered:
            return answered.code


@pytest.mark.parametrize("time", [1, 2])
def test_each_test_has_a_fresh_database(database: TestDatabase, time: int) -> None:
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("CREATE TABLE only_here AS SELECT 1")


def test_what_one_test_wrote_the_client_of_the_next_does_not_meet(
    client: FlaskClient, database: TestDatabase
) -> None:
    with psycopg.connect(database.app_url) as connection:
        assert connection.execute("SELECT to_regclass('only_here')").fetchone() == (None,)
    assert client.get("/").status_code < 500


def test_the_application_is_served_to_many_at_once(live_server: Served) -> None:
    idle = [
        socket.create_connection(("127.0.0.1", int(live_server.url.rsplit(":", 1)[1]))) for _ in range(20)
    ]
    assert status(live_server.url) < 500
    for connection in idle:
        connection.close()


def test_a_browser_opens_the_application(live_server: Served, page: Page) -> None:
    answer = page.goto(live_server.url)
    assert answer is not None
    assert answer.status < 500


def test_no_test_leaves_this_machine() -> None:
    with (
        pytest.raises(RuntimeError, match="tests use no network"),
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as outside,
    ):
        outside.connect(("192.0.2.1", 80))
