"""Routes of endings."""

from __future__ import annotations

from flask import Blueprint, Response, g, url_for
from flask_babel import gettext as _

from webapp.applications import queries as application_queries
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.security import access
from webapp.core.web import responses
from webapp.core.web.forms import seen_version
from webapp.endings import actions
from webapp.endings.forms import CancelForm
from webapp.internships import policy as internship_policy
from webapp.internships import queries as internship_queries
from webapp.internships.models import Internship
from webapp.postings import policy as posting_policy
from webapp.postings.models import Posting
from webapp.postings.queries import postings as posting_queries

bp = Blueprint("endings", __name__)


@bp.get("/postings/<int:posting_id>/cancellation")
@access.allow(load=posting_queries.for_viewer, may=posting_policy.is_owner)
def posting(posting: Posting) -> Response:
    """What cancelling the posting means, before it is done."""
    return _posting(posting, CancelForm())


@bp.post("/postings/<int:posting_id>/cancellation")
@access.allow(load=posting_queries.for_viewer, may=posting_policy.is_owner)
def cancel_posting(posting: Posting) -> Response:
    """Cancel the posting."""
    form = CancelForm()
    if not form.validate():
        return _posting(posting, form, status=422)
    actions.cancel_posting(
        posting, actor=g.person, version=seen_version(), reason=form.reason.data, text=form.text.data or ""
    )
    return responses.done(
        url_for("postings.show", posting_id=posting.id),
        say=_("The posting is cancelled, and everyone who was waiting has been told."),
    )


@bp.get("/internships/<int:internship_id>/cancellation")
@access.allow(load=internship_queries.for_viewer, may=internship_policy.is_owner)
def seat(internship: Internship) -> Response:
    """What cancelling the seat means, before it is done."""
    return _seat(internship, CancelForm())


@bp.post("/internships/<int:internship_id>/cancellation")
@access.allow(load=internship_queries.for_viewer, may=internship_policy.is_owner)
def cancel_seat(internship: Internship) -> Response:
    """Cancel the seat."""
    form = CancelForm()
    if not form.validate():
        return _seat(internship, form, status=422)
    actions.cancel_seat(
        internship, actor=g.person, version=seen_version(), reason=form.reason.data, text=form.text.data or ""
    )
    return responses.done(
        url_for("next_steps.show", internship_id=internship.id), say=_("The seat is cancelled.")
    )


def _posting(posting: Posting, form: CancelForm, status: int = 200) -> Response:
    return responses.screen(
        "endings/posting",
        status=status,
        posting=posting,
        form=form,
        possible="cancel" in lifecycle.open_moves(posting, g.person),
        waiting=len(application_queries.waiting_for(posting)),
        seats=len(internship_queries.free_seats(posting.id)),
    )


def _seat(internship: Internship, form: CancelForm, status: int = 200) -> Response:
    return responses.screen(
        "endings/seat",
        status=status,
        internship=internship,
        posting=internship.posting,
        form=form,
        possible="cancel" in lifecycle.open_moves(internship, g.person),
        holder=application_queries.holder(internship),
    )
