"""Pipelines: the internships of an employer or a programme in six columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import g, url_for
from flask.wrappers import Response
from flask_babel import lazy_gettext as _l

from webapp.core import access, face, ui
from webapp.core import stream as streams
from webapp.core.assets import url_if
from webapp.core.face import Face, folded
from webapp.core.i18n import local_minute
from webapp.core.pipeline import Pipeline, Step, possible
from webapp.core.words import state_label
from webapp.internships import policy as spine
from webapp.internships import queries as internships
from webapp.internships.models import Internship
from webapp.organisations.models import Organisation
from webapp.submissions import queries as submissions
from webapp.workspace import policy, queries
from webapp.workspace.forms import PipelineForm
from webapp.workspace.routes.blueprint import bp


def _review_of(internship: Internship) -> str:
    newest = submissions.newest(internship)
    page = url_if("reviews.edit", submission_id=newest.id) if newest is not None else None
    return page or url_for("workspace.show", internship_id=internship.id)


STEPS = {
    ("submitted", "reviewed"): Step("review", _review_of),
    ("submitted", "in_progress"): Step("request_changes", lambda one: f"{_review_of(one)}#do-changes"),
}
LABELS = {"review": _l("Review…"), "request_changes": _l("Request changes…")}
WHY = {
    "posted": {"": _l("A match ends early only when a deadline is missed, or when both sides agree.")},
    "matched": {"": _l("A seat is matched when an applicant accepts the offer.")},
    "in_progress": {
        "": _l("The work starts when the intern starts it."),
        "submitted": _l("Only the employer's reviewers can send work back."),
    },
    "submitted": {"": _l("Only the intern can hand in the work.")},
    "reviewed": {
        "": _l("Only work that was handed in can be reviewed."),
        "submitted": _l("Only the employer's reviewers review the work, never the person who did it."),
    },
    "paid": {
        "": _l("It is marked as paid automatically once finance has released the money and it was sent.")
    },
}


def pipeline_face(organisation: Organisation, args: Mapping[str, Any]) -> Face:
    """The internships of an organisation, shown as `args` of the address ask."""
    wanted = PipelineForm(args)
    lane = queries.pipeline_of(
        organisation, q=wanted.good("q"), due=wanted.good("due"), late=wanted.good("late") == "late"
    )
    read: dict[int, tuple[Any, queries.Around]] = {}

    def ahead(cards: list[Internship]) -> None:
        around = queries.Around(cards)
        for one, clocks in queries.clocks_of("internship", [card.id for card in cards]).items():
            read[one] = clocks, around

    def turn_of(internship: Internship) -> queries.Turn:
        if internship.id not in read:
            ahead([internship])
        return queries.turn(internship, g.person, *read[internship.id])

    def cells(internship: Internship) -> list[str]:
        turn = turn_of(internship)
        return [
            internship.posting.title,
            internship.intern.full_name if internship.intern else "",
            state_label("internship", internship.state),
            turn.who,
            local_minute(turn.until or internship.paid_at),
        ]

    return Face(
        kind="internship",
        lane=replace(lane, folded=folded("internship", lane.columns, wanted)),
        wanted=wanted,
        args=args,
        page="workspace.pipeline",
        stream="workspace.stream",
        since="workspace.since",
        values={"organisation_id": organisation.id},
        card="workspace.card",
        template="workspace/_card.html",
        row="workspace/_row.html",
        heads=(_l("Internship"), _l("Intern"), _l("Column"), _l("Whose turn"), _l("Deadline")),
        number=queries.newest_of_organisations([organisation.id])[organisation.id],
        title=organisation.name,
        context={
            "organisation": organisation,
            "state_label": state_label,
            "steps_of": _steps,
            "turn_of": turn_of,
            "labels": LABELS,
        },
        why=lambda column: WHY[column],
        cells=cells,
        ahead=ahead,
        sorted_why=_l("Sorted by deadline, so you can't reorder the cards."),
    )


def _steps(internship: Internship) -> dict[str, Step]:
    return possible(internship, g.person, STEPS, spine.MOVES)


@bp.get("/organisations/<int:organisation_id>/pipeline")
@access.allow(load=queries.organisation_for_viewer, may=policy.may_list)
def pipeline(organisation: Organisation) -> Response:
    """Every internship of an employer or a programme, in the column of its state."""
    return face.show(
        "workspace/pipeline",
        pipeline_face(organisation, ui.page_args()),
    )


@bp.get("/organisations/<int:organisation_id>/pipeline/stream")
@access.allow(load=queries.organisation_for_viewer, may=policy.may_list)
def stream(organisation: Organisation) -> Response:
    """Every change of a pipeline as it happens."""
    return streams.answer("organisation", organisation.id)


@bp.get("/organisations/<int:organisation_id>/pipeline/since")
@access.allow(load=queries.organisation_for_viewer, may=policy.may_list)
def since(organisation: Organisation) -> Response:
    """The same for whoever cannot listen."""
    return streams.since_answer("organisation", organisation.id)


def _here(internship: Internship) -> Face:
    """The pipeline on which this was asked; where the browser does not say, one that this person may open."""
    here = ui.asked_from()
    places = (internship.posting.organisation, internship.posting.programme)
    mine = [place for place in places if policy.may_list(g.person, place)]
    for place in mine:
        if here is not None and (here.endpoint, here.values) == (
            "workspace.pipeline",
            {"organisation_id": place.id},
        ):
            return pipeline_face(place, here.args)
    return pipeline_face(mine[0], {})


@bp.get("/internships/<int:internship_id>/card")
@access.allow(load=internships.for_viewer, may=policy.may_list_it)
def card(internship: Internship) -> Response:
    """One internship as it is now, where it is now."""
    return face.card_now(_here(internship), internship)


def _pipeline(internship: Internship) -> Pipeline:
    def fire(step: Step) -> None:
        raise NotImplementedError(step.move)  # every way of this board has a form

    return Pipeline(
        _here(internship),
        internship,
        _steps(internship),
        internship.posting.title,
        url_for("workspace.move", internship_id=internship.id),
        fire,
    )


@bp.get("/internships/<int:internship_id>/move")
@access.allow(load=internships.for_viewer, may=spine.is_member)
def sheet(internship: Internship) -> Response:
    """Where an internship can go."""
    return _pipeline(internship).sheet()


@bp.post("/internships/<int:internship_id>/move")
@access.allow(load=internships.for_viewer, may=spine.is_member)
def move(internship: Internship) -> Response:
    """Lead to the form of the move that brings an internship to the column."""
    return _pipeline(internship).move()
