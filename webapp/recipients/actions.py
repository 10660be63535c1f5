"""Where an intern is paid: a bank account on the manual rail, a recipient's account on Stripe."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.accounts.actions import accounts as account_actions
from webapp.accounts.models import Person
from webapp.core.database import clock, facts, installation
from webapp.core.database.base import db
from webapp.core.errors import NotNow
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.history import SYSTEM
from webapp.core.slice import tell as tell_above
from webapp.notifications.actions import tell
from webapp.recipients import queries
from webapp.recipients.models import PayoutMethod, StripeAccount

FIRST_LOOK = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)
ENDED = ("closed", "rejected")
CHANGED = "recipient.changed"
"""Told with the person and the rail: their money goes to another place than before."""
UPDATED = "recipient.updated"
"""Told with the account at Stripe: it may have begun or ceased to receive."""


def add_method(
    person: Person, *, actor: Person, country: str, bank_name: str, account_holder: str, account_number: str
) -> PayoutMethod:
    """An intern says where the money should go. A change holds what is about to be sent for 72 hours."""
    _lock(person)  # of two tabs, the second replaces what the first has just added
    now, before = clock.now(), queries.current_method(person.id)
    if before is not None:
        before.replaced_at = now
        db.session.flush()
        tell_above(CHANGED, person, "manual", actor=SYSTEM)
    method = PayoutMethod(
        person_id=person.id,
        country=country,
        bank_name=bank_name,
        account_holder=account_holder,
        account_number=account_number,
        added_at=now,
    )
    db.session.add(method)
    db.session.flush()
    # Where money goes can be erased, so the chain holds only that it changed.
    known = f"{before.bank_name} {before.masked}" if before is not None else "–"
    words = f"{known} → {method.bank_name} {method.masked}"
    account_actions.record(person, "bank_account", actor=actor, params={"method": method.id}, text=words)
    if before is not None:
        tell(person, "method_changed", key=f"method:{method.id}", path="/settings/payout-method")
    return method


def begin_onboarding(person: Person, *, actor: Person, include: Sequence[str]) -> StripeAccount:
    """An intern goes to tell Stripe who they are; with an account that Stripe has ended, a new one is asked for.

    Nothing is asked of Stripe here: the caller does it once this is committed, with its key and parameters.
    Raises NotNow where we do not know the person's country, which Stripe never lets anybody change later.
    """
    _lock(person)  # one account, also of two tabs
    before = queries.stripe_account(person.id)
    if before is not None and before.transfers not in ENDED and not _is_outdated(before, person, include):
        return before
    if not person.country:
        raise NotNow(_l("Choose your country in your settings; then Stripe can pay you there."))
    now, number = clock.real_now(), queries.stripe_accounts(person.id) + 1
    if before is not None:
        before.replaced_at, before.next_poll_at = clock.now(), None
        db.session.flush()
    if before is not None and before.account is not None:
        tell_above(CHANGED, person, "stripe", actor=SYSTEM)
        tell(person, "method_changed", key=f"stripe:{person.id}:{number}", path="/settings/payout-method")
    uid, key = installation.uid(), f"ac-{person.id}-{number}"
    account = StripeAccount(
        person_id=person.id,
        key=key,
        country=person.country,
        asked_at=now,
        params={"idempotency_key": f"{uid}-{key}", "body": _asked_of_stripe(person, uid, key, include)},
    )
    db.session.add(account)
    db.session.flush()
    account_actions.record(person, "stripe_account", actor=actor, params={"number": number})
    return account


def _lock(person: Person) -> None:
    db.session.refresh(person, with_for_update={"of": Person, "key_share": True})
    facts.forget()  # where their money goes may have changed while we waited


def _is_outdated(account: StripeAccount, person: Person, include: Sequence[str]) -> bool:
    """Stripe has not made it, and would be asked for something else today: what it refused may be right by now."""
    if account.account is not None or not person.country:
        return False
    asked = _asked_of_stripe(person, installation.uid(), account.key, include)
    return bool(account.params["body"] != asked)


def _asked_of_stripe(person: Person, uid: str, key: str, include: Sequence[str]) -> dict[str, Any]:
    """The least that Stripe needs to begin; everything else the person tells Stripe and not us."""
    transfers = {"stripe_balance": {"stripe_transfers": {"requested": True}}}
    return {
        "contact_email": person.email,
        "display_name": person.preferred_name,
        "dashboard": "express",
        "identity": {"country": (person.country or "").lower(), "entity_type": "individual"},
        "configuration": {"recipient": {"capabilities": transfers}},
        "defaults": {
            "responsibilities": {"fees_collector": "application", "losses_collector": "application"}
        },
        "include": list(include),
        "metadata": {"stint": uid, "account": key},
    }


def update_account(
    account: StripeAccount,
    *,
    number: str,
    transfers: str,
    requirements: Sequence[str],
    waits_for_user: bool,
) -> None:
    """What Stripe says of a recipient: sums that cannot be received are blocked, and free again once they can."""
    lifecycle.reread(account)
    account.account, account.transfers = number, transfers
    account.requirements, account.waits_for_user = list(requirements), waits_for_user
    account.read_at = clock.real_now()
    settled = transfers == "active" or transfers in ENDED or account.replaced_at is not None
    pause = min(FIRST_LOOK * 2 ** min(account.poll_count, 10), LONGEST_PAUSE)
    account.poll_count = 0 if settled else account.poll_count + 1
    # Also an account in order is looked at now and then: a lost webhook must not hide that it was restricted.
    account.next_poll_at = account.read_at + (LONGEST_PAUSE if transfers == "active" else pause)
    if transfers in ENDED or account.replaced_at is not None:
        account.next_poll_at = None
    db.session.flush()
    if account.replaced_at is not None:
        return
    tell_above(UPDATED, account)
