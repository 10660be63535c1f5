"""The database finds the internships that wait for somebody: the same ones as the words say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

from flask import Flask

from tests.support import people as cast
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.fundings.models import Funding
from webapp.internships.models import Internship, Signature
from webapp.next_steps.queries import turns as next_step_turns
from webapp.next_steps.queries.of_internship import next_step
from webapp.organisations.models import Organisation
from webapp.postings.models import Posting
from workflows import funding as funding_machine


def _funded(of: Posting, state: str, rail: str) -> None:
    made = cast.internship("matched", of=of, rail=rail)
    assert made.agreement is not None
    db.session.add(
        Funding(
            state=state,
            internship_id=made.id,
            agreement_id=made.agreement.id,
            payer_id=made.organisation_id,
            rail=rail,
            currency=made.currency,
            base=30_000,
            bonus_pot=0,
            fee=3_000,
            reference=f"TURN-{made.id}",
            asked_at=datetime.now(UTC),
        )
    )


def _half_signed(of: Posting, party: str) -> None:
    made = cast.internship("matched", of=of, signed=False)
    assert made.agreement is not None
    db.session.add(
        Signature(
            agreement_id=made.agreement.id,
            party=party,
            person_id=made.intern_id if party == "intern" else of.created_by_id,
            name="Somebody",
            sha256=made.agreement.sha256,
            signed_at=datetime.now(UTC),
        )
    )


def _in_every_way(employer: Organisation, owner: Person) -> None:
    """Internships of an employer in all states, matched ones signed and paid in every way."""
    programme = cast.programme()
    of = cast.posting(employer, programme, by=owner)
    cast.seat(of, 901)
    for state, signed in (("matched", False), ("matched", True), ("submitted", True)):
        cast.internship(state, of=of, signed=signed)
        cast.internship(state, of=cast.posting(employer, programme, by=owner), signed=signed, who=owner)
    cast.internship("matched", of=of, secured=True)
    for state, rail in product(funding_machine.LAW.states, ("manual", "stripe")):
        _funded(of, state, rail)
    for party in ("employer", "intern"):
        _half_signed(of, party)


def test_the_database_finds_what_the_words_call_the_readers_turn(app: Flask) -> None:
    with app.test_request_context(), unit_of_work():
        employer, other = cast.organisation(), cast.organisation()
        readers = {
            "owner": cast.member(employer, "owner"),
            "reviewer": cast.member(employer, "reviewer"),
            "viewer": cast.member(other, "reviewer"),
            "stranger": cast.intern("Stranger"),
        }
        _in_every_way(employer, readers["owner"])
        _in_every_way(other, cast.member(other, "owner"))
        db.session.flush()
        db.session.expire_all()
        everything = db.session.query(Internship).filter(Internship.state.in_(("matched", "submitted"))).all()
        counts = {}
        for name, reader in readers.items():
            employers = {place.id for place in (employer, other)}
            said = {
                one.id
                for one in everything
                if one.organisation_id in employers
                and one.intern_id != reader.id
                and next_step(one, reader).mine
            }
            found, total = next_step_turns.of_employer(reader, at_most=100)
            assert {one.id for one in found} == said, name
            assert total == len(said)
            counts[name] = total
    assert counts["owner"] > counts["reviewer"] > 0
    assert counts["viewer"] == counts["reviewer"]
    assert counts["stranger"] == 0


def test_the_first_of_many_are_those_whose_clocks_ring_first(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        employer = cast.organisation()
        owner = cast.member(employer, "owner")
        of = cast.posting(employer, cast.programme(), by=owner)
        now = datetime.now(UTC)
        waits = [
            cast.internship("submitted", of=of, submitted_at=now - timedelta(days=days)).id
            for days in (1, 3, 0, 2)
        ]
        found, total = next_step_turns.of_employer(owner, at_most=2)
        assert [one.id for one in found] == [waits[1], waits[3]]
        assert total == 4
