"""The cast: people, organisations and internships in a wanted state, put straight into the tables.

Only for tests of one slice. Whole stories use the real actions (tests/end_to_end, the demo world).
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from argon2 import PasswordHasher

from tests.support.signed_in import Browser as Browser
from tests.support.signed_in import signed_in as signed_in
from tests.support.signed_in import visible_text as visible_text
from tests.support.terms import terms_of
from webapp.accounts.models import Person
from webapp.applications.models import Application
from webapp.core.database.base import db
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.history import SYSTEM, Actor
from webapp.internships.models import Agreement, Internship, Signature
from webapp.organisations.models import DEFAULT_CLOCKS, Membership, Organisation, ProgrammeSettings
from webapp.postings.models import Criterion, Deliverable, Posting
from workflows.agreement import AgreementTerms

PASSWORD = "correct horse battery"
_names = iter(range(1, 10**9))


@cache
def _hash() -> str:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def person(
    name: str = "", *, intern: bool = False, operator: bool = False, locale: str = "en", zone: str = "UTC"
) -> Person:
    """Somebody with a confirmed address; every call makes another person."""
    number = next(_names)
    name = name or f"Person {number}"
    made = Person(
        email=f"p{number}@example.org",
        password_hash=_hash(),
        full_name=name,
        preferred_name=name.split()[0],
        locale=locale,
        zone=zone,
        country="VN",
        is_intern=intern,
        is_operator=operator,
        confirmed_at=datetime.now(UTC),
    )
    db.session.add(made)
    db.session.flush()
    return made


def intern(name: str = "Lan Nguyễn", **kwargs: Any) -> Person:
    return person(name, intern=True, **kwargs)


def organisation(kind: str = "employer", name: str = "") -> Organisation:
    made = Organisation(
        org_kind=kind, name=name or f"{kind.title()} {next(_names)}", zone="UTC", country="VN"
    )
    db.session.add(made)
    db.session.flush()
    return made


def member(org: Organisation, role: str, name: str = "") -> Person:
    """A new person with that role in the organisation."""
    made = person(name or f"{role.title()} of {org.name}")
    join(org, made, role)
    return made


def join(org: Organisation, who: Person, role: str) -> None:
    db.session.add(
        Membership(
            organisation_id=org.id,
            person_id=who.id,
            role=role,
            began_at=datetime.now(UTC) - timedelta(days=1),
        )
    )
    db.session.flush()
    db.session.info.pop("memberships", None)


def programme(**settings: Any) -> Organisation:
    """A programme with settings: USD and VND, a fee of 10 %, a floor of 5 USD an hour, no approval needed."""
    made = organisation("programme", "Stint Programme")
    values: dict[str, Any] = {
        "fee_bp": 1000,
        "currencies": ["USD", "VND"],
        "pay_floor": {"USD": 500, "VND": 50_000},
        "approval_needed": False,
        "clocks": dict(DEFAULT_CLOCKS),
        "holidays": [],
        "bank_details": {
            "USD": ["Stint Trust Account", "Example Bank", "0001 2345"],
            "VND": ["Stint", "Bank", "99"],
        },
    }
    db.session.add(ProgrammeSettings(organisation_id=made.id, **{**values, **settings}))
    db.session.flush()
    return made


def posting(
    employer: Organisation | None = None,
    programme_: Organisation | None = None,
    *,
    state: str = "open",
    seats: int = 1,
    by: Actor = SYSTEM,
    **values: Any,
) -> Posting:
    """A complete posting of 300.00 USD for 20 hours: two deliverables, criteria of 50, 30 and 20 %."""
    employer = employer or organisation()
    programme_ = programme_ or programme()
    owner_id = by.id or member(employer, "owner").id
    today = datetime.now(UTC).date()
    fields: dict[str, Any] = {
        "title": "Survey of street-food prices",
        "brief": "Ask 40 stalls, put the answers into one table, tell us what you see.",
        "hours": 20,
        "currency": "USD",
        "base": 30_000,
        "guaranteed": 10_000,
        "bonus_pot": 5_000,
        "starts_on": today + timedelta(days=7),
        "ends_on": today + timedelta(days=28),
        "ai_policy": "declared",
        "opened_at": datetime.now(UTC) if state != "draft" else None,
        "closes_at": datetime.now(UTC) + timedelta(days=30) if state == "open" else None,
    }
    made = Posting(
        state=state,
        seats=seats,
        organisation_id=employer.id,
        programme_id=programme_.id,
        created_by_id=owner_id,
        created_at=datetime.now(UTC),
        **{**fields, **values},
    )
    made.deliverables = [
        Deliverable(position=1, title="Table of prices", detail="CSV, one row a stall"),
        Deliverable(position=2, title="One-page summary", detail=""),
    ]
    made.criteria = [
        Criterion(
            position=n, title=title, weight_bp=weight, **{f"level_{i}": f"{title} {i}" for i in range(5)}
        )
        for n, (title, weight) in enumerate((("Complete", 5000), ("Correct", 3000), ("Clear", 2000)), start=1)
    ]
    lifecycle.begin(made, actor=by)
    return made


def seat(of: Posting, number: int = 1, **values: Any) -> Internship:
    """A free seat of a posting."""
    made = Internship(**_seat_of(of, number), **values)
    lifecycle.begin(made, actor=SYSTEM)
    return made


def _seat_of(of: Posting, number: int) -> dict[str, Any]:
    return {
        "posting_id": of.id,
        "seat": number,
        "organisation_id": of.organisation_id,
        "programme_id": of.programme_id,
        "currency": of.currency,
    }


def application(
    of: Posting, who: Person, *, state: str = "applied", seat: Internship | None = None, **values: Any
) -> Application:
    now = datetime.now(UTC)
    made = Application(
        posting_id=of.id,
        intern_id=who.id,
        state=state,
        internship_id=seat.id if seat else None,
        pitch="I know these streets.",
        answers={},
        links=[],
        begun_at=now,
        sent_at=now if state != "draft" else None,
        offered_at=now if state in ("offered", "accepted") else None,
        **values,
    )
    lifecycle.begin(made, actor=who)
    return made


def internship(
    state: str = "in_progress",
    *,
    of: Posting | None = None,
    who: Person | None = None,
    signed: bool = True,
    secured: bool | None = None,
    rail: str = "manual",
    **values: Any,
) -> Internship:
    """An internship in `state` with its accepted application and signed agreement (fee 10 %), paid on `rail`."""
    of = of or posting()
    who = who or intern()
    now = datetime.now(UTC)
    secured = state not in ("posted", "matched") if secured is None else secured
    facts: dict[str, Any] = {
        "matched_at": now,
        "signed_at": now if signed else None,
        "funding_begun_at": now if secured else None,
        "secured_at": now if secured else None,
        "started_at": now if state in ("in_progress", "submitted", "reviewed", "paid") else None,
        "submitted_at": now if state in ("submitted", "reviewed", "paid") else None,
        "cap": (of.base or 0) + of.bonus_pot,
    }
    made = Internship(**_seat_of(of, next(_names)), state="posted")
    db.session.add(made)
    db.session.flush()
    accepted = application(of, who, state="accepted", seat=made)
    agreement = Agreement(
        internship_id=made.id,
        number=1,
        application_id=accepted.id,
        terms=AgreementTerms.from_json({**terms_of(of, who), "rail": rail}),
        document="The agreement.",
        sha256=hashlib.sha256(b"The agreement.").hexdigest(),
        written_at=now,
    )
    db.session.add(agreement)
    db.session.flush()
    if signed:
        for party, signer in (("employer", of.created_by_id), ("intern", who.id)):
            db.session.add(
                Signature(
                    agreement_id=agreement.id,
                    party=party,
                    person_id=signer,
                    name="Somebody",
                    sha256=agreement.sha256,
                    signed_at=now,
                )
            )
    db.session.flush()
    db.session.execute(
        db.update(Internship)
        .where(Internship.id == made.id)
        .values(state=state, intern_id=who.id, agreement_id=agreement.id, **{**facts, **values})
    )
    db.session.refresh(made)
    lifecycle.begin(made, actor=SYSTEM)
    return made
