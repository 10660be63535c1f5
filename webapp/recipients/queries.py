"""Where people are paid, on which rail, and whether they can be."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select

from webapp.accounts.models import Person
from webapp.core.database import clock, facts
from webapp.core.database.base import db
from webapp.core.database.facts import fact
from webapp.core.slice import tell as tell_above
from webapp.internships.models import Internship
from webapp.organisations.queries import programmes_with_settings, settings_of
from webapp.postings.models import Posting
from webapp.recipients.models import PayoutMethod, StripeAccount

COOLING_OFF = timedelta(hours=72)
RAILS_IN_USE = "recipient.rails_in_use"
"""Asked with a person: the rails on which money goes or will go to them."""


def current_method(person_id: int) -> PayoutMethod | None:
    """Where a person wants their money now."""
    return fact("payout_method", person_id, lambda: _methods([person_id]).get(person_id))


def _methods(people: Iterable[int]) -> dict[int, PayoutMethod]:
    current = select(PayoutMethod).where(
        PayoutMethod.person_id.in_(list(people)), PayoutMethod.replaced_at.is_(None)
    )
    return {method.person_id: method for method in db.session.scalars(current)}


def cools_until(person_id: int) -> datetime | None:
    """Until when nothing may be approved, because this person changed where their money goes; None if free."""
    method = current_method(person_id)
    if method is None:
        return None
    if not fact("payout_method_changed", person_id, lambda: person_id in _with_changed_method([person_id])):
        return None
    until = method.added_at + COOLING_OFF
    return until if until > clock.now() else None


def _with_changed_method(people: Iterable[int]) -> set[int]:
    before = select(PayoutMethod.person_id).where(
        PayoutMethod.person_id.in_(list(people)), PayoutMethod.replaced_at.is_not(None)
    )
    return set(db.session.scalars(before.distinct()))


def stripe_account(person_id: int) -> StripeAccount | None:
    """The recipient's account of a person now."""
    return fact("stripe_account", person_id, lambda: _accounts([person_id]).get(person_id))


def _accounts(people: Iterable[int]) -> dict[int, StripeAccount]:
    current = select(StripeAccount).where(
        StripeAccount.person_id.in_(list(people)), StripeAccount.replaced_at.is_(None)
    )
    return {account.person_id: account for account in db.session.scalars(current)}


def stripe_accounts(person_id: int) -> int:
    """How many accounts this person has had there."""
    count = select(func.count()).select_from(StripeAccount).where(StripeAccount.person_id == person_id)
    return int(db.session.scalar(count) or 0)


def stripe_cools_until(person_id: int) -> datetime | None:
    """Until when nothing may be approved, because this person's account at Stripe is another one; None if free."""
    at = fact("stripe_account_replaced", person_id, lambda: _replaced_at([person_id]).get(person_id))
    until = at + COOLING_OFF if at is not None else None
    return until if until is not None and until > clock.now() else None


def _replaced_at(people: Iterable[int]) -> dict[int, datetime]:
    """When the last account of each of these people was replaced by another one."""
    changed = select(StripeAccount.person_id, func.max(StripeAccount.replaced_at)).where(
        StripeAccount.person_id.in_(list(people)),
        StripeAccount.replaced_at.is_not(None),
        StripeAccount.account.is_not(None),  # one that Stripe never made could receive nothing
    )
    rows = db.session.execute(changed.group_by(StripeAccount.person_id))
    return {row[0]: row[1] for row in rows if row[1] is not None}


def preload(people: Iterable[int]) -> None:
    """Read at once where the money of these people goes: what is asked about each of them reads nothing again."""
    ids = facts.unknown("stripe_account_replaced", people)
    if not ids:
        return
    methods, changed = _methods(ids), _with_changed_method(ids)
    accounts, replaced = _accounts(ids), _replaced_at(ids)
    facts.preload("payout_method", {number: methods.get(number) for number in ids})
    facts.preload("payout_method_changed", {number: number in changed for number in ids})
    facts.preload("stripe_account", {number: accounts.get(number) for number in ids})
    facts.preload("stripe_account_replaced", {number: replaced.get(number) for number in ids})


def payable(person: Person, rail: str) -> bool:
    """Can this person be paid on this rail?"""
    if rail == "manual":
        return current_method(person.id) is not None
    account = stripe_account(person.id)
    return account is not None and account.can_receive


def rail_for(person: Person, posting: Posting) -> str | None:
    """The rail on which this person would be paid for this posting; None where the programme has none for them."""
    return settings_of(posting.programme_id).rail_for(person.country, posting.currency)


def rail_of(internship: Internship) -> str:
    """The rail that the agreement froze."""
    return internship.terms.rail


def accounts_to_poll(now: datetime, at_most: int) -> list[int]:
    """The ids of recipients that may have changed without our being told; `now` is real time."""
    due = select(StripeAccount.id).where(
        StripeAccount.next_poll_at <= now, StripeAccount.account.is_not(None)
    )
    return list(db.session.scalars(due.order_by(StripeAccount.next_poll_at).limit(at_most)))


def account_of(number: str) -> StripeAccount | None:
    """The recipient that Stripe knows by this id."""
    return db.session.scalars(select(StripeAccount).where(StripeAccount.account == number)).one_or_none()


def rails_of(person: Person) -> set[str]:
    """The rails on which this person is paid or will be, and those that programmes have for their country."""
    rails: set[str] = set().union(*tell_above(RAILS_IN_USE, person))
    for _programme, settings in programmes_with_settings():
        rails |= {settings.rail_for(person.country, code) or "" for code in settings.currencies}
    return rails - {""}
