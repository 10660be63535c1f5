"""Pipelines: the internships of an employer or a programme in six columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import g, url_for
from flask.wrappers import Response
from flask_babel import lazy_gettext as _l

from webapp.core.boards import view as board_view
from webapp.core.boards.folds import folded
from webapp.core.boards.state_board import CardTransitions, Transition, possible
from webapp.core.boards.view import BoardView
from webapp.core.live import sse
from webapp.core.security import access
from webapp.core.web import responses
from webapp.core.web.assets import url_if
from webapp.core.web.i18n import local_minute
from webapp.core.web.labels import state_label
from webapp.internships import policy as internship_policy
from webapp.internships import queries as internship_queries
from webapp.internships.models import Internship
from webapp.next_steps import policy
from webapp.next_steps.forms import PipelineForm
from webapp.next_steps.queries import of_internship as next_step_of_internship
from webapp.next_steps.queries import page as next_step_page
from webapp.next_steps.queries import pipelines as next_step_pipelines
from webapp.next_steps.queries import steps as next_step_steps
from webapp.next_steps.routes.blueprint import bp
from webapp.organisations.models import Organisation
from webapp.postings.queries import postings as posting_queries
from webapp.submissions import queries as submission_queries


def _review_of(internship: Internship) -> str:
    newest = submission_queries.newest(internship)
    page = url_if("reviews.edit", submission_id=newest.id) if newest is not None else None
    return page or url_for("next_steps.show", internship_id=internship.id)


STEPS = {
    ("submitted", "reviewed"): Transition("review", _review_of),
    ("submitted", "in_progress"): Transition(
        "request_changes", lambda internship: f"{_review_of(internship)}#do-changes"
    ),
}
LABELS = {"review": _l("Review…"), "request_changes": _l("Request changes…")}


def pipeline_board(organisation: Organisation, args: Mapping[str, Any]) -> BoardView:
    """The internships of an organisation, shown as `args` of the address ask."""
    filter_form = PipelineForm(args)
    query = next_step_pipelines.pipeline_of(
        organisation,
        q=filter_form.valid("q"),
        due=filter_form.valid("due"),
        late=filter_form.valid("late") == "late",
    )
    read: dict[int, tuple[Any, next_step_of_internship.Preloaded]] = {}

    def preload(cards: list[Internship]) -> None:
        around = next_step_of_internship.Preloaded(cards)
        for card_id, clocks in next_step_page.clocks_of("internship", [card.id for card in cards]).items():
            read[card_id] = clocks, around

    def next_step_of(internship: Internship) -> next_step_steps.NextStep:
        if internship.id not in read:
            preload([internship])
        return next_step_of_internship.next_step(internship, g.person, *read[internship.id])

    def cells(internship: Internship) -> list[str]:
        step = next_step_of(internship)
        return [
            posting_queries.posting_of(internship).title,
            internship.intern.full_name if internship.intern else "",
            state_label("internship", internship.state),
            step.who,
            local_minute(step.until or internship.paid_at),
        ]

    return BoardView(
        kind="internship",
        query=replace(query, folded=folded("internship", query.columns, filter_form)),
        filter_form=filter_form,
        args=args,
        page="next_steps.pipeline",
        stream="next_steps.stream",
        since="next_steps.since",
        values={"organisation_id": organisation.id},
        card="next_steps.card",
        template="next_steps/_card.html",
        row="next_steps/_row.html",
        heads=(_l("Internship"), _l("Intern"), _l("Column"), _l("Whose turn"), _l("Deadline")),
        number=next_step_pipelines.newest_of_organisations([organisation.id])[organisation.id],
        title=organisation.name,
        context={
            "organisation": organisation,
            "state_label": state_label,
            "steps_of": _steps,
            "next_step_of": next_step_of,
            "labels": LABELS,
        },
        cells=cells,
        preload=preload,
        sorted_why=_l("Sorted by deadline, so you can't reorder the cards."),
    )


def _steps(internship: Internship) -> dict[str, Transition]:
    return possible(internship, g.person, STEPS)


@bp.get("/organisations/<int:organisation_id>/pipeline")
@access.allow(load=next_step_page.organisation_for_viewer, may=policy.may_list)
def pipeline(organisation: Organisation) -> Response:
    """Every internship of an employer or a programme, in the column of its state."""
    return board_view.show(
        "next_steps/pipeline",
        pipeline_board(organisation, responses.page_args()),
    )


@bp.get("/organisations/<int:organisation_id>/pipeline/stream")
@access.share("stream")
@access.allow(load=next_step_page.organisation_for_viewer, may=policy.may_list)
def stream(organisation: Organisation) -> Response:
    """Every change of a pipeline as it happens."""
    return sse.answer("organisation", organisation.id)


@bp.get("/organisations/<int:organisation_id>/pipeline/since")
@access.allow(load=next_step_page.organisation_for_viewer, may=policy.may_list)
def since(organisation: Organisation) -> Response:
    """The same for a browser that cannot keep a stream open."""
    return sse.since_answer("organisation", organisation.id)


def _board_asked_from(internship: Internship) -> BoardView:
    """The pipeline on which this was asked; where the browser does not say, one that this person may open."""
    page = responses.asked_from()
    owners = (internship.organisation, internship.programme)
    mine = [organisation for organisation in owners if policy.may_list(g.person, organisation)]
    for organisation in mine:
        if page is not None and (page.endpoint, page.values) == (
            "next_steps.pipeline",
            {"organisation_id": organisation.id},
        ):
            return pipeline_board(organisation, page.args)
    return pipeline_board(mine[0], {})


@bp.get("/internships/<int:internship_id>/card")
@access.allow(load=internship_queries.for_viewer, may=policy.may_list_it)
def card(internship: Internship) -> Response:
    """One internship as it is now, where it is now."""
    return board_view.card_now(_board_asked_from(internship), internship)


def _pipeline(internship: Internship) -> CardTransitions:
    def fire(step: Transition) -> None:
        raise NotImplementedError(step.move)  # every way of this board has a form

    return CardTransitions(
        _board_asked_from(internship),
        internship,
        _steps(internship),
        posting_queries.posting_of(internship).title,
        url_for("next_steps.move", internship_id=internship.id),
        fire,
    )


@bp.get("/internships/<int:internship_id>/move")
@access.allow(load=internship_queries.for_viewer, may=internship_policy.is_member)
def sheet(internship: Internship) -> Response:
    """Where an internship can go."""
    return _pipeline(internship).sheet()


@bp.post("/internships/<int:internship_id>/move")
@access.allow(load=internship_queries.for_viewer, may=internship_policy.is_member)
def move(internship: Internship) -> Response:
    """Lead to the form of the move that brings an internship to the column."""
    return _pipeline(internship).move()
