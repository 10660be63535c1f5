"""Doors of calendars: the address in one's settings, and what a calendar program reads there."""

from __future__ import annotations

import hashlib

from flask import Blueprint, g, request, url_for
from flask.wrappers import Response
from flask_babel import gettext as _

from webapp.calendars import actions, files, policy, queries
from webapp.core.errors import NotThere
from webapp.core.security import access
from webapp.core.web import responses

bp = Blueprint("calendars", __name__)


@bp.get("/settings/calendar")
@access.allow(may=access.signed_in)
def show() -> Response:
    feed = queries.feed_of(g.person)
    address = files.address_of(feed) if feed is not None else None
    return responses.screen("calendars/show", feed=feed, address=address)


@bp.post("/settings/calendar/address")
@access.allow(may=access.signed_in)
def make_address() -> Response:
    actions.make_address(actor=g.person)
    return responses.done(
        url_for("calendars.show"), say=_("Your address was created. Give it to your calendar app.")
    )


@bp.post("/settings/calendar/address/removal")
@access.allow(may=access.signed_in)
def remove_address() -> Response:
    actions.remove_address(actor=g.person)
    return responses.done(url_for("calendars.show"), say=_("The address was removed and no longer works."))


@bp.get("/calendars/<int:person_id>/<token>.ics")
@access.public
def read(person_id: int, token: str) -> Response:
    """A person's dates, for a program that knows their address and nothing else: no session is looked at."""
    person = queries.reader_at(person_id, token)
    if person is None:
        policy.before_guess(request.remote_addr)
        raise NotThere
    policy.before_calendar(person.id)
    text = files.calendar_of(person, queries.dates_of(person))
    answer = Response(
        text,
        content_type="text/calendar; charset=utf-8",
        # To be asked for each time: an address that was taken back must not live on in a cache.
        headers={"Cache-Control": "private, no-cache"},
    )
    answer.set_etag(hashlib.sha256(text).hexdigest())
    answer.make_conditional(request)
    return answer
