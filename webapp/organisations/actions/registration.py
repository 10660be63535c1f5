"""Employers and programmes come to be, say who they are, and a programme sets its rules."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from webapp.accounts.actions import accounts as account_actions
from webapp.accounts.actions.accounts import Newcomer
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.lifecycle import history
from webapp.core.lifecycle.history import Actor
from webapp.organisations import queries
from webapp.organisations.actions.members import _add, _lock
from webapp.organisations.models import DEFAULT_CLOCKS, Organisation, ProgrammeSettings

LONG_NUMBER = re.compile(r"[A-Z]{0,2}\d[\d .\-/]{5,}\d")


@dataclass(frozen=True)
class Profile:
    """What an organisation says of itself."""

    name: str
    website: str = ""
    country: str | None = None
    zone: str = "UTC"
    about: str = ""


@dataclass(frozen=True)
class Rules:
    """A programme's decisions. Amounts in minor units an hour, the fee in basis points."""

    fee_bp: int
    currencies: list[str]
    pay_floor: dict[str, int]
    approval_needed: bool
    clocks: dict[str, int]
    holidays: list[date]
    bank_details: dict[str, list[str]]
    stripe_currencies: list[str] = field(default_factory=list)
    stripe_countries: list[str] = field(default_factory=list)
    unpaid_countries: list[str] = field(default_factory=list)


def join_with_employer(newcomer: Newcomer, profile: Profile, *, actor: Actor) -> None:
    """Open an account together with the employer its owner speaks for; both wait for the confirmed address.

    An address that has an account gets a mail that says so, and nothing is made.
    """
    person = account_actions.sign_up(newcomer, actor=actor, intern=False)
    if person is None:
        return
    if not queries.employers_of(person):
        register_employer(profile, actor=actor, owner=person)


def register_employer(profile: Profile, *, actor: Actor, owner: Person) -> Organisation:
    """Register an employer with its first owner."""
    organisation = _create("employer", profile, actor=actor if actor.id is not None else owner)
    _add(organisation, owner, "owner")
    history.record(organisation, organisation, "join", actor=owner, params={"role": "owner"})
    return organisation


def register_programme(profile: Profile, currencies: list[str], *, actor: Actor) -> Organisation:
    """Register a programme with the settings a programme begins with."""
    organisation = _create("programme", profile, actor=actor)
    db.session.add(
        ProgrammeSettings(
            organisation_id=organisation.id,
            currencies=currencies,
            pay_floor=dict.fromkeys(currencies, 0),
            clocks=dict(DEFAULT_CLOCKS),
            holidays=[],
            bank_details={currency: [] for currency in currencies},
        )
    )
    db.session.flush()
    return organisation


def _create(kind: str, profile: Profile, *, actor: Actor) -> Organisation:
    organisation = Organisation(
        org_kind=kind,
        name=profile.name,
        website=profile.website,
        country=profile.country or None,
        zone=profile.zone,
        about=profile.about,
    )
    db.session.add(organisation)
    db.session.flush()
    history.record(organisation, organisation, "create", actor=actor)
    return organisation


def describe(organisation: Organisation, profile: Profile, *, actor: Person, version: int) -> None:
    """Change what an organisation says of itself; its history says what it said before."""
    _lock(organisation, version)
    chosen = {**vars(profile), "country": profile.country or None}
    changed = {
        name: [getattr(organisation, name), value]
        for name, value in chosen.items()
        if getattr(organisation, name) != value
    }
    for name, (_before, value) in changed.items():
        setattr(organisation, name, value)
    values = {name: pair for name, pair in changed.items() if name in ("country", "zone")}
    # What people wrote can be erased, so it stays out of the chain.
    words = [f"{before} → {value}" for name, (before, value) in changed.items() if name not in values]
    params = {"changed": sorted(changed), "values": values}
    history.record(
        organisation, organisation, "settings", actor=actor, params=params, text="\n".join(words) or None
    )


def change_rules(organisation: Organisation, rules: Rules, *, actor: Person, version: int) -> None:
    """Change a programme's settings, for agreements made from now on; those in force keep their own copy."""
    _lock(organisation, version)
    settings = queries.settings_of(organisation.id)
    chosen = {**vars(rules), "clocks": {**settings.clocks, **rules.clocks}}
    changed = sorted(name for name, value in chosen.items() if getattr(settings, name) != value)
    before = {name: _plain(getattr(settings, name)) for name in changed}
    for name in changed:
        setattr(settings, name, chosen[name])
    values = {name: [before[name], _plain(chosen[name])] for name in changed if name != "bank_details"}
    # Bank details can be erased, so they stay out of the chain, and nobody reads whole account numbers there.
    bank = [before["bank_details"], chosen["bank_details"]] if "bank_details" in changed else None
    words = " → ".join(_masked(details) for details in bank) if bank is not None else None
    params = {"changed": changed, "values": values}
    history.record(organisation, organisation, "settings", actor=actor, params=params, text=words)


def _plain(value: object) -> object:
    """A setting as JSON keeps it."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value


def _masked(details: dict[str, list[str]]) -> str:
    """Bank details in one line, with all but the last four digits of every longer number left out."""
    lines = [f"{currency}: {', '.join(lines)}" for currency, lines in sorted(details.items()) if lines]
    return LONG_NUMBER.sub(lambda number: f"••••{number[0][-4:]}", "; ".join(lines)) or "–"
