"""Whom a notice reached."""

from __future__ import annotations

from tests.support.stripe_rail import StripeRail
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.notifications.models import Notice


def told(money: StripeRail, code: str) -> list[int]:
    with money.app.app_context(), unit_of_work():
        found = db.select(Notice.person_id).where(Notice.code == code).order_by(Notice.person_id)
        return list(db.session.scalars(found))
