"""Taking tasks over from a board that somebody has worked with before."""

from __future__ import annotations

from collections.abc import Collection

from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.accounts.models import Person
from webapp.core.boards import ranks as board_ranks
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.errors import Invalid, NotAllowed
from webapp.core.lifecycle import transitions as lifecycle
from webapp.internships.models import Internship
from webapp.tasks import policy
from webapp.tasks.actions.open_board import last_rank, room_left, still_open
from webapp.tasks.models import Check, Task
from webapp.tasks.queries import attachments as task_attachments


def copy_cards(
    internship: Internship, *, actor: Person, source: Internship, cards: Collection[int]
) -> list[Task]:
    """Somebody on the board takes tasks over from another board of theirs, to the end of To do, in their order.

    Words, labels and the lines of the checklist come along, unticked; days, comments, files and blocks do not.
    Raises NotAllowed, NotNow when the board is closed, Invalid for a task of a third board or too many of them.
    """
    lifecycle.lock(internship)
    if not policy.may_add(actor, internship) or not task_attachments.may_copy_from(actor, internship, source):
        raise NotAllowed
    still_open(internship)
    chosen = [card for card in task_attachments.cards_to_copy(source) if card.id in cards]
    if not chosen or len(chosen) != len(set(cards)):
        raise Invalid(_("Choose tasks from the board shown."), field="cards")
    room = room_left(internship)
    if len(chosen) > room:
        raise Invalid(
            ngettext(
                "This board has room for %(num)s more task. Choose fewer.",
                "This board has room for %(num)s more tasks. Choose fewer.",
                room,
            ),
            field="cards",
        )
    rank, copies = last_rank(internship), []
    for card in chosen:
        rank = board_ranks.between(rank, None)
        copy = Task(
            internship_id=internship.id,
            title=card.title,
            detail=card.detail,
            labels=list(card.labels),
            rank=rank,
            created_by_id=actor.id,
            created_at=clock.now(),
            checks=[Check(position=n, text=check.text) for n, check in enumerate(card.checks, start=1)],
        )
        lifecycle.begin(copy, actor=actor, params={"copied_from": card.id})
        copies.append(copy)
    db.session.flush()
    return copies
