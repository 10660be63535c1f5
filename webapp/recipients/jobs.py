"""Recipients at Stripe: read, made, and brought to where Stripe says they are. Each job may run twice, or be killed."""

from __future__ import annotations

import logging
from datetime import timedelta

from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work, with_retries
from webapp.recipients import actions, queries
from webapp.recipients.models import StripeAccount
from webapp.stripe.gateway import gateway
from webapp.stripe.gateway.errors import GatewayError
from webapp.stripe.gateway.facts import Account

log = logging.getLogger(__name__)


def ask_onboarding(
    number: str | None, params: dict[str, object], refresh_url: str, return_url: str
) -> tuple[Account | GatewayError, str | None]:
    """The recipient, made with its own key where we know none yet, and a single-use link to Stripe's page."""
    answer = ask_account(number) if number is not None else _make_account(params)
    if isinstance(answer, GatewayError):
        return answer, None
    try:
        return answer, gateway().onboarding_link(answer.id, refresh_url=refresh_url, return_url=return_url)
    except GatewayError as error:
        log.warning("no link for recipient %s: %s", answer.id, error)
        return answer, None


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


def read_account(account_id: int) -> None:
    """Read a recipient: may it receive by now, and what is missing."""

    def take() -> str | None:
        with unit_of_work():
            return db.session.get_one(StripeAccount, account_id).account

    number = with_retries(take)
    if number is None:
        return  # the person has not come as far as Stripe; their next click goes on
    answer = ask_account(number)
    with_retries(lambda: _apply_account(account_id, answer))


def _apply_account(account_id: int, answer: Account | GatewayError) -> None:
    with unit_of_work():
        apply_account(db.session.get_one(StripeAccount, account_id), answer)


def apply_account(account: StripeAccount, answer: Account | GatewayError) -> None:
    """Bring a recipient to where Stripe says they are."""
    if isinstance(answer, GatewayError):
        log.warning("recipient %s could not be read: %s", account.account or account.key, answer)
        # Of one that Stripe has not made there is nothing to look at: their next click goes on.
        looked_at = account.account is not None and account.replaced_at is None
        account.next_poll_at = clock.real_now() + timedelta(minutes=10) if looked_at else None
        return
    if answer.metadata.get("account") != account.key:
        log.critical("Stripe's account %s is not the one of %s", answer.id, account.key)
        account.next_poll_at = clock.real_now() + timedelta(hours=1) if account.account is not None else None
        return
    actions.update_account(
        account,
        number=answer.id,
        transfers=answer.transfers,
        requirements=answer.requirements,
        waits_for_user=answer.waits_for_user,
    )


def account_said(number: str) -> str:
    """Something happened to a recipient. Returns what came of it."""

    def find() -> int | None:
        with unit_of_work():
            account = queries.account_of(number)
            return account.id if account is not None else None

    account_id = with_retries(find)
    if account_id is None:
        return "foreign"  # or not stored yet: the click that made it reads it too
    read_account(account_id)
    return "applied"
