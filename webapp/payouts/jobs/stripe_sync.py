"""What Stripe says of a transfer or a refund, read there and applied here, only ever forwards."""

from __future__ import annotations

import logging

from webapp.core.database import installation
from webapp.core.database.transactions import unit_of_work, with_retries
from webapp.core.lifecycle.history import SYSTEM
from webapp.fundings import queries as funding_queries
from webapp.fundings.actions import receipts as funding_receipts
from webapp.payouts.actions import sending as payout_sending
from webapp.payouts.jobs.transfers import is_as_asked
from webapp.payouts.queries import attempts as payout_attempts
from webapp.stripe.gateway import gateway
from webapp.stripe.gateway.facts import Sent
from webapp.stripe.jobs import MissingParent

log = logging.getLogger(__name__)


def read_transfer(transfer: str) -> str:
    """Something happened to a transfer: if it is ours, its attempt learns of it. Returns what came of it."""
    return _applied("transfer", transfer)


def read_refund(refund: str) -> str:
    """Something happened to a refund: if it is ours, its attempt learns of it. Returns what came of it."""
    return _applied("refund", refund)


def _applied(kind: str, number: str) -> str:
    return with_retries(lambda: _apply_sent(gateway_read(kind, number)))


def gateway_read(kind: str, number: str) -> Sent:
    return gateway().read_refund(number) if kind == "refund" else gateway().read_transfer(number)


def _apply_sent(sent: Sent) -> str:
    with unit_of_work():
        if sent.metadata.get("stint") != installation.uid():
            charge = funding_queries.charge_of(sent.to)
            if charge is not None and not sent.failed:
                log.critical("refund %s of our charge %s was not asked for by us", sent.id, sent.to)
                funding_receipts.report_outside_refund(charge, refund=sent.id, amount=sent.amount)
            return "foreign"
        attempt = payout_attempts.attempt_by_key(sent.metadata.get("attempt", ""))
        if attempt is None:
            raise MissingParent(sent.id)
        payout_sending.lock_attempt(attempt)  # another worker may have settled it since it was read
        if not is_as_asked(sent, attempt.params, attempt.amount, attempt.currency):
            log.critical("%s at Stripe is not what attempt %s asked for", sent.id, attempt.key)
            return "differs"
        if attempt.state == "rejected" and sent.done and not sent.failed:
            # Declared absent, and there after all: the next attempt sees it too, and is not sent.
            log.critical("%s is at Stripe, though attempt %s was rejected", sent.id, attempt.key)
            return "unexpected"
        if sent.failed and attempt.state == "succeeded":
            log.critical("refund %s of attempt %s failed after it had succeeded", sent.id, attempt.key)
            payout_sending.mark_came_back(attempt, amount=sent.amount)
            return "came_back"
        if sent.failed:
            payout_sending.settle_rejected(attempt, actor=SYSTEM, code=f"refund_{sent.failed}")
        elif sent.done:
            payout_sending.settle_sent(attempt, actor=SYSTEM, reference=sent.id, occurred_at=sent.created)
        if sent.reversed:
            log.critical("transfer %s of attempt %s was reversed at Stripe", sent.id, attempt.key)
            payout_sending.mark_came_back(attempt, amount=sent.reversed)
            return "reversed"
        return "applied"
