"""The internship's own page, its start, and the lists of internships."""

from __future__ import annotations

from flask import Response, g, request, url_for
from flask_babel import gettext as _

from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.security import access
from webapp.core.slice import slices
from webapp.core.web import responses
from webapp.core.web.forms import seen_version, whole_number
from webapp.core.web.timeline import older, timeline
from webapp.internships import policy as internship_policy
from webapp.internships import queries as internship_queries
from webapp.internships.models import Internship
from webapp.next_steps import policy
from webapp.next_steps.queries import of_internship as next_step_of_internship
from webapp.next_steps.queries import page as next_step_page
from webapp.next_steps.routes.blueprint import bp
from webapp.organisations.models import Organisation
from webapp.payouts.queries import queue as payout_queue
from webapp.tasks.actions import cards as task_cards


@bp.get("/internships/<int:internship_id>")
@access.allow(load=internship_queries.for_viewer, may=access.signed_in)
def show(internship: Internship) -> Response:
    """How far an internship has come, whose turn it is, and the way to everything about it."""
    step = next_step_of_internship.next_step(internship, g.person)
    return responses.screen(
        "next_steps/show",
        internship=internship,
        posting=internship.posting,
        next_step=step,
        milestones=next_step_page.milestones(internship, step),
        pay_date=payout_queue.pay_date(internship),
        tabs=[
            (_("Overview"), url_for("next_steps.show", internship_id=internship.id), True),
            *((label, address, False) for label, address in slices().tabs_of(internship)),
        ],
        people=next_step_page.people(internship),
        timeline=timeline(
            internship,
            names=next_step_page.names_for(internship, g.person),
            before=older(responses.page_args()),
        ),
        own=internship_policy.is_intern(g.person, internship),
        may_cancel="cancel" in lifecycle.open_moves(internship, g.person),
    )


@bp.post("/internships/<int:internship_id>/start")
@access.allow(load=internship_queries.for_viewer, may=internship_policy.is_intern)
def start(internship: Internship) -> Response:
    """The intern begins the work; the board is laid out."""
    task_cards.begin_work(internship, actor=g.person, version=seen_version())
    return responses.done(
        url_for("tasks.board", internship_id=internship.id),
        say=_("The work has started. Here is your board, with a card for each deliverable."),
    )


@bp.get("/organisations/<int:organisation_id>/internships")
@access.allow(load=next_step_page.organisation_for_viewer, may=policy.may_list)
def of_organisation(organisation: Organisation) -> Response:
    """Every internship of an employer or a programme, by state, with whose turn it is."""
    state = request.args.get("state", "")
    state = state if state in next_step_page.STATES else ""
    page = internship_queries.page_of_organisation(
        organisation.id,
        state=state,
        after=whole_number(request.args.get("before")),
        at_most=next_step_page.PER_PAGE,
    )
    older_page = url_for(
        "next_steps.of_organisation", organisation_id=organisation.id, state=state, before=page.after
    )
    return responses.screen(
        "next_steps/of_organisation",
        organisation=organisation,
        rows=next_step_page.rows_of(list(page.rows), g.person),
        states=next_step_page.STATES,
        state=state,
        older=older_page if page.after else None,
    )
