"""Postings browsed, shown, rehearsed, opened and closed."""

from __future__ import annotations

from typing import Any

from flask import g, request, url_for
from flask.wrappers import Response
from flask_babel import gettext as _

from webapp.accounts import queries as account_queries
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.security import access
from webapp.core.web import responses
from webapp.core.web.forms import whole_number
from webapp.core.web.timeline import Timeline, older, timeline
from webapp.organisations.models import Organisation
from webapp.postings import policy
from webapp.postings.actions import moves as posting_moves
from webapp.postings.forms import reading as posting_reading
from webapp.postings.models import Posting
from webapp.postings.queries import pay as posting_pay
from webapp.postings.queries import postings as posting_queries
from webapp.postings.queries import search as posting_search
from webapp.postings.routes.blueprint import bp, screen, version_seen
from webapp.skills import queries as skill_queries


@bp.get("/postings")
@access.allow(may=access.anyone, public=True)
def browse() -> Response:
    """Everybody looks for open postings; the filters live in the address."""
    form = posting_reading.search_form(
        request.args, skill_queries.all_skills(), posting_search.currencies_in_use()
    )
    results = posting_search.browse(search := posting_reading.search_of(form, request.args.get("after", "")))
    # Only the filters: url_for would take a stranger's `_scheme` or `endpoint` for its own.
    kept: dict[str, Any] = {"after": results.page.after}
    kept.update((name, value) for name, value in request.args.items() if name in form)
    further = url_for("postings.browse", **kept) if results.page.after is not None else None
    name = "postings/_results.html" if (part := _fills("results")) else "postings/browse"
    return screen(name, filters=form, search=search, results=results, further=further, only_part=part)


@bp.get("/postings/<int:posting_id>")
@access.allow(load=posting_queries.for_viewer, may=access.anyone, public=True)
def show(posting: Posting) -> Response:
    """Everybody reads a posting; its employer's people also find their controls and its history."""
    return screen(
        "postings/show",
        posting=posting,
        pay=posting_pay.pay_of(posting),
        rehearsal=posting_pay.rehearse(posting),
        free=posting_queries.free_seats([posting]).get(posting.id, 0),
        moves=lifecycle.open_moves(posting, g.person),
        next_step=posting_queries.next_step(g.person, posting),
        member=policy.is_member(g.person, posting),
        may_renew=policy.may_renew(g.person, posting),
        may_edit=policy.may_edit(g.person, posting),
        may_apply=policy.may_apply(g.person, posting),
        rail=posting.settings.rail_for(g.person.country, posting.currency) if g.person else None,
        timeline=_timeline(posting) if policy.is_member(g.person, posting) else None,
    )


def _timeline(posting: Posting) -> Timeline:
    """What happened to the posting itself; its applications' entries are another page's business."""
    return timeline(
        posting,
        names=account_queries.names,
        before=older(responses.page_args()),
        subject_kinds=("posting",),
        quotes=lambda entry: True,
    )


@bp.get("/postings/<int:posting_id>/rehearsal")
@access.allow(load=posting_queries.for_viewer, may=access.anyone, public=True)
def rehearsal(posting: Posting) -> Response:
    """Everybody tries out what a result would pay."""
    name = "postings/_result.html" if _fills("rehearsal") else "postings/rehearsal"
    if posting_pay.rehearse(posting) is None:
        return screen(name, posting=posting, rehearsal=None, form=None)
    form = posting_reading.rehearsal_form(posting, request.args)
    outcome = posting_pay.rehearse(posting, *posting_reading.rehearsed(posting, form))
    return screen(name, status=422 if form.errors else 200, posting=posting, rehearsal=outcome, form=form)


@bp.get("/organisations/<int:organisation_id>/postings")
@access.allow(load=posting_queries.employer_for_viewer, may=access.signed_in)
def of_organisation(organisation: Organisation) -> Response:
    """The employer's people list their postings."""
    page = posting_queries.page_of_organisation(
        organisation.id, whole_number(responses.page_args().get("after"))
    )
    return screen(
        "postings/of_organisation",
        organisation=organisation,
        page=page,
        postings=page.rows,
        free=posting_queries.free_seats(page.rows),
        may_begin=policy.may_begin(g.person, organisation),
    )


@bp.post("/postings/<int:posting_id>/closing")
@access.allow(load=posting_queries.for_viewer, may=policy.is_owner)
def close(posting: Posting) -> Response:
    """The owner takes no further applications."""
    posting_moves.close(posting, actor=g.person, version=version_seen())
    return responses.done(
        url_for("postings.show", posting_id=posting.id), say=_("No new applications are taken.")
    )


@bp.post("/postings/<int:posting_id>/renewal")
@access.allow(load=posting_queries.for_viewer, may=policy.is_owner)
def renew(posting: Posting) -> Response:
    """The owner keeps the posting open for longer."""
    posting_moves.renew(posting, actor=g.person, version=version_seen())
    return responses.done(
        url_for("postings.show", posting_id=posting.id), say=_("The posting stays open longer.")
    )


@bp.post("/postings/<int:posting_id>/reopening")
@access.allow(load=posting_queries.for_viewer, may=policy.is_owner)
def reopen(posting: Posting) -> Response:
    """The owner takes applications again."""
    posting_moves.reopen(posting, actor=g.person, version=version_seen())
    return responses.done(
        url_for("postings.show", posting_id=posting.id), say=_("The posting is open again.")
    )


def _fills(element: str) -> bool:
    """Does htmx want only the part of the page with this id?"""
    return responses.wants_partial() and request.headers.get("HX-Target", "").endswith(f"#{element}")
