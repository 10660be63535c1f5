"""What the steps read of the one internship of a story."""

from __future__ import annotations

from datetime import timedelta

from tests.end_to_end.people import Story
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.internships.models import Internship
from webapp.payouts.models import Payout


def day(story: Story, days: int) -> str:
    """A day, so many days after the story's today, as a date field takes it."""
    today = story.read(lambda: clock.now().date())
    return str((today + timedelta(days=days)).isoformat())


# 4. The agreement


def internship(story: Story) -> str:
    return f"/internships/{story.read(lambda: db.session.scalars(db.select(Internship.id)).one())}"


# 5. The money, and the start


def state(story: Story) -> str:
    found: str = story.read(lambda: db.session.scalars(db.select(Internship.state)).one())
    return found


# 9. The payment


def payout(story: Story, type_: str) -> int:
    found: int = story.read(
        lambda: db.session.scalars(db.select(Payout.id).where(Payout.type == type_)).one()
    )
    return found
