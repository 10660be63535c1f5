"""Many at once: one seat is offered once, one offer is accepted once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from tests.applications.world import World
from tests.support import people as cast
from webapp.applications.models import Application
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle.history import broken_entries, of_root
from webapp.fundings.models import Funding
from webapp.internships.models import Agreement, Internship
from webapp.postings.models import Posting

AT_ONCE = 50


def all_at_once(browsers: list[cast.Browser], urls: list[str], **fields: Any) -> list[Any]:
    """Send these forms from as many threads, all waiting for the same starting shot."""
    tokens = [browser.token() for browser in browsers]
    shot = Barrier(len(urls))

    def post(number: int) -> Any:
        shot.wait(30)
        data = {"csrf_token": tokens[number], "operation_id": str(uuid4()), **fields}
        return browsers[number].client.post(urls[number], data=data)

    with ThreadPoolExecutor(len(urls)) as threads:
        return list(threads.map(post, range(len(urls))))


@pytest.mark.abuse(8)
@pytest.mark.move("application.offer")
def test_fifty_parallel_offers_on_one_free_seat_make_one_offer(app: Flask) -> None:
    world = World(app, seats=1)
    with app.test_request_context(), unit_of_work():
        posting = db.session.get_one(Posting, world.posting)
        sent = [cast.application(posting, cast.intern(f"Intern {n}")).id for n in range(AT_ONCE)]
    owner = world.as_(world.owner)
    browsers = [copy_of(app, owner) for _ in sent]
    answers = all_at_once(
        browsers, [f"/applications/{application_id}/offer" for application_id in sent], version=1
    )

    codes = sorted({answer.status_code for answer in answers})
    assert codes in ([303, 409], [303, 409, 503]), codes
    with app.app_context():
        offered = list(db.session.scalars(db.select(Application).where(Application.state == "offered")))
        assert len(offered) == 1
        moves = [entry.move for entry in of_root("posting", world.posting)]
        assert moves.count("offer") == 1
        assert broken_entries([db.session.get_one(Posting, world.posting)]) == []
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert "No seat is free" in cast.visible_text(refused)


@pytest.mark.abuse(8)
@pytest.mark.move("application.accept")
def test_fifty_parallel_accepts_of_one_offer_make_one_match(app: Flask) -> None:
    world = World(app, seats=1)
    sent = world.applied(world.lan)
    assert world.as_(world.owner).send(f"/applications/{sent}/offer", version=1).status_code == 303
    lan = world.as_(world.lan)
    browsers = [copy_of(app, lan) for _ in range(AT_ONCE)]
    answers = all_at_once(browsers, [f"/applications/{sent}/acceptance"] * AT_ONCE, version=2)

    assert [answer.status_code for answer in answers].count(303) == 1
    with app.app_context():
        seat = db.session.scalars(db.select(Internship)).one()
        assert (seat.state, seat.intern_id) == ("matched", world.lan)
        assert db.session.scalar(db.select(db.func.count()).select_from(Agreement)) == 1
        assert db.session.scalar(db.select(db.func.count()).select_from(Funding)) == 1
        assert [entry.move for entry in of_root("internship", seat.id)].count("match") == 1
        assert db.session.get_one(Posting, world.posting).state in ("closing", "closed")


@pytest.mark.abuse(8)
def test_the_same_form_sent_twice_has_one_effect(app: Flask) -> None:
    world = World(app, seats=1)
    sent = world.applied(world.lan)
    owner = world.as_(world.owner)
    page = owner.get(f"/applications/{sent}/offer").get_data(as_text=True)
    op = re.findall(r'name="operation_id" value="([^"]+)"', page)[-1]
    first = owner.send(f"/applications/{sent}/offer", operation_id=op, version=1)
    second = owner.send(f"/applications/{sent}/offer", operation_id=op, version=1)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    with app.app_context():
        moves = [entry.move for entry in of_root("posting", world.posting)]
        assert moves.count("offer") == 1


def copy_of(app: Flask, browser: cast.Browser) -> cast.Browser:
    """Another tab of the same session."""
    with browser.client.session_transaction() as kept:
        cookie = dict(kept)
    client = app.test_client()
    with client.session_transaction() as other:
        other.update(cookie)
    return cast.Browser(client)
