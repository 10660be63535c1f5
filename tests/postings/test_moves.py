"""The moves of a posting: offered to whom they are open, and not on a stale page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.postings.conftest import Change, Work, World
from tests.postings.reading import state
from tests.support import people as cast
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.errors import Stale
from webapp.organisations.models import ProgrammeSettings
from webapp.postings.actions import drafts as posting_drafts
from webapp.postings.actions import moves as posting_moves
from webapp.postings.models import Posting


def test_a_stale_page_changes_nothing(work: Work, world: World, change: Change) -> None:
    change(posting_drafts.edit, world.owner, values={"title": "Another title"})
    for action in (posting_moves.publish, posting_moves.propose, posting_moves.cancel):
        with pytest.raises(Stale):
            change(action, world.owner, version=1)
    assert state(work, world) == "draft"


MOVES: dict[str, Callable[..., None]] = {
    "publish": posting_moves.publish,
    "propose": posting_moves.propose,
    "approve": posting_moves.approve,
    "send_back": lambda posting, **kwargs: posting_moves.send_back(posting, reason="Why", **kwargs),
    "close": posting_moves.close,
    "reopen": posting_moves.reopen,
    "cancel": posting_moves.cancel,
}


@pytest.mark.abuse(7)
@pytest.mark.parametrize("move", MOVES)
def test_the_button_is_there_exactly_when_the_door_opens(
    app: Flask, work: Work, world: World, move: str
) -> None:
    """Each move tried from each state by each kind of person: it works when and only when it was shown."""
    from webapp.core.errors import AppError
    from webapp.core.lifecycle import transitions as lifecycle
    from workflows.posting import LAW

    people = (world.owner, world.reviewer, world.manager, world.intern, world.stranger)
    outcomes = set()
    for approval in (False, True):
        for begin in LAW.states:
            for who in people:
                with app.test_request_context():
                    db.session.get_one(ProgrammeSettings, world.programme).approval_needed = approval
                    posting = db.session.get_one(Posting, world.posting)
                    db.session.execute(
                        db.update(Posting)
                        .where(Posting.id == posting.id)
                        .values(state=begin, closes_at=datetime.now(UTC), proposed_at=datetime.now(UTC))
                    )
                    db.session.refresh(posting)
                    if begin not in ("draft", "in_approval"):
                        cast.seat(posting)
                    db.session.info.pop("locked", None)
                    actor = db.session.get_one(Person, who)
                    shown = move in lifecycle.open_moves(posting, actor)
                    try:
                        MOVES[move](posting, actor=actor, version=posting.version)
                        opened = True
                    except AppError:
                        opened = False
                    db.session.rollback()
                assert shown == opened, (move, begin, who, approval)
                outcomes.add(opened)
    assert outcomes == {True, False}
