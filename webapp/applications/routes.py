"""Routes of applications."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.applications import actions, guards, policy, queries
from webapp.applications.forms import (
    DeclineForm,
    OfferForm,
    RatingForm,
    RejectForm,
    chosen_versions,
    draft_form,
    links_in,
)
from webapp.applications.models import Application
from webapp.core.errors import Invalid, NotNow
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.security import access
from webapp.core.web import responses
from webapp.core.web.forms import Form, seen_version, whole_number
from webapp.core.web.timeline import older, timeline_of
from webapp.postings.models import Posting
from webapp.recipients import queries as recipient_queries

bp = Blueprint("applications", __name__)


@bp.post("/postings/<int:posting_id>/application")
@access.allow(load=queries.posting_for_viewer, may=policy.may_apply)
def begin(posting: Posting) -> Response:
    """An intern begins an application, or goes on with the one begun before."""
    application = actions.begin(posting, actor=g.person)
    endpoint = "applications.edit" if application.state == "draft" else "applications.show"
    return responses.done(url_for(endpoint, application_id=application.id))


@bp.get("/applications")
@access.allow(may=access.signed_in)
def mine() -> Response:
    """Everything an intern applied to: the stage, the reply-by date, the reason."""
    page = queries.page_of_mine(g.person, whole_number(responses.page_args().get("after")))
    return responses.screen("applications/mine", page=page, rows=queries.rows(g.person, list(page.rows)))


@bp.get("/applications/<int:application_id>")
@access.allow(load=queries.for_viewer, may=access.signed_in)
def show(application: Application) -> Response:
    """One application, as its writer and those who weigh it may see it."""
    return _show(application, RatingForm(data={"rating": str(application.rating or "")}))


@bp.get("/applications/<int:application_id>/draft")
@access.allow(load=queries.for_viewer, may=policy.is_own)
def edit(application: Application) -> Response:
    """The draft, which saves itself."""
    if application.state != "draft":
        return _show(application, RatingForm())
    return _edit(application, draft_form(application))


@bp.post("/applications/<int:application_id>/draft")
@access.allow(load=queries.for_viewer, may=policy.is_own)
def write(application: Application) -> Response:
    """Save the draft."""
    form = draft_form(application)
    if not form.validate():
        return _edit(application, form, status=422)
    actions.write(
        application,
        actor=g.person,
        version=seen_version(),
        pitch=form.pitch.data or "",
        answers=form.answers(),
        links=links_in(form.links.data or ""),
    )
    if request.headers.get("HX-Target") == "autosave":
        return Response(status=204, headers={"X-Version": str(application.version)})
    return responses.done(url_for("applications.check", application_id=application.id), say=_("Draft saved."))


@bp.get("/applications/<int:application_id>/check")
@access.allow(load=queries.for_viewer, may=policy.is_own)
def check(application: Application) -> Response:
    """What was written, before it is sent."""
    if application.state != "draft":
        return _show(application, RatingForm())
    return _check(application, Form())


@bp.post("/applications/<int:application_id>/sending")
@access.allow(load=queries.for_viewer, may=policy.may_send)
def send(application: Application) -> Response:
    """Send the application."""
    try:
        actions.send(application, actor=g.person, version=seen_version())
    except Invalid as error:
        form = Form()
        form.refuse(error)
        return _check(application, form, status=422)
    return _done(application, _("Your application is sent."))


@bp.post("/applications/<int:application_id>/withdrawal")
@access.allow(load=queries.for_viewer, may=policy.is_own)
def withdraw(application: Application) -> Response:
    """Withdraw; it can be undone while the posting is open."""
    actions.withdraw(application, actor=g.person, version=seen_version())
    return _done(application, _("Withdrawn. You can undo it while the posting is open."))


@bp.post("/applications/<int:application_id>/return")
@access.allow(load=queries.for_viewer, may=policy.may_send)
def undo_withdraw(application: Application) -> Response:
    """Take the withdrawal back."""
    actions.undo_withdraw(application, actor=g.person, version=seen_version())
    return _done(application, _("Your application is active again."))


@bp.get("/applications/<int:application_id>/answer")
@access.allow(load=queries.for_viewer, may=policy.is_own)
def answer(application: Application) -> Response:
    """The offer with its terms, to be accepted or declined."""
    return _answer(application, DeclineForm())


@bp.post("/applications/<int:application_id>/acceptance")
@access.allow(load=queries.for_viewer, may=policy.is_own)
def accept(application: Application) -> Response:
    """Accept the offered seat."""
    seat = actions.accept(application, actor=g.person, version=seen_version())
    return responses.done(
        url_for("internships.agreement", internship_id=seat.id),
        say=_("The seat is yours. Read the agreement and accept it by name."),
    )


@bp.post("/applications/<int:application_id>/refusal")
@access.allow(load=queries.for_viewer, may=policy.is_own)
def decline(application: Application) -> Response:
    """Decline the offered seat."""
    form = DeclineForm()
    if not form.validate():
        return _answer(application, form, status=422)
    actions.decline(application, actor=g.person, version=seen_version(), reason=form.text.data or "")
    return _done(application, _("You declined the offer."))


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
    if not form.validate():
        return _list(posting, form, status=422)
    try:
        count = actions.reject_many(
            posting,
            chosen_versions(),
            actor=g.person,
            reason=form.reason.data,
            text=form.text.data or "",
        )
    except Invalid as error:
        form.refuse(error)
        return _list(posting, form, status=422)
    say = ngettext("%(num)s applicant was answered.", "%(num)s applicants were answered.", count)
    return responses.done(url_for("applications.of_posting", posting_id=posting.id), say=say)


@bp.post("/applications/<int:application_id>/rating")
@access.allow(load=queries.for_viewer, may=policy.judges)
def rate(application: Application) -> Response:
    """Rate an application from 1 to 5."""
    form = RatingForm()
    if not form.validate():
        return _show(application, form, status=422)
    actions.rate(application, actor=g.person, rating=int(form.rating.data))
    return _done(application, _("Rating saved."))


@bp.post("/applications/<int:application_id>/shortlisting")
@access.allow(load=queries.for_viewer, may=policy.judges)
def shortlist(application: Application) -> Response:
    """Put an applicant on the shortlist."""
    actions.shortlist(application, actor=g.person, version=seen_version())
    return _done(application, _("Added to the shortlist. The applicant was told."))


@bp.post("/applications/<int:application_id>/unshortlisting")
@access.allow(load=queries.for_viewer, may=policy.judges)
def unshortlist(application: Application) -> Response:
    """Take an applicant off the shortlist."""
    actions.unshortlist(application, actor=g.person, version=seen_version())
    return _done(application, _("Taken off the shortlist."))


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
    actions.reject(
        application,
        actor=g.person,
        version=seen_version(),
        reason=form.reason.data,
        text=form.text.data or "",
    )
    return _done(application, _("The applicant was answered."))


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
    actions.offer(application, actor=g.person, version=seen_version(), note=form.note.data or "")
    return _done(application, _("The seat is offered and held until the answer."))


def _done(application: Application, say: str) -> Response:
    if request.form.get("view") == "list":
        return responses.done(url_for("applications.of_posting", posting_id=application.posting_id), say=say)
    return responses.done(url_for("applications.show", application_id=application.id), say=say)


def _show(application: Application, form: Form, status: int = 200) -> Response:
    row = queries.row(g.person, application)
    return responses.screen(
        "applications/show",
        status=status,
        row=row,
        application=application,
        posting=application.posting,
        own=policy.is_own(g.person, application),
        judging=policy.judges(g.person, application),
        timeline=timeline_of(
            "application",
            application.id,
            names=queries.names_for(g.person, application),
            before=older(responses.page_args()),
        ),
        form=form,
    )


def _payability(application: Application) -> dict[str, Any]:
    """On which rail the intern would be paid, and whether they already can be."""
    rail = recipient_queries.rail_for(g.person, application.posting)
    return {"rail": rail, "payable": rail is not None and recipient_queries.payable(g.person, rail)}


def _edit(application: Application, form: Form, status: int = 200) -> Response:
    return responses.screen(
        "applications/edit",
        status=status,
        application=application,
        posting=application.posting,
        form=form,
        **_payability(application),
    )


def _check(application: Application, form: Form, status: int = 200) -> Response:
    return responses.screen(
        "applications/check",
        status=status,
        application=application,
        posting=application.posting,
        missing=queries.missing(application),
        may_send="send" in lifecycle.open_moves(application, g.person),
        **_payability(application),
        form=form,
    )


def _answer(application: Application, form: Form, status: int = 200) -> Response:
    if application.state != "offered":
        return _show(application, RatingForm())
    return responses.screen(
        "applications/answer",
        status=status,
        application=application,
        row=queries.row(g.person, application),
        posting=application.posting,
        **_payability(application),
        form=form,
    )


def _decide(name: str, application: Application, form: Form, status: int = 200) -> Response:
    row = queries.row(g.person, application)
    move = "offer" if name.endswith("offer") else "reject"
    if move not in row.moves and status == 200:
        raise NotNow(guards.NO_SEAT.sentence if move == "offer" and application.state != "offered" else None)
    return responses.screen(
        name, status=status, row=row, application=application, posting=application.posting, form=form
    )


def _list(posting: Posting, form: Form, status: int = 200) -> Response:
    page = queries.page_of_sent_to(posting, whole_number(responses.page_args().get("after")))
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
