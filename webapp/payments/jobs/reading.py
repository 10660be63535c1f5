"""What Stripe says of a page, a recipient, a transfer or a refund, read there and applied here, only ever forwards."""

from __future__ import annotations

import logging
from datetime import timedelta

from webapp.core import clock, installation, jobs
from webapp.core.audit import SYSTEM
from webapp.core.db import db
from webapp.core.unit_of_work import unit_of_work, with_retries
from webapp.fundings import actions as funding_actions
from webapp.fundings import queries as funding_queries
from webapp.fundings.models import Checkout
from webapp.payments import actions, queries
from webapp.payments.gateway import GatewayError, Rejected, gateway
from webapp.payments.gateway.facts import Account, Sent, Session
from webapp.payments.jobs.sending import is_as_asked
from webapp.payments.models import StripeAccount

log = logging.getLogger(__name__)


def _page_of(checkout_id: int) -> tuple[str | None, dict[str, object]]:
    with unit_of_work():
        checkout = db.session.get_one(Checkout, checkout_id)
        return checkout.session, dict(checkout.params)


def read_checkout(checkout_id: int) -> None:
    """Read the page of a checkout, or ask for it again where nobody knows whether it was made."""
    session, params = with_retries(lambda: _page_of(checkout_id))
    said = ask_checkout(session, params)
    with_retries(lambda: _apply_checkout(checkout_id, said))


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


def _apply_checkout(checkout_id: int, said: Session | GatewayError) -> None:
    with unit_of_work():
        apply_checkout(db.session.get_one(Checkout, checkout_id), said)


def apply_checkout(checkout: Checkout, said: Session | GatewayError) -> None:
    """Bring a checkout to where Stripe says it is; told twice, or too late, it changes nothing."""
    if isinstance(said, GatewayError):
        _without_answer(checkout, said)
        return
    if said.metadata.get("checkout") != checkout.key or said.metadata.get("stint") != installation.uid():
        log.critical("Stripe's page %s is not the one of checkout %s", said.id, checkout.key)
        funding_actions.look_later(checkout, actor=SYSTEM)
        return
    if said.charge is not None and said.payment_status == "paid" and said.charge.paid:
        charge = said.charge
        if not charge.booked_currency:  # Stripe has it, and has not put it into its own books yet
            funding_actions.note_processing(checkout, actor=SYSTEM, session=said.id)
            funding_actions.look_later(checkout, actor=SYSTEM)
            return
        if {charge.booked_currency, charge.currency} != {checkout.funding.currency}:
            log.critical("charge %s was booked by Stripe in %s", charge.id, charge.booked_currency)
            actions.note_differs(checkout, actor=SYSTEM, session=said.id, charge=charge.id)
            return
        actions.take_in(
            checkout,
            actor=SYSTEM,
            session=said.id,
            charge=charge.id,
            payment_intent=charge.payment_intent,
            balance_transaction=charge.balance_transaction,
            amount=charge.amount,
            stripe_fee=charge.fee,
            occurred_at=charge.created,
        )
    elif said.status == "open":
        funding_actions.note_checkout_open(checkout, actor=SYSTEM, session=said.id, url=said.url)
        funding_actions.look_later(checkout, actor=SYSTEM)
        if funding_actions.is_dead(
            checkout.funding
        ):  # it was made, or could not be ended, while the match ended
            jobs.defer(jobs.Job.END_CHECKOUT, checkout_id=checkout.id)
    elif said.status == "expired":
        funding_actions.let_checkout_expire(checkout, actor=SYSTEM)
    elif said.failed:
        funding_actions.note_processing(checkout, actor=SYSTEM, session=said.id)
        funding_actions.fail_checkout(checkout, actor=SYSTEM, reason="payment_failed")
    else:
        funding_actions.note_processing(checkout, actor=SYSTEM, session=said.id)
        funding_actions.look_later(checkout, actor=SYSTEM)


def _without_answer(checkout: Checkout, error: GatewayError) -> None:
    # Stripe takes no page that is about to end: that is no fault of the payment.
    in_time = clock.real_now() < checkout.expires_at - timedelta(minutes=35)
    if checkout.session is None and isinstance(error, Rejected) and in_time:
        funding_actions.fail_checkout(checkout, actor=SYSTEM, reason=error.code)
    elif checkout.session is None and isinstance(error, Rejected):
        funding_actions.let_checkout_expire(checkout, actor=SYSTEM)
    elif (checkout.session is None or isinstance(error, Rejected)) and (
        clock.real_now() > checkout.expires_at + timedelta(hours=1)
    ):
        # Were it there, nobody could pay on it any more. (Rejected: another account's key is in use by now.)
        funding_actions.let_checkout_expire(checkout, actor=SYSTEM)
    else:
        funding_actions.look_later(checkout, actor=SYSTEM)


def ask_onboarding(
    number: str | None, params: dict[str, object], refresh_url: str, return_url: str
) -> tuple[Account | GatewayError, str | None]:
    """The recipient, made with its own key where we know none yet, and a single-use link to Stripe's page."""
    said = ask_account(number) if number is not None else _make_account(params)
    if isinstance(said, GatewayError):
        return said, None
    try:
        return said, gateway().onboarding_link(said.id, refresh_url=refresh_url, return_url=return_url)
    except GatewayError as error:
        log.warning("no link for recipient %s: %s", said.id, error)
        return said, None


def _make_account(params: dict[str, object]) -> Account | GatewayError:
    key, body = params["idempotency_key"], params["body"]
    assert isinstance(key, str) and isinstance(body, dict)
    try:
        return gateway().open_account(key, body)
    except GatewayError as error:
        return error


def ask_account(number: str) -> Account | GatewayError:
    """A recipient as Stripe knows them."""
    try:
        return gateway().read_account(number)
    except GatewayError as error:
        return error


def end_checkout(checkout_id: int) -> None:
    """The match is over: nobody shall pay on its page any more. What was paid meanwhile is taken in and returned."""
    session, params = with_retries(lambda: _page_of(checkout_id))
    said = ask_checkout(session, params)
    if isinstance(said, Session) and said.status == "open":
        try:
            said = gateway().expire_checkout(said.id)
        except GatewayError as error:
            said = error
    with_retries(lambda: _apply_checkout(checkout_id, said))


def read_account(account_id: int) -> None:
    """Read a recipient: may it receive by now, and what is missing."""

    def take() -> str | None:
        with unit_of_work():
            return db.session.get_one(StripeAccount, account_id).account

    number = with_retries(take)
    if number is None:
        return  # the person has not come as far as Stripe; their next click goes on
    said = ask_account(number)
    with_retries(lambda: _apply_account(account_id, said))


def _apply_account(account_id: int, said: Account | GatewayError) -> None:
    with unit_of_work():
        apply_account(db.session.get_one(StripeAccount, account_id), said)


def apply_account(account: StripeAccount, said: Account | GatewayError) -> None:
    """Bring a recipient to where Stripe says they are."""
    if isinstance(said, GatewayError):
        log.warning("recipient %s could not be read: %s", account.account or account.key, said)
        # Of one that Stripe has not made there is nothing to look at: their next click goes on.
        looked_at = account.account is not None and account.replaced_at is None
        account.next_look_at = clock.real_now() + timedelta(minutes=10) if looked_at else None
        return
    if said.metadata.get("account") != account.key:
        log.critical("Stripe's account %s is not the one of %s", said.id, account.key)
        account.next_look_at = clock.real_now() + timedelta(hours=1) if account.account is not None else None
        return
    actions.note_account(
        account,
        actor=SYSTEM,
        number=said.id,
        transfers=said.transfers,
        requirements=said.requirements,
        waits_for_user=said.waits_for_user,
    )


def read_transfer(transfer: str) -> str:
    """Something happened to a transfer: if it is ours, its attempt learns of it. Returns what came of it."""
    return with_retries(lambda: _apply_sent(gateway_read("transfer", transfer)))


def read_refund(refund: str) -> str:
    """Something happened to a refund: if it is ours, its attempt learns of it. Returns what came of it."""
    return with_retries(lambda: _apply_sent(gateway_read("refund", refund)))


def gateway_read(kind: str, number: str) -> Sent:
    return gateway().read_refund(number) if kind == "refund" else gateway().read_transfer(number)


def _apply_sent(sent: Sent) -> str:
    with unit_of_work():
        if sent.metadata.get("stint") != installation.uid():
            charge = funding_queries.charge_of(sent.to)
            if charge is not None and not sent.failed:
                log.critical("refund %s of our charge %s was not asked for by us", sent.id, sent.to)
                actions.note_returned_elsewhere(charge, actor=SYSTEM, refund=sent.id, amount=sent.amount)
            return "foreign"
        attempt = queries.attempt_by_key(sent.metadata.get("attempt", ""))
        if attempt is None:
            raise MissingParent(sent.id)
        actions.lock_attempt(attempt)  # another worker may have settled it since it was read
        if not is_as_asked(sent, attempt.params, attempt.amount, attempt.currency):
            log.critical("%s at Stripe is not what attempt %s asked for", sent.id, attempt.key)
            return "differs"
        if attempt.state == "rejected" and sent.done and not sent.failed:
            # Declared absent, and there after all: the next attempt sees it too, and is not sent.
            log.critical("%s is at Stripe, though attempt %s was rejected", sent.id, attempt.key)
            return "unexpected"
        if sent.failed and attempt.state == "succeeded":
            log.critical("refund %s of attempt %s failed after it had succeeded", sent.id, attempt.key)
            actions.note_came_back(attempt, actor=SYSTEM, amount=sent.amount)
            return "came_back"
        if sent.failed:
            actions.settle_rejected(attempt, actor=SYSTEM, code=f"refund_{sent.failed}")
        elif sent.done:
            actions.settle_sent(attempt, actor=SYSTEM, reference=sent.id, occurred_at=sent.created)
        if sent.reversed:
            log.critical("transfer %s of attempt %s was reversed at Stripe", sent.id, attempt.key)
            actions.note_came_back(attempt, actor=SYSTEM, amount=sent.reversed)
            return "reversed"
        return "applied"


def checkout_said(session: str) -> str:
    """Something happened to a page: if it is ours, its checkout learns of it. Returns what came of it."""
    said = gateway().read_checkout(session)

    def apply() -> str:
        with unit_of_work():
            if said.metadata.get("stint") != installation.uid():
                return "foreign"
            checkout = funding_queries.checkout_by_key(said.metadata.get("checkout", ""))
            if checkout is None:
                raise MissingParent(session)
            apply_checkout(checkout, said)
            return "applied"

    return with_retries(apply)


def account_said(number: str) -> str:
    """Something happened to a recipient. Returns what came of it."""

    def find() -> int | None:
        with unit_of_work():
            account = queries.account_of(number)
            return account.id if account is not None else None

    found = with_retries(find)
    if found is None:
        return "foreign"  # or not stored yet: the click that made it reads it too
    read_account(found)
    return "applied"


class MissingParent(Exception):
    """What Stripe speaks of is ours, but we do not know it yet: the event is tried again later."""
