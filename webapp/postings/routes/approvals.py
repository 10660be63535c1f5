"""What waits for a manager: approved, or sent back."""

from __future__ import annotations

from flask import g, url_for
from flask.wrappers import Response
from flask_babel import gettext as _

from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.security import access
from webapp.core.web import responses
from webapp.core.web.forms import whole_number
from webapp.postings import policy
from webapp.postings.actions import moves as posting_moves
from webapp.postings.forms import sections as posting_sections
from webapp.postings.models import Posting
from webapp.postings.queries import pay as posting_pay
from webapp.postings.queries import postings as posting_queries
from webapp.postings.routes.blueprint import bp, screen, version_seen


@bp.get("/postings/approvals")
@access.allow(may=policy.is_manager_somewhere)
def approvals() -> Response:
    """The manager's list of postings that wait for approval."""
    after = whole_number(responses.page_args().get("after"))
    return screen("postings/approvals", **posting_queries.approvals(g.person, after))


@bp.get("/postings/<int:posting_id>/approval")
@access.allow(load=posting_queries.for_viewer, may=policy.manages)
def approval(posting: Posting) -> Response:
    """The manager reads a proposed posting and decides."""
    return _approval(posting, posting_sections.SendBackForm())


@bp.post("/postings/<int:posting_id>/approval")
@access.allow(load=posting_queries.for_viewer, may=policy.manages)
def approve(posting: Posting) -> Response:
    """The manager approves, and the posting opens."""
    posting_moves.approve(posting, actor=g.person, version=version_seen())
    return responses.done(url_for("postings.approvals"), say=_("“%(title)s” is open.", title=posting.title))


@bp.post("/postings/<int:posting_id>/return")
@access.allow(load=posting_queries.for_viewer, may=policy.manages)
def send_back(posting: Posting) -> Response:
    """The manager sends the posting back, and says why."""
    version, form = version_seen(), posting_sections.SendBackForm()
    if form.validate():
        with form.catch_refusals():
            posting_moves.send_back(posting, actor=g.person, version=version, reason=form.reason.data)
            return responses.done(
                url_for("postings.approvals"), say=_("“%(title)s” was sent back.", title=posting.title)
            )
    return _approval(posting, form, status=422)


def _approval(posting: Posting, form: posting_sections.SendBackForm, *, status: int = 200) -> Response:
    return screen(
        "postings/approval",
        status=status,
        posting=posting,
        form=form,
        pay=posting_pay.pay_of(posting),
        rehearsal=posting_pay.rehearse(posting),
        moves=lifecycle.open_moves(posting, g.person),
        next_step=posting_queries.next_step(g.person, posting),
    )
