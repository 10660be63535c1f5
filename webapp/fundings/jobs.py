"""Stripe's payment pages: each is read at Stripe and brought to where Stripe says it is. Each job may run twice, or be killed."""

from __future__ import annotations

import logging
from datetime import timedelta

from webapp.core.database import clock, installation, jobs
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work, with_retries
from webapp.core.lifecycle.history import SYSTEM
from webapp.fundings import queries
from webapp.fundings.actions import checkouts as funding_checkouts
from webapp.fundings.actions import receipts as funding_receipts
from webapp.fundings.actions import transfers as funding_transfers
from webapp.fundings.models import END_CHECKOUT, Checkout
from webapp.stripe.gateway import gateway
from webapp.stripe.gateway.errors import GatewayError, Rejected
from webapp.stripe.gateway.facts import Session
from webapp.stripe.jobs import MissingParent

log = logging.getLogger(__name__)


def _page_of(checkout_id: int) -> tuple[str | None, dict[str, object]]:
    with unit_of_work():
        checkout = db.session.get_one(Checkout, checkout_id)
        return checkout.session, dict(checkout.params)


def read_checkout(checkout_id: int) -> None:
    """Read the page of a checkout, or ask for it again where nobody knows whether it was made."""
    session, params = with_retries(lambda: _page_of(checkout_id))
    answer = ask_checkout(session, params)
    with_retries(lambda: _apply_checkout(checkout_id, answer))


def ask_checkout(session: str | None, params: dict[str, object]) -> Session | GatewayError:
    """The page as Stripe knows it; made with its own key where we know no page yet."""
    try:
        if session is not None:
            return gateway().read_checkout(session)
        key, body = params["idempotency_key"], params["body"]
        assert isinstance(key, str) and isinstance(body, dict)
        return gateway().open_checkout(key, body)
    except GatewayError as error:
        return error


def _apply_checkout(checkout_id: int, answer: Session | GatewayError) -> None:
    with unit_of_work():
        checkout = db.session.get_one(Checkout, checkout_id)
        apply_checkout(checkout, answer)


def apply_checkout(checkout: Checkout, answer: Session | GatewayError) -> None:
    """Bring a checkout to where Stripe says it is; told twice, or too late, it changes nothing."""
    if isinstance(answer, GatewayError):
        _without_answer(checkout, answer)
        return
    if answer.metadata.get("checkout") != checkout.key or answer.metadata.get("stint") != installation.uid():
        log.critical("Stripe's page %s is not the one of checkout %s", answer.id, checkout.key)
        funding_checkouts.schedule_poll(checkout)
        return
    if answer.charge is not None and answer.payment_status == "paid" and answer.charge.paid:
        charge = answer.charge
        if not charge.booked_currency:  # Stripe has it, and has not put it into its own books yet
            funding_checkouts.mark_processing(checkout, actor=SYSTEM, session=answer.id)
            funding_checkouts.schedule_poll(checkout)
            return
        if {charge.booked_currency, charge.currency} != {checkout.funding.currency}:
            log.critical("charge %s was booked by Stripe in %s", charge.id, charge.booked_currency)
            funding_receipts.report_other_currency(
                checkout, actor=SYSTEM, session=answer.id, charge=charge.id
            )
            return
        funding_receipts.record_stripe_payment(
            checkout,
            actor=SYSTEM,
            session=answer.id,
            charge=charge.id,
            payment_intent=charge.payment_intent,
            balance_transaction=charge.balance_transaction,
            amount=charge.amount,
            stripe_fee=charge.fee,
            occurred_at=charge.created,
        )
    elif answer.status == "open":
        funding_checkouts.mark_checkout_open(checkout, session=answer.id, url=answer.url)
        funding_checkouts.schedule_poll(checkout)
        if funding_transfers.is_void_match(
            checkout.funding
        ):  # it was made, or could not be ended, while the match ended
            jobs.defer(END_CHECKOUT, checkout_id=checkout.id)
    elif answer.status == "expired":
        funding_checkouts.let_checkout_expire(checkout)
    elif answer.failed:
        funding_checkouts.mark_processing(checkout, actor=SYSTEM, session=answer.id)
        funding_checkouts.fail_checkout(checkout, actor=SYSTEM, reason="payment_failed")
    else:
        funding_checkouts.mark_processing(checkout, actor=SYSTEM, session=answer.id)
        funding_checkouts.schedule_poll(checkout)


def _without_answer(checkout: Checkout, error: GatewayError) -> None:
    # Stripe takes no page that is about to end: that is no fault of the payment.
    in_time = clock.real_now() < checkout.expires_at - timedelta(minutes=35)
    if checkout.session is None and isinstance(error, Rejected) and in_time:
        funding_checkouts.fail_checkout(checkout, actor=SYSTEM, reason=error.code)
    elif checkout.session is None and isinstance(error, Rejected):
        funding_checkouts.let_checkout_expire(checkout)
    elif (checkout.session is None or isinstance(error, Rejected)) and (
        clock.real_now() > checkout.expires_at + timedelta(hours=1)
    ):
        # Were it there, nobody could pay on it any more. (Rejected: another account's key is in use by now.)
        funding_checkouts.let_checkout_expire(checkout)
    else:
        funding_checkouts.schedule_poll(checkout)


def end_checkout(checkout_id: int) -> None:
    """The match is over: nobody shall pay on its page any more. What was paid meanwhile is taken in and returned."""
    session, params = with_retries(lambda: _page_of(checkout_id))
    answer = ask_checkout(session, params)
    if isinstance(answer, Session) and answer.status == "open":
        try:
            answer = gateway().expire_checkout(answer.id)
        except GatewayError as error:
            answer = error
    with_retries(lambda: _apply_checkout(checkout_id, answer))


def checkout_said(session: str) -> str:
    """Something happened to a page: if it is ours, its checkout learns of it. Returns what came of it."""
    answer = gateway().read_checkout(session)

    def apply() -> str:
        with unit_of_work():
            if answer.metadata.get("stint") != installation.uid():
                return "foreign"
            checkout = queries.checkout_by_key(answer.metadata.get("checkout", ""))
            if checkout is None:
                raise MissingParent(session)
            apply_checkout(checkout, answer)
            return "applied"

    return with_retries(apply)
