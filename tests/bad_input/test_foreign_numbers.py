"""Numbers of things that belong elsewhere, in the body of a form: refused, and nothing there or here has changed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.access.doors import Doors, checksums


def _refused(doors: Doors, person: str, path: str, **fields: Any) -> Any:
    before = checksums(doors.app)
    answer = doors.as_(person).send(path, **fields)
    assert answer.status_code in (400, 404, 409, 422), f"{path} {fields}: {answer.status_code}"
    assert checksums(doors.app) == before
    return answer


@pytest.mark.abuse(2)
def test_a_card_is_not_put_before_a_card_of_another_board(doors: Doors) -> None:
    task, foreign = doors.world.things["working"]["task_id"], doors.world.own["working"]["task_id"]
    for before in (foreign, 2**62, 2**63, -1, task):
        _refused(
            doors,
            "intern",
            f"/tasks/{task}/move",
            to="doing",
            before=str(before),
            move_version="987654",
            view="page",
        )


@pytest.mark.abuse(2)
def test_a_card_does_not_wait_for_somebody_who_is_not_on_the_board(doors: Doors) -> None:
    task = doors.world.things["working"]["task_id"]
    for person in (doors.world.people["rival"], doors.world.people["stranger"], 2**62, 2**63, 0, -1):
        answer = _refused(
            doors,
            "intern",
            f"/tasks/{task}/move",
            to="blocked",
            before="end",
            move_version="1",
            view="page",
            waits_for=str(person),
            why="The list of landings",
        )
        assert answer.status_code == 422, person


@pytest.mark.abuse(2)
def test_an_application_to_another_posting_is_not_answered_along(doors: Doors) -> None:
    here = doors.world.things["applied_application"]["posting_id"]
    elsewhere = doors.world.things["shortlisted_application"]["application_id"]
    for chosen in (f"{elsewhere}.1", f"{2**62}.1", f"{2**63}.1", "0.1", "x.y", "-1.1", f"{elsewhere}"):
        _refused(doors, "owner", f"/postings/{here}/rejections", chosen=chosen, reason="skills", text="No.")


def test_the_same_forms_take_numbers_of_their_own(doors: Doors) -> None:
    """So that the refusals here are about the number and about nothing else."""
    here = doors.world.things["applied_application"]
    chosen = f"{here['application_id']}.1"
    own = doors.as_("owner").send(
        f"/postings/{here['posting_id']}/rejections", chosen=chosen, reason="skills", text="No."
    )
    task, reviewer = doors.world.things["working"]["task_id"], doors.world.people["reviewer"]
    waits = doors.as_("intern").send(
        f"/tasks/{task}/move",
        to="blocked",
        before="end",
        move_version="1",
        view="page",
        waits_for=str(reviewer),
        why="The list of landings",
    )
    assert (own.status_code, waits.status_code) == (303, 303)


@pytest.mark.abuse(2)
def test_a_posting_is_begun_only_in_a_programme_and_with_skills_that_exist(doors: Doors) -> None:
    employer = doors.world.things["employer"]["organisation_id"]
    for programme in (employer, 2**62, 2**63, "x"):
        _refused(
            doors,
            "owner",
            f"/organisations/{employer}/postings",
            title="Survey",
            programme=str(programme),
            currency="USD",
        )
    draft = doors.world.things["draft"]["posting_id"]
    for skill in (2**62, 2**63, "x", -1):
        _refused(
            doors, "owner", f"/postings/{draft}/draft/skills", version="1", intent="save", skills=str(skill)
        )


@pytest.mark.abuse(1)
def test_a_file_is_found_only_under_its_own_version(doors: Doors) -> None:
    mine, theirs = doors.world.things["submitted"], doors.world.own["submitted"]
    for person in ("intern", "owner", "finance"):
        answer = doors.as_(person).get(f"/submissions/{mine['submission_id']}/files/{theirs['file_id']}")
        assert answer.status_code == 404, person
