"""The internship's own page, its start, and the lists of internships."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request, url_for
from flask_babel import gettext as _

from webapp.core import access, lifecycle, ui
from webapp.core.assets import url_if
from webapp.core.forms import seen_version, whole_number
from webapp.internships import policy as spine
from webapp.internships import queries as internships
from webapp.internships.models import Internship
from webapp.organisations.models import Organisation
from webapp.payments import queries as payments
from webapp.submissions import queries as submissions
from webapp.tasks import actions as tasks
from webapp.workspace import policy, queries
from webapp.workspace.routes.blueprint import bp


@bp.get("/internships/<int:internship_id>")
@access.allow(load=internships.for_viewer, may=access.signed_in)
def show(internship: Internship) -> Response:
    """How far an internship has come, whose turn it is, and the way to everything about it."""
    turn = queries.turn(internship, g.person)
    return ui.screen(
        "workspace/show",
        internship=internship,
        posting=internship.posting,
        turn=turn,
        knots=queries.knots(internship, turn),
        pay_date=payments.pay_date(internship),
        tabs=_tabs(internship),
        people=queries.people(internship),
        timeline=queries.timeline(internship, g.person),
        own=spine.is_intern(g.person, internship),
        may_cancel="cancel" in lifecycle.moves_for(internship, g.person, spine.MOVES),
    )


@bp.post("/internships/<int:internship_id>/start")
@access.allow(load=internships.for_viewer, may=spine.is_intern)
def start(internship: Internship) -> Response:
    """The intern begins the work; the board is laid out."""
    tasks.begin_work(internship, actor=g.person, version=seen_version())
    return ui.done(
        url_for("tasks.board", internship_id=internship.id),
        say=_("The work has started. Here is your board, with a card for each deliverable."),
    )


@bp.get("/organisations/<int:organisation_id>/internships")
@access.allow(load=queries.organisation_for_viewer, may=policy.may_list)
def of_organisation(organisation: Organisation) -> Response:
    """Every internship of an employer or a programme, by state, with whose turn it is."""
    state = request.args.get("state", "")
    found = internships.of_organisation(
        organisation.id,
        states=(state,) if state in queries.STATES else (),
        before=whole_number(request.args.get("before")),
        at_most=queries.PER_PAGE + 1,
    )
    shown = found[: queries.PER_PAGE]
    more = shown[-1].id if len(found) > queries.PER_PAGE else None
    return ui.screen(
        "workspace/of_organisation",
        organisation=organisation,
        rows=queries.rows_of(shown, g.person),
        states=queries.STATES,
        state=state if state in queries.STATES else "",
        more=url_for("workspace.of_organisation", organisation_id=organisation.id, state=state, before=more)
        if more
        else None,
    )


def _tabs(internship: Internship) -> list[tuple[str, str, bool]]:
    """Links to the parts of an internship that exist already and that this person may open."""
    one: dict[str, Any] = {"internship_id": internship.id}
    links = [(_("Overview"), url_for("workspace.show", **one), True)]
    if internship.agreement is not None:
        links.append((_("Agreement"), url_for("internships.agreement", **one), False))
        links.append((_("Funding"), url_for("payments.funding", **one), False))
    if internship.started_at is not None:
        links.append((_("Board"), url_for("tasks.board", **one), False))
        if internship.state == "in_progress" and spine.is_intern(g.person, internship):
            links.append((_("Hand in"), url_for("submissions.draft", **one), False))
        newest = submissions.newest(internship)
        if newest is not None:
            links.append((_("Work handed in"), url_for("submissions.show", submission_id=newest.id), False))
            review = url_if("reviews.result", submission_id=newest.id)
            if review and internship.reviewed_at is not None:
                links.append((_("Review"), review, False))
    return links
