"""The spine: what each verb writes, and what it refuses."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from tests.support import people as cast
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.errors import NotNow
from webapp.core.lifecycle import deadlines
from webapp.core.lifecycle.history import of_root
from webapp.internships import actions as internship_actions
from webapp.internships import files as internship_files
from webapp.internships.models import Internship
from webapp.organisations.models import DEFAULT_CLOCKS
from webapp.postings import files as posting_files
from webapp.postings.queries import postings as posting_queries
from webapp.recipients import actions as recipient_actions
from workflows.agreement import AgreementTerms, Clocks, Party

FROZEN: dict[str, Any] = {
    "posting_id": 3,
    "title": "Survey of street-food prices",
    "brief": "Ask 40 stalls.\nTell us what you see.",
    "deliverables": [{"title": "Table of prices", "detail": "CSV, one row a stall"}],
    "criteria": [
        {"title": "Complete", "weight_bp": 6_000, "levels": ["none", "few", "half", "most", "all"]},
        {"title": "Clear", "weight_bp": 4_000, "levels": ["", "", "", "", ""]},
    ],
    "skills": ["Survey"],
    "hours": 20,
    "currency": "USD",
    "base": 30_000,
    "guaranteed": 10_000,
    "bonus_pot": 5_000,
    "unit": 1,
    "fee": 3_000,
    "fee_bp": 1_000,
    "starts_on": "2027-02-01",
    "ends_on": "2027-02-22",
    "place_kind": "hybrid",
    "place": "Huế",
    "ai_policy": "declared",
    "ai_note": "",
    "clocks": dict(DEFAULT_CLOCKS),
    "employer": {"id": 1, "name": "Old Town Kitchens"},
    "programme": {"id": 2, "name": "First Jobs"},
    "intern": {"id": 9, "name": "Lan Nguyễn"},
    "intern_zone": "Asia/Ho_Chi_Minh",
    "employer_zone": "Europe/Zurich",
    "level_shares": [0, 2_500, 5_000, 7_500, 10_000],
    "formula_version": 1,
}
"""Terms as the first agreements were stored."""
FROZEN_SHA256 = "0db2a54693a593170cb5815c4ca12c175873f311b1692c51985158185cd56aba"
"""The hash of their text, taken when the terms were still read by their keys."""


@pytest.mark.move("internship.match")
def test_a_match_writes_an_agreement_that_freezes_every_term_and_can_be_verified(app: Flask) -> None:
    with app.test_request_context(), unit_of_work():
        posting = cast.posting()
        seat, lan = cast.seat(posting), cast.intern("Lan Nguyễn", zone="Asia/Ho_Chi_Minh")
        accepted = cast.application(posting, lan, state="accepted", seat=seat)
        agreement = internship_actions.match(
            seat,
            actor=lan,
            intern=lan,
            application_id=accepted.id,
            terms=posting_files.terms_for(posting, lan),
        )

        assert seat.state == "matched"
        assert seat.cap == 35_000
        assert agreement.terms.to_json() == cast.terms_of(posting, lan)
        assert agreement.terms.fee == 3_000
        assert agreement.terms.clocks.sign_days == 3
        assert agreement.sha256 == internship_files.sha256(agreement.document)
        again = internship_files.document_for(seat.id, 1, agreement.terms, agreement.written_at)
        assert again == agreement.document
        for words in (
            "$300.00",
            "$100.00",
            "$30.00",
            "Lan Nguyễn",
            "Correct, weight 30 %",
            "Asia/Ho_Chi_Minh",
        ):
            assert words in agreement.document
        assert set(deadlines.armed(seat)) == {"sign"}
        assert [entry.move for entry in of_root("internship", seat.id)] == ["create", "match"]


@pytest.mark.move("internship.unmatch")
def test_an_unmatched_seat_is_free_and_its_next_agreement_has_the_next_number(app: Flask) -> None:
    with app.test_request_context(), unit_of_work():
        posting = cast.posting()
        seat, lan, minh = cast.seat(posting), cast.intern(), cast.intern("Minh Trần")
        first = cast.application(posting, lan, state="accepted", seat=seat)
        internship_actions.match(
            seat, actor=lan, intern=lan, application_id=first.id, terms=posting_files.terms_for(posting, lan)
        )
        db.session.execute(db.update(type(first)).where(type(first).id == first.id).values(state="released"))
        internship_actions.unmatch(seat, actor=cast.SYSTEM, reason="sign")
        assert (seat.state, seat.intern_id, seat.agreement_id, seat.cap) == ("posted", None, None, None)
        assert deadlines.armed(seat) == {}

        second = cast.application(posting, minh, state="accepted", seat=seat)
        assert (
            internship_actions.match(
                seat,
                actor=minh,
                intern=minh,
                application_id=second.id,
                terms=posting_files.terms_for(posting, minh),
            ).number
            == 2
        )


@pytest.mark.move("internship.start")
def test_work_begins_only_after_both_signatures_and_the_money(app: Flask) -> None:
    with app.test_request_context(), unit_of_work():
        lan = cast.intern()
        recipient_actions.add_method(
            lan, actor=lan, country="VN", bank_name="Bank", account_holder="LAN", account_number="0123456789"
        )
        unsigned = cast.internship("matched", who=lan, signed=False)
        with pytest.raises(NotNow) as refused:
            internship_actions.start(unsigned, actor=lan, version=unsigned.version)
        assert "agreement" in str(refused.value.sentence)
        unfunded = cast.internship("matched", who=lan)
        with pytest.raises(NotNow) as refused:
            internship_actions.start(unfunded, actor=lan, version=unfunded.version)
        assert "money" in str(refused.value.sentence)
        ready = cast.internship("matched", who=lan, secured=True)
        internship_actions.start(ready, actor=lan, version=ready.version)
        assert ready.state == "in_progress"
        assert set(deadlines.armed(ready)) == {"end_early"}


@pytest.mark.parametrize("column", ["organisation_id", "programme_id", "currency"])
def test_whose_a_seat_is_and_what_it_pays_in_never_change(app: Flask, column: str) -> None:
    with app.test_request_context(), unit_of_work():
        posting = cast.posting()
        seat_id = cast.seat(posting).id
        other = "'EUR'" if column == "currency" else str(cast.organisation().id)
    statement = f"UPDATE internship SET {column} = {other} WHERE id = {seat_id}"
    with app.app_context(), pytest.raises(IntegrityError, match="never change"), unit_of_work():
        db.session.execute(db.text(statement))


def test_a_posting_opens_its_seats_for_its_employer_its_programme_and_its_currency(app: Flask) -> None:
    with app.test_request_context(), unit_of_work():
        posting = cast.posting(currency="EUR", seats=2)
        seats = internship_actions.open_seats(
            posting.id,
            posting.seats,
            actor=cast.SYSTEM,
            organisation_id=posting.organisation_id,
            programme_id=posting.programme_id,
            currency=posting.currency,
        )
        for seat in seats:
            assert posting_queries.posting_of(seat) is posting
            assert (seat.organisation, seat.programme) == (posting.organisation, posting.programme)
            assert seat.currency == "EUR"


def test_the_terms_are_stored_as_ever_and_their_text_keeps_its_hash(app: Flask) -> None:
    with app.test_request_context(), unit_of_work():
        posting = cast.posting()
        stored = cast.terms_of(posting, cast.intern("Lan Nguyễn", zone="Asia/Ho_Chi_Minh"))
        seat_id = cast.internship(of=posting).id
        stored |= {"holidays": ["2027-01-01", "2027-04-30"], "skills": ["Survey"], "rail": "stripe"}

    terms = AgreementTerms.from_json(stored)
    assert terms.to_json() == stored
    assert AgreementTerms.from_json(terms.to_json()) == terms
    assert {type(value) for value in vars(terms).values()} >= {date, tuple, Clocks, Party}
    assert set(vars(terms.clocks)) == set(DEFAULT_CLOCKS)

    written = datetime(2027, 1, 2, 3, 4, tzinfo=UTC)
    text = internship_files.document_for(7, 1, AgreementTerms.from_json(FROZEN), written)
    assert internship_files.sha256(text) == FROZEN_SHA256

    with app.app_context():
        kept = db.session.execute(
            db.text("SELECT terms FROM agreement WHERE internship_id = :seat"), {"seat": seat_id}
        ).scalar_one()
        agreement = db.session.get_one(Internship, seat_id).agreement
        assert agreement is not None
        assert agreement.terms.to_json() == kept
        assert agreement.terms is agreement.terms, "read once a row"


def test_the_oldest_agreements_name_neither_a_rail_nor_holidays(app: Flask) -> None:
    terms = AgreementTerms.from_json(FROZEN)
    assert "rail" not in FROZEN
    assert "holidays" not in FROZEN
    assert (terms.rail, terms.holidays) == ("manual", ())
