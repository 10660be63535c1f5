"""Where people are paid, on which rail, and whether they can be."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from webapp.accounts.models import Person
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.slice import tell as tell_above
from webapp.internships.models import Internship
from webapp.organisations.queries import all_of_kind, settings_of
from webapp.postings.models import Posting
from webapp.recipients.models import PayoutMethod, StripeAccount

COOLING_OFF = timedelta(hours=72)
RAILS_IN_USE = "recipient.rails_in_use"
"""Asked with a person: the rails on which money goes or will go to them."""


def current_method(person_id: int) -> PayoutMethod | None:
    """Where a person wants their money now."""
    return db.session.scalars(
        select(PayoutMethod).where(PayoutMethod.person_id == person_id, PayoutMethod.replaced_at.is_(None))
    ).one_or_none()


def cools_until(person_id: int) -> datetime | None:
    """Until when nothing may be approved, because this person changed where their money goes; None if free."""
    method = current_method(person_id)
    before = select(PayoutMethod.id).where(
        PayoutMethod.person_id == person_id, PayoutMethod.replaced_at.is_not(None)
    )
    if method is None or db.session.scalars(before.limit(1)).first() is None:
        return None
    until = method.added_at + COOLING_OFF
    return until if until > clock.now() else None


def stripe_account(person_id: int) -> StripeAccount | None:
    """The recipient's account of a person now."""
    return db.session.scalars(
        select(StripeAccount).where(StripeAccount.person_id == person_id, StripeAccount.replaced_at.is_(None))
    ).one_or_none()


def stripe_accounts(person_id: int) -> int:
    """How many accounts this person has had there."""
    count = select(func.count()).select_from(StripeAccount).where(StripeAccount.person_id == person_id)
    return int(db.session.scalar(count) or 0)


def stripe_cools_until(person_id: int) -> datetime | None:
    """Until when nothing may be approved, because this person's account at Stripe is another one; None if free."""
    changed = select(func.max(StripeAccount.replaced_at)).where(
        StripeAccount.person_id == person_id,
        StripeAccount.account.is_not(None),  # one that Stripe never made could receive nothing
    )
    at = db.session.scalar(changed)
    until = at + COOLING_OFF if at is not None else None
    return until if until is not None and until > clock.now() else None


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
    found: set[str] = set().union(*tell_above(RAILS_IN_USE, person))
    for programme in all_of_kind("programme"):
        settings = settings_of(programme.id)
        found |= {settings.rail_for(person.country, code) or "" for code in settings.currencies}
    return found - {""}
