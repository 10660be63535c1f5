"""Who may add, change and move the cards of a board."""

from __future__ import annotations

from webapp.core.lifecycle.history import Viewer
from webapp.internships import policy as internship_policy
from webapp.internships.models import Internship
from webapp.organisations import policy as organisation_policy
from webapp.tasks.models import Check, Task, TaskFile, TaskMove

OPEN_IN = ("in_progress", "submitted")
"""The states of an internship in which its board may be changed."""


def is_mentor(person: Viewer, internship: Internship) -> bool:
    """A mentor of the programme who is not the intern."""
    if internship_policy.is_intern(person, internship):
        return False
    return organisation_policy.holds(person, internship.programme_id, "mentor")


def on_the_board(person: Viewer, internship: Internship) -> bool:
    """The people who work with the board: the intern, the employer's people, the mentors."""
    return (
        internship_policy.is_intern(person, internship)
        or internship_policy.is_member(person, internship)
        or is_mentor(person, internship)
    )


def is_open(internship: Internship) -> bool:
    """Cards may be added, changed and moved now."""
    return internship.state in OPEN_IN and not internship.frozen


def may_add(person: Viewer, internship: Internship) -> bool:
    """Everybody on the board adds cards."""
    return on_the_board(person, internship)


def may_edit(person: Viewer, task: Task) -> bool:
    """Everybody on the board words cards."""
    return on_the_board(person, task.internship)


def may_ever_move(person: Viewer, task: Task) -> bool:
    """Policy of the route: the intern moves; the others may be waited for, and then unblock."""
    return on_the_board(person, task.internship)


def may_tick(person: Viewer, check: Check) -> bool:
    """Everybody on the board ticks a checklist."""
    return on_the_board(person, check.task.internship)


def may_remove(person: Viewer, file: TaskFile) -> bool:
    """The person who added a file removes it, while still on the board."""
    return on_the_board(person, file.task.internship) and person is not None and person.id == file.added_by_id


def may_undo(person: Viewer, task_move: TaskMove) -> bool:
    """The person who made a move, while still on the board."""
    return (
        on_the_board(person, task_move.task.internship)
        and person is not None
        and person.id == task_move.person_id
    )


def may_work(person: Viewer, task: Task) -> bool:
    """The intern moves the cards."""
    return internship_policy.is_intern(person, task.internship)


def may_unblock(person: Viewer, task: Task) -> bool:
    """The intern, or the one who is waited for."""
    if may_work(person, task):
        return True
    return person is not None and person.id is not None and person.id == task.blocked_on_id
