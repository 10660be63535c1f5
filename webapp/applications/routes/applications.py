"""Routes of applications."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request, url_for
from flask_babel import gettext as _

from webapp.applications import policy, queries
from webapp.applications.actions import answers as application_answers
from webapp.applications.actions import drafts as application_drafts
from webapp.applications.forms import (
    DeclineForm,
    RatingForm,
    draft_form,
    links_in,
)
from webapp.applications.models import Application
from webapp.applications.routes.blueprint import bp, list_address
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.security import access
from webapp.core.web import responses
from webapp.core.web.forms import Form, seen_version, whole_number
from webapp.core.web.timeline import older, timeline_of
from webapp.postings import policy as posting_policy
from webapp.postings.models import Posting
from webapp.recipients import queries as recipient_queries


@bp.post("/postings/<int:posting_id>/application")
@access.allow(load=queries.posting_for_viewer, may=posting_policy.may_ever_apply)
def begin(posting: Posting) -> Response:
    """An intern begins an application, or goes on with the one begun before."""
    application = application_drafts.begin(posting, actor=g.person)
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
    return shown(application, RatingForm(data={"rating": str(application.rating or "")}))


@bp.get("/applications/<int:application_id>/draft")
@access.allow(load=queries.for_viewer, may=policy.is_own)
def edit(application: Application) -> Response:
    """The draft, which saves itself."""
    if application.state != "draft":
        return shown(application, RatingForm())
    return _edit(application, draft_form(application))


@bp.post("/applications/<int:application_id>/draft")
@access.allow(load=queries.for_viewer, may=policy.is_own)
def write(application: Application) -> Response:
    """Save the draft."""
    form = draft_form(application)
    if not form.validate():
        return _edit(application, form, status=422)
    application_drafts.write(
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
        return shown(application, RatingForm())
    return _check(application, Form())


@bp.post("/applications/<int:application_id>/sending")
@access.allow(load=queries.for_viewer, may=policy.may_send)
def send(application: Application) -> Response:
    """Send the application."""
    form = Form()
    with form.catch_refusals():
        application_drafts.send(application, actor=g.person, version=seen_version())
        return done(application, _("Your application is sent."))
    return _check(application, form, status=422)


@bp.post("/applications/<int:application_id>/withdrawal")
@access.allow(load=queries.for_viewer, may=policy.is_own)
def withdraw(application: Application) -> Response:
    """Withdraw; it can be undone while the posting is open."""
    application_answers.withdraw(application, actor=g.person, version=seen_version())
    return done(application, _("Withdrawn. You can undo it while the posting is open."))


@bp.post("/applications/<int:application_id>/return")
@access.allow(load=queries.for_viewer, may=policy.may_send)
def undo_withdraw(application: Application) -> Response:
    """Take the withdrawal back."""
    application_answers.undo_withdraw(application, actor=g.person, version=seen_version())
    return done(application, _("Your application is active again."))


@bp.get("/applications/<int:application_id>/answer")
@access.allow(load=queries.for_viewer, may=policy.is_own)
def answer(application: Application) -> Response:
    """The offer with its terms, to be accepted or declined."""
    return _answer(application, DeclineForm())


@bp.post("/applications/<int:application_id>/acceptance")
@access.allow(load=queries.for_viewer, may=policy.is_own)
def accept(application: Application) -> Response:
    """Accept the offered seat."""
    seat = application_answers.accept(application, actor=g.person, version=seen_version())
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
    application_answers.decline(
        application, actor=g.person, version=seen_version(), reason=form.text.data or ""
    )
    return done(application, _("You declined the offer."))


def done(application: Application, say: str) -> Response:
    if request.form.get("view") == "list":
        return responses.done(list_address(application.posting_id), say=say)
    return responses.done(url_for("applications.show", application_id=application.id), say=say)


def shown(application: Application, form: Form, status: int = 200) -> Response:
    row, judging = queries.row(g.person, application), policy.judges(g.person, application)
    return responses.screen(
        "applications/show",
        status=status,
        row=row,
        application=application,
        posting=application.posting,
        own=policy.is_own(g.person, application),
        judging=judging,
        timeline=timeline_of(
            "application",
            application.id,
            names=queries.names_for(g.person, application),
            before=older(responses.page_args()),
            without=() if judging else ("rate",),  # a rating is the employer's own note
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
        return shown(application, RatingForm())
    return responses.screen(
        "applications/answer",
        status=status,
        application=application,
        row=queries.row(g.person, application),
        posting=application.posting,
        **_payability(application),
        form=form,
    )
