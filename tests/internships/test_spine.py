"""The spine: what each verb writes, and what it refuses."""

from __future__ import annotations

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
from webapp.postings import files as posting_files
from webapp.postings import queries as posting_queries


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
        assert set(agreement.terms) == set(cast.terms_of(posting, lan))
        assert agreement.terms["fee"] == 3_000
        assert agreement.terms["clocks"]["sign_days"] == 3
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
