"""The front page and the help page, for everybody."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from tests.support import people as cast
from webapp.core.database.transactions import unit_of_work
from workflows import LAWS


def test_the_front_page_shows_a_real_open_posting_and_does_without_one(
    app: Flask, client: FlaskClient
) -> None:
    assert "Open now" not in cast.visible_text(client.get("/"))
    with app.app_context(), unit_of_work():
        cast.posting(title="Count the boats")
        cast.posting(title="Hidden words", state="draft")
    text = cast.visible_text(client.get("/"))
    assert "Count the boats" in text
    assert "$15.00 per hour" in text
    assert "Hidden words" not in text


def test_somebody_signed_in_is_led_from_the_front_page_to_what_waits(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        who = cast.intern().id
    answer = cast.signed_in(app, who).get("/")
    assert (answer.status_code, answer.location) == (303, "/home")


def test_help_tells_every_move_of_the_law_book_that_runs_in_both_languages(
    app: Flask, client: FlaskClient
) -> None:
    features = app.extensions["slices"]
    assert set(features.kinds) == set(LAWS), "each machine has a name: Labels(kinds=…) of its feature"
    for law in LAWS.values():
        for move in law.moves:
            sentence = features.history[f"{law.name}.{move}"]
            assert "%(" not in str(sentence % {"who": ""}), "a move's sentence uses %(who)s only"
    guarded = sum(len(moves) for moves in features.guards.values())
    page = client.get("/help").get_data(as_text=True)
    sentences = page.count('class="states-way"')
    assert sentences == guarded
    assert "The employer&#39;s owner published the posting." in page
    assert "%(" not in page
    vietnamese = client.get("/help", headers={"Accept-Language": "vi"})
    assert vietnamese.status_code == 200
    assert 'lang="vi"' in vietnamese.get_data(as_text=True)


def test_help_says_the_clocks_of_the_programme_as_they_are_set(app: Flask, client: FlaskClient) -> None:
    assert "7 days, and once 7 more" in cast.visible_text(client.get("/help"))
    with app.app_context(), unit_of_work():
        from webapp.organisations.models import DEFAULT_CLOCKS

        cast.programme(clocks={**DEFAULT_CLOCKS, "review_days": 4})
    assert "4 days, and once 7 more" in cast.visible_text(client.get("/help"))
