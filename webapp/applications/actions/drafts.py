"""An application is written and sent."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from webapp.accounts.models import Person
from webapp.applications import mails, policy, queries
from webapp.applications.guards import MEMBERS, NOT_OPEN
from webapp.applications.models import Application
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.errors import NotAllowed, NotNow, Stale
from webapp.core.lifecycle import transitions as lifecycle
from webapp.organisations import queries as organisation_queries
from webapp.postings import policy as posting_policy
from webapp.postings.models import Posting


def begin(posting: Posting, *, actor: Person) -> Application:
    """An intern begins an application, or continues the one begun before."""
    lifecycle.lock(posting)
    if not posting_policy.may_ever_apply(actor, posting):
        raise NotAllowed(MEMBERS)
    before = queries.own_of(actor, posting)
    if before is not None:
        return before
    if posting.state != "open":
        raise NOT_OPEN.raised()
    application = Application(
        posting=posting, intern=actor, answers={}, links=queries.newest_links(actor), begun_at=clock.now()
    )
    lifecycle.begin(application, actor=actor)
    return application


def write(
    application: Application,
    *,
    actor: Person,
    version: int,
    pitch: str,
    answers: Mapping[str, str],
    links: list[str],
) -> None:
    """The intern writes the draft: pitch, an answer to each question (by its id), and links."""
    lifecycle.lock(application)
    if not policy.is_own(actor, application):
        raise NotAllowed
    if version != application.version:
        raise Stale
    if application.state != "draft":
        raise NotNow(_l("What was sent stays as it is."))
    application.pitch, application.answers, application.links = pitch, dict(answers), list(links)
    application.version += 1
    db.session.flush()


def send(application: Application, *, actor: Person, version: int) -> None:
    """The intern sends the application; the employer's clock for an answer starts."""
    lifecycle.lock(application)
    settings = organisation_queries.settings_of(application.posting.programme_id)
    days = ("answer_days", "answer_more_days", "offer_days")
    fields = {
        "sent_at": application.sent_at or clock.now(),
        **{name: settings.clock(name) for name in days},
    }
    lifecycle.advance(application, "send", actor=actor, version=version, fields=fields)
    mails.tell_employer(application, "application_sent")
