"""What the tests ask the books about one internship."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webapp.core.database.base import db
from webapp.ledger.models import Account, Balance, Entry, Journal


def balances_of_internship(internship_id: int) -> dict[str, int]:
    """Tell what is unspent and what is awarded and not sent, by account code."""
    query = (
        select(Account.code, Balance.credit)
        .join(Balance, Balance.account_id == Account.id)
        .where(Account.internship_id == internship_id)
        .order_by(Account.code)
    )
    return dict(iter(db.session.execute(query)))


def journals_of_internship(internship_id: int) -> Sequence[Journal]:
    """List every journal that touched the internship's money, oldest first."""
    touched = (
        select(Entry.journal_id)
        .join(Account, Account.id == Entry.account_id)
        .where(Account.internship_id == internship_id)
    )
    own = select(Journal.id).where(Journal.id.in_(touched))
    return db.session.scalars(
        select(Journal)
        .where(Journal.id.in_(touched) | Journal.resolves.in_(own))
        .order_by(Journal.id)
        .options(selectinload(Journal.entries).joinedload(Entry.account))
    ).all()
