"""What a list of payouts reads at once, so that guards and templates ask about each of them without a statement."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from webapp.core.database import facts
from webapp.core.database.base import db
from webapp.core.lifecycle import deadlines
from webapp.fundings.models import Funding
from webapp.internships.models import Internship
from webapp.payouts.models import Payout, PayoutPart
from webapp.payouts.queries import approval_contents as payout_approval_contents
from webapp.payouts.queries import attempts as payout_attempts
from webapp.recipients import queries as recipient_queries

BESIDE = (
    joinedload(Payout.payee),
    joinedload(Payout.payer),
    joinedload(Payout.internship).options(
        joinedload(Internship.posting), joinedload(Internship.organisation), joinedload(Internship.programme)
    ),
    selectinload(Payout.parts).options(
        joinedload(PayoutPart.charge),
        selectinload(PayoutPart.attempts),
        joinedload(PayoutPart.funding).selectinload(Funding.receipts),
    ),
)


def preload(payouts: Sequence[Payout]) -> None:
    """Read what is asked about each of these payouts: its people and parts, where it goes, its clocks, its reasons.

    It is forgotten when a row is locked: a move asks for the truth.
    """
    ids = [payout.id for payout in payouts]
    if ids:
        db.session.scalars(select(Payout).where(Payout.id.in_(ids)).options(*BESIDE)).all()
    preload_beside(payouts)


def preload_beside(payouts: Sequence[Payout]) -> None:
    """The same for payouts that were read with what is `BESIDE` them."""
    if not payouts:
        return
    charges = {part.charge_id for payout in payouts for part in payout.parts if part.charge_id is not None}
    recipient_queries.preload(payout.payee_id for payout in payouts if payout.payee_id is not None)
    facts.preload("committed", payout_attempts.committed_of(charges))
    facts.preload(
        "calculation", payout_approval_contents.calculations({payout.internship_id for payout in payouts})
    )
    deadlines.preload("payout", [payout.id for payout in payouts])
