"""Pipelines: the internships of an employer and of a programme in the six columns of their states."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.reviews.deciding import hand_in
from tests.support import people as cast
from tests.support import teams
from tests.support.application import Served
from tests.support.lists import counted
from tests.support.teams import Team
from tests.tasks.at_the_board import axe_findings, drag, take
from tests.tasks.seen import Axe, sign_in
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.internships.models import Internship
from webapp.next_steps.queries import of_internship as next_step_of_internship
from webapp.next_steps.queries import pipelines as next_step_pipelines
from webapp.organisations.models import Membership
from webapp.postings.queries.postings import posting_of


def organisations(team: Team) -> tuple[int, int]:
    with team.app.app_context(), unit_of_work():
        internship = db.session.get_one(Internship, team.internship)
        return internship.organisation_id, internship.programme_id


def pipeline(team: Team, who: int, organisation: int, query: str = "") -> str:
    answer = team.who(who).get(f"/organisations/{organisation}/pipeline{query}")
    assert answer.status_code == 200
    return " ".join(answer.get_data(as_text=True).split())


def of_card(body: str, team: Team) -> str:
    return body.split(f'id="card-{team.internship}"')[1].split("</li>")[0]


def test_the_changes_of_an_employer_and_its_programme_are_counted_at_once(app: Flask) -> None:
    team = teams.build(app)
    employer_id, programme_id = organisations(team)
    with app.app_context():
        internship = db.session.get_one(Internship, team.internship)
        changes = internship.history_number + posting_of(internship).history_number
        nobody = 10**6
        with counted(app) as statements:
            newest = next_step_pipelines.newest_of_organisations([employer_id, programme_id, nobody])
        assert newest == {employer_id: changes, programme_id: changes, nobody: 0}
        assert len(statements) == 2


def test_each_internship_stands_in_the_column_of_its_state_with_whose_turn_it_is(app: Flask) -> None:
    team = teams.build(app)
    employer, programme = organisations(team)
    for who, organisation_id in (
        (team.owner, employer),
        (team.manager, programme),
        (team.finance, programme),
    ):
        body = pipeline(team, who, organisation_id)
        assert body.count('<section class="column"') == 6
        assert '<h2 id="head-in_progress" tabindex="-1">In progress <span>1</span></h2>' in body
        assert "Waiting for Lan Nguyễn: The work needs to be done and handed in." in of_card(body, team)
        assert 'data-targets=""' in of_card(body, team)
    assert team.who(team.outsider).get(f"/organisations/{employer}/pipeline").status_code in (403, 404)


def test_the_nearest_deadline_stands_first_and_filters_say_what_they_hide(app: Flask) -> None:
    team = teams.build(app)
    employer, _ = organisations(team)
    with app.app_context(), unit_of_work():
        posting = posting_of(db.session.get_one(Internship, team.internship))
        later = cast.internship(
            of=posting, who=cast.intern("Bình Later"), revise_by=datetime.now(UTC) + timedelta(days=90)
        ).id
    body = pipeline(team, team.owner, employer)
    assert body.index(f'id="card-{team.internship}"') < body.index(f'id="card-{later}"')
    narrowed = pipeline(team, team.owner, employer, "?q=bình")
    assert f'id="card-{later}"' in narrowed and f'id="card-{team.internship}"' not in narrowed
    assert "1 card is hidden by the filters." in narrowed
    assert "2 cards are hidden by the filters." in pipeline(team, team.owner, employer, "?late=late&q=lan")
    assert "<table" in pipeline(team, team.owner, employer, "?view=list")


def test_what_needs_a_score_leads_to_the_review_and_only_for_those_who_judge(app: Flask) -> None:
    team = teams.build(app)
    employer, programme = organisations(team)
    hand_in(team)
    card = of_card(pipeline(team, team.reviewer, employer), team)
    assert 'data-targets="reviewed in_progress"' in card and 'data-needs-form="reviewed in_progress"' in card
    assert 'data-targets=""' in of_card(pipeline(team, team.manager, programme), team)
    version = int(card.split('data-version="')[1].split('"')[0])
    where = f"/internships/{team.internship}/move"
    for column, anchor in (("reviewed", ""), ("in_progress", "#do-changes")):
        answer = team.who(team.reviewer).send(where, to=column, move_version=version)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/submissions/1/review{anchor}")
    refused = team.who(team.reviewer).send(where, to="paid", move_version=version)
    assert refused.status_code == 422
    assert "It is marked as paid automatically" in refused.get_data(as_text=True)
    stale = team.who(team.reviewer).send(where, to="reviewed", move_version=version - 1 or 99)
    assert stale.status_code == 409
    assert team.who(team.manager).send(where, to="reviewed", move_version=version).status_code == 403


def test_an_address_with_nonsense_shows_the_pipeline_all_the_same(app: Flask) -> None:
    team = teams.build(app)
    employer, _ = organisations(team)
    for query in ("?due=never", "?posted_after=-1&paid_after=x", "?q=%00", "?late=maybe&view=3d", "?q=a&q=b"):
        assert "head-posted" in pipeline(team, team.owner, employer, query) or "list-posted" in pipeline(
            team, team.owner, employer, query
        )


def test_a_fold_is_kept_by_the_browser(app: Flask) -> None:
    team = teams.build(app)
    employer, _ = organisations(team)
    browser = team.who(team.owner)
    back = f"/organisations/{employer}/pipeline?q=a"
    answer = browser.send("/home/folds", fold="1.internship.in_progress", next=back)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{back}#fold-in_progress")
    body = browser.get(f"/organisations/{employer}/pipeline").get_data(as_text=True)
    assert f'id="card-{team.internship}"' not in body
    assert '<h2 id="head-in_progress" tabindex="-1">In progress <span>1</span></h2>' in " ".join(body.split())
    browser.send("/home/folds", fold="0.internship.in_progress", next=back)
    assert f'id="card-{team.internship}"' in browser.get(f"/organisations/{employer}/pipeline").get_data(
        as_text=True
    )
    assert browser.send("/home/folds", fold="1.<b>", next=back).status_code == 400


@pytest.mark.point(2)
@pytest.mark.point(19)
def test_a_pipeline_lives_shows_why_not_and_leads_to_the_review(
    live_server: Served, page: Page, axe: Axe
) -> None:
    team = teams.build(live_server.app)
    employer, _ = organisations(team)
    page.set_viewport_size({"width": 1700, "height": 900})
    sign_in(page, live_server, team, team.reviewer)
    page.goto(f"{live_server.url}/organisations/{employer}/pipeline")
    expect(page.locator("#board-state")).to_have_text("Live updates")
    card = f"#card-{team.internship}"
    expect(page.locator(f"#list-in_progress {card}")).to_be_visible()
    hand_in(team)
    expect(page.locator(f"#list-submitted {card}")).to_be_visible()
    expect(page.locator("#head-submitted")).to_have_text("Submitted 1")
    assert axe_findings(axe, page) == []
    take(page, team.internship)
    expect(page.locator(".column[data-column=paid] .column-why")).to_contain_text(
        "It is marked as paid automatically"
    )
    expect(page.locator(".column[data-column=reviewed] .column-why")).to_have_count(0)
    page.keyboard.press("Escape")
    page.mouse.up()
    drag(page, team.internship, "reviewed")
    page.wait_for_url("**/submissions/1/review")


def test_who_leaves_the_employer_is_cut_from_its_pipeline(live_server: Served) -> None:
    import requests

    from tests.tasks.test_stream import PATIENCE, Ear

    team = teams.build(live_server.app)
    employer, _ = organisations(team)
    cookie: Any = team.who(team.reviewer).client.get_cookie("stint")
    address = f"{live_server.url}/organisations/{employer}/pipeline/stream"
    with requests.get(address, cookies={"stint": cookie.value}, stream=True, timeout=PATIENCE) as answer:
        ear = Ear(answer)
        with team.app.app_context(), unit_of_work():
            ended = db.update(Membership).where(Membership.person_id == team.reviewer)
            db.session.execute(ended.values(ended_at=datetime.now(UTC)))
        while (message := ear.next())[0] in ("card", "again"):  # what happened before may still be told
            pass
        assert message == ("bye", {"why": "rights"})


def test_the_deadline_it_sorts_by_is_the_one_that_the_card_names_in_every_state(app: Flask) -> None:
    from tests.next_steps.all_states import one_of_each

    with app.app_context(), unit_of_work():
        employer, internship_ids = one_of_each()
    with app.test_request_context(), unit_of_work():
        organisation = db.session.get_one(cast.Organisation, employer)
        owner = db.session.scalars(db.select(cast.Person).limit(1)).one()
        until = next_step_pipelines.pipeline_of(organisation).order[0]
        for state, number in internship_ids.items():
            internship = db.session.get_one(Internship, number)
            shown = next_step_of_internship.next_step(internship, owner).until
            asked = db.select(until).select_from(Internship).where(Internship.id == number)
            sorted_by = db.session.scalar(asked.join(Internship.posting))
            if shown is not None:
                assert float(sorted_by) == pytest.approx(shown.timestamp(), abs=1), state
            else:
                assert sorted_by > 10**11, state
