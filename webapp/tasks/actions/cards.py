"""A board's cards: put there when the work begins, added, worded, ticked off and talked about."""

from __future__ import annotations

import re
from datetime import date

from flask_babel import gettext as _

from webapp.accounts.models import Person
from webapp.core.boards import ranks as board_ranks
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.errors import Invalid, NotAllowed, Stale
from webapp.core.lifecycle import history
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.history import Actor
from webapp.internships import actions as internship_actions
from webapp.internships.models import Internship
from webapp.notifications.actions import tell
from webapp.tasks import policy
from webapp.tasks.actions.open_board import MOST_CARDS, changed, last_rank, lock_open, room_left, still_open
from webapp.tasks.models import Check, Comment, Task
from webapp.tasks.queries import boards as task_boards

MOST_CHECKS = 30
MENTION = re.compile(r"(?:^|[\s(\[\"“])@([^\s@]{2,40})")


def begin_work(internship: Internship, *, actor: Person, version: int) -> None:
    """The intern starts: the internship is in progress and the board holds one card a deliverable.

    Raises NotNow with what is missing: a signature, the money, or a way to be paid.
    """
    internship_actions.start(internship, actor=actor, version=version)
    seed_board(internship, actor=actor)


def seed_board(internship: Internship, *, actor: Actor) -> list[Task]:
    """Put one card on the board for each deliverable of the agreement, in its order."""
    lifecycle.lock(internship)
    seeded = []
    for position, deliverable in enumerate(internship.terms.deliverables, start=1):
        task = Task(
            internship_id=internship.id,
            title=str(deliverable.title)[:200],
            detail=str(deliverable.detail),
            rank=board_ranks.STEP * position,
            deliverable=position,
            created_by_id=actor.id,
            created_at=clock.now(),
        )
        lifecycle.begin(task, actor=actor, params={"deliverable": position})
        seeded.append(task)
    return seeded


def add(internship: Internship, *, actor: Person, title: str, detail: str) -> Task:
    """Somebody on the board adds a card at the end of To do."""
    lifecycle.lock(internship)
    if not policy.may_add(actor, internship):
        raise NotAllowed
    still_open(internship)
    if not room_left(internship):
        raise Invalid(
            _("A board holds at most %(most)s tasks. Combine some of them.", most=MOST_CARDS), field="title"
        )
    task = Task(
        internship_id=internship.id,
        title=title,
        detail=detail,
        rank=board_ranks.between(last_rank(internship), None),
        created_by_id=actor.id,
        created_at=clock.now(),
    )
    lifecycle.begin(task, actor=actor)
    return task


def edit(
    task: Task,
    *,
    actor: Person,
    version: int,
    title: str,
    detail: str,
    due_on: date | None = None,
    labels: tuple[str, ...] = (),
) -> None:
    """Someone on the board rewords a card. Moves of the card meanwhile do not matter; other edits do (Stale)."""
    lifecycle.lock(task)
    if not policy.may_edit(actor, task):
        raise NotAllowed
    if version != task.version:
        raise Stale
    still_open(task.internship)
    fields = (title, detail, due_on, list(labels))
    if fields == (task.title, task.detail, task.due_on, task.labels):
        return
    task.title, task.detail, task.due_on, task.labels = fields
    task.version += 1
    history.record(task.internship, task, "edit", actor=actor)


def add_check(task: Task, *, actor: Person, text: str) -> Check:
    """Somebody on the board adds a line to a card's checklist."""
    lock_open(task, actor=actor)
    if len(task.checks) >= MOST_CHECKS:
        raise Invalid(_("A checklist has at most %(most)s items.", most=MOST_CHECKS), field="item")
    check = Check(task_id=task.id, position=len(task.checks) + 1, text=text)
    db.session.add(check)
    changed(task, "check_added", actor=actor)
    return check


def tick(check: Check, *, actor: Person, done: bool) -> None:
    """A line of the checklist is done, or not done after all."""
    lock_open(check.task, actor=actor)
    db.session.refresh(check)
    if (check.done_at is not None) == done:
        return
    check.done_at, check.done_by_id = (clock.now(), actor.id) if done else (None, None)
    changed(check.task, "ticked" if done else "unticked", actor=actor)


def say(task: Task, *, actor: Person, text: str) -> Comment:
    """Someone comments on a card; the people named in it with @ are told, if they may see the board."""
    lock_open(task, actor=actor)
    comment = Comment(task_id=task.id, person_id=actor.id, text=text, said_at=clock.now())
    db.session.add(comment)
    db.session.flush()
    changed(task, "commented", actor=actor)
    for person in task_boards.mentioned(task.internship, MENTION.findall(text)):
        if person.id != actor.id:
            tell(
                person,
                "task_mention",
                key=f"comment:{comment.id}",
                path=f"/tasks/{task.id}",
                name=actor.preferred_name,
                task=task.title,
            )
    return comment
