"""The employer's side: read, rated, shortlisted, rejected or offered."""

from __future__ import annotations

from flask import Response, g
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.applications import policy, queries
from webapp.applications.actions import answers as application_answers
from webapp.applications.forms import (
    OfferForm,
    RatingForm,
    RejectForm,
    chosen_versions,
)
from webapp.applications.models import Application
from webapp.applications.routes.applications import done, shown
from webapp.applications.routes.blueprint import bp, list_address, page_shown
from webapp.core.errors import NotNow
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.security import access
from webapp.core.web import responses
from webapp.core.web.forms import Form, seen_version, whole_number
from webapp.postings.models import Posting


@bp.get("/postings/<int:posting_id>/applications")
@access.allow(load=queries.posting_with_applications, may=policy.watches)
def of_posting(posting: Posting) -> Response:
    """Who applied to a posting; without names until the shortlist."""
    return _list(posting, RejectForm())


@bp.post("/postings/<int:posting_id>/rejections")
@access.allow(load=queries.posting_with_applications, may=policy.judges_for)
def reject_many(posting: Posting) -> Response:
    """Answer several applicants at once."""
    form = RejectForm()
    if form.validate():
        with form.catch_refusals():
            count = application_answers.reject_many(
                posting,
                chosen_versions(),
                actor=g.person,
                reason=form.reason.data,
                text=form.text.data or "",
            )
            say = ngettext("%(num)s applicant was answered.", "%(num)s applicants were answered.", count)
            return responses.done(list_address(posting.id), say=say)
    return _list(posting, form, status=422)


@bp.post("/applications/<int:application_id>/rating")
@access.allow(load=queries.for_viewer, may=policy.judges)
def rate(application: Application) -> Response:
    """Rate an application from 1 to 5."""
    form = RatingForm()
    if not form.validate():
        return shown(application, form, status=422)
    application_answers.rate(application, actor=g.person, rating=int(form.rating.data))
    return done(application, _("Rating saved."))


@bp.post("/applications/<int:application_id>/shortlisting")
@access.allow(load=queries.for_viewer, may=policy.judges)
def shortlist(application: Application) -> Response:
    """Put an applicant on the shortlist."""
    application_answers.shortlist(application, actor=g.person, version=seen_version())
    return done(application, _("Added to the shortlist. The applicant was told."))


@bp.post("/applications/<int:application_id>/unshortlisting")
@access.allow(load=queries.for_viewer, may=policy.judges)
def unshortlist(application: Application) -> Response:
    """Take an applicant off the shortlist."""
    application_answers.unshortlist(application, actor=g.person, version=seen_version())
    return done(application, _("Taken off the shortlist."))


@bp.get("/applications/<int:application_id>/rejection")
@access.allow(load=queries.for_viewer, may=policy.judges)
def rejection(application: Application) -> Response:
    """The reason, before it is sent."""
    return _decide("applications/rejection", application, RejectForm())


@bp.post("/applications/<int:application_id>/rejection")
@access.allow(load=queries.for_viewer, may=policy.judges)
def reject(application: Application) -> Response:
    """Answer no, with a reason."""
    form = RejectForm()
    if not form.validate():
        return _decide("applications/rejection", application, form, status=422)
    application_answers.reject(
        application,
        actor=g.person,
        version=seen_version(),
        reason=form.reason.data,
        text=form.text.data or "",
    )
    return done(application, _("The applicant was answered."))


@bp.get("/applications/<int:application_id>/offer")
@access.allow(load=queries.for_viewer, may=policy.owns)
def offering(application: Application) -> Response:
    """What an offer means, before it is made."""
    return _decide("applications/offer", application, OfferForm())


@bp.post("/applications/<int:application_id>/offer")
@access.allow(load=queries.for_viewer, may=policy.owns)
def offer(application: Application) -> Response:
    """Offer a free seat."""
    form = OfferForm()
    if not form.validate():
        return _decide("applications/offer", application, form, status=422)
    application_answers.offer(application, actor=g.person, version=seen_version(), note=form.note.data or "")
    return done(application, _("The seat is offered and held until the answer."))


def _decide(name: str, application: Application, form: Form, status: int = 200) -> Response:
    row = queries.row(g.person, application)
    move = "offer" if name.endswith("offer") else "reject"
    if move not in row.moves and status == 200:
        refusal = lifecycle.possible_moves(application, g.person).get(move)
        raise refusal.raised() if refusal is not None else NotNow(lifecycle.MOVED_ON)
    return responses.screen(
        name, status=status, row=row, application=application, posting=application.posting, form=form
    )


def _list(posting: Posting, form: Form, status: int = 200) -> Response:
    page = queries.page_of_sent_to(posting, whole_number(page_shown()))
    return responses.screen(
        "applications/of_posting",
        status=status,
        posting=posting,
        page=page,
        rows=queries.rows(g.person, list(page.rows)),
        judging=policy.judges_for(g.person, posting),
        waiting=queries.unjudged(posting),
        form=form,
    )
