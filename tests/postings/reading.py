"""What became of a posting: its state, its history, and what people were told."""

from __future__ import annotations

from sqlalchemy import select

from tests.postings.conftest import Work, World
from webapp.core.database.base import db
from webapp.core.lifecycle import history
from webapp.notifications.models import Notice
from webapp.postings.models import Posting


def state(work: Work, world: World) -> str:
    with work():
        return db.session.get_one(Posting, world.posting).state


def notice_codes(work: Work, person: int) -> list[str]:
    with work():
        return list(
            db.session.scalars(select(Notice.code).where(Notice.person_id == person).order_by(Notice.id))
        )


def last_move(work: Work, world: World) -> history.HistoryEntry:
    with work():
        entry = history.of_root("posting", world.posting, subject_kinds=("posting",))[-1]
        db.session.refresh(entry)
        db.session.expunge(entry)
        return entry
