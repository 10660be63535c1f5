"""Sums at the edge: nothing, less than one unit, less than the least charge, and what no result may ever be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.support import people as cast
from tests.support import stripe_rail
from tests.support.simulator import Simulator
from tests.support.stripe_rail import BASE, CALCULATION, POT, StripeRail
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.errors import NotNow
from webapp.core.lifecycle import history
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.history import SYSTEM
from webapp.core.money.amounts import floor_to_unit, minimum_charge, unit
from webapp.core.money.currencies import QUANTA
from webapp.fundings.models import Funding
from webapp.payouts.actions import sending as payout_sending
from webapp.payouts.guards import obstacle
from webapp.payouts.queries.approval_contents import approval_hash
from workflows.award import AwardError, Terms, calculate

# Stripe, "Supported currencies", minimum charge amounts in minor units; other currencies: half a dollar's worth,
# which Stripe alone can tell.
LEAST = {
    "USD": 50, "AED": 200, "AUD": 50, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 1500, "DKK": 250, "EUR": 50,
    "GBP": 30, "HKD": 400, "HUF": 17_500, "INR": 50, "JPY": 50, "MXN": 1000, "MYR": 200, "NOK": 300, "NZD": 50,
    "PLN": 200, "RON": 200, "SEK": 300, "SGD": 50, "THB": 1000,
}  # fmt: skip


@pytest.mark.fault(25)
def test_a_result_of_nothing_sends_nothing_and_gives_everything_back(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.secured(app, stripe)
    money.fix(0, outcome="rejected")
    money.work()
    assert money.state() == ("paid", "secured")
    assert (money.count("payout"), money.transfers()) == (0, [])
    money.return_remainder()
    stripe.control("make_available")
    money.work()
    assert (money.payout_state("refund"), money.state()) == ("paid", ("paid", "settled"))
    assert money.asked("create") == 1  # the refund, and no transfer
    (refund,) = money.sent()
    assert (refund["object"], refund["amount"]) == ("refund", BASE + POT)
    money.agree()


@pytest.mark.fault(26)
def test_the_least_charges_are_the_ones_that_stripe_names() -> None:
    assert {code: minimum_charge(code) for code in QUANTA if minimum_charge(code) > 1} == LEAST


@pytest.mark.fault(26)
@pytest.mark.parametrize("code", QUANTA)
def test_what_is_below_one_unit_is_rounded_to_nothing_and_the_rest_is_never_lost(code: str) -> None:
    step = unit(code, "payout")
    for amount in (0, step - 1, step, step + 1, 7 * step + step // 2):
        paid = floor_to_unit(amount, code, "payout")
        assert paid % step == 0 and 0 <= amount - paid < step
    terms = Terms(base=3 * step, guaranteed=0, bonus_pot=0, unit=step, weights=(10_000,))
    for level in range(5):
        result = calculate(terms, [level])
        assert result.award % step == 0 and result.award + result.remainder == terms.cap


@pytest.mark.fault(26)
@pytest.mark.parametrize("total", [1, 49])
def test_the_payment_page_of_too_small_a_sum_says_so_before_stripe_is_asked(
    app: Flask, stripe: Simulator, total: int
) -> None:
    money = stripe_rail.matched(app, stripe)
    with app.app_context(), unit_of_work():
        db.session.execute(db.update(Funding).values(base=total, bonus_pot=0, fee=0))
    answer = money.browser("owner").send(f"/fundings/{money.funding_id}/checkout", version=1)
    assert (answer.status_code, "smaller than Stripe can charge" in cast.visible_text(answer)) == (
        409,
        True,
    )
    assert money.count("checkout") == 0
    assert "checkout.session" not in stripe.state()["counts"]
    money.agree()


@pytest.mark.fault(26)
def test_where_only_stripe_knows_the_least_its_refusal_is_said_on_the_page(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.matched(app, stripe)
    with app.app_context(), unit_of_work():
        db.session.execute(db.update(Funding).values(base=10, bonus_pot=0, fee=0))
    owner = money.browser("owner")
    with _least("USD", 1):
        answer = owner.send(f"/fundings/{money.funding_id}/checkout", version=1)
    assert answer.status_code == 303
    assert money.checkout_status() == "failed"
    assert money.state() == ("matched", "failed")
    assert "Stripe couldn't open its payment page" in cast.visible_text(owner.get(answer.location))
    money.agree()


@contextmanager
def _least(code: str, amount: int) -> Iterator[None]:
    """Our table does not know a least charge, as for currencies that Stripe names none for."""
    known = QUANTA[code]
    QUANTA[code] = replace(known, minimum_charge=amount)
    try:
        yield
    finally:
        QUANTA[code] = known


@pytest.mark.fault(26)
@pytest.mark.parametrize(
    ("base", "pot", "good"),
    [("0.40", "", False), ("0.45", "", False), ("0.46", "", True), ("0.40", "0.10", True)],
)
def test_a_posting_below_the_least_charge_is_refused_at_its_field(
    app: Flask, base: str, pot: str, good: bool
) -> None:
    with app.app_context(), unit_of_work():
        employer, programme = cast.organisation(), cast.programme(stripe_currencies=["USD"])
        owner = cast.member(employer, "owner")
        posting = cast.posting(employer, programme, state="draft", by=owner).id
        person = owner.id
    browser = cast.signed_in(app, person)
    pay = {"currency": "USD", "hours": "1", "base": base, "guaranteed": "0", "bonus_pot": pot, "version": "1"}
    answer = browser.send(f"/postings/{posting}/draft/pay", **pay)
    assert ("the smallest card charge is $0.50" in cast.visible_text(answer)) is not good
    assert answer.status_code == (303 if good else 422)


def _awards() -> st.SearchStrategy[int]:
    return st.one_of(st.integers(-(10**9), -1), st.integers(BASE + POT + 1, 10**12))


@pytest.mark.fault(27)
def test_no_award_outside_what_was_funded_reaches_the_table(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.secured(app, stripe)

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(award=_awards())
    def refused(award: int) -> None:
        with app.app_context(), pytest.raises(IntegrityError, match="ck_internship_award"), unit_of_work():
            db.session.execute(text("UPDATE internship SET award = :award"), {"award": award})

    refused()
    for wrong in ("'NaN'::numeric", "'infinity'::numeric", "'NaN'::float8", "1e300"):
        with app.app_context(), pytest.raises(DBAPIError), unit_of_work():
            db.session.execute(text(f"UPDATE internship SET award = {wrong}"))
    for wrong in ("-1", "'NaN'::numeric"):
        with app.app_context(), pytest.raises(DBAPIError), unit_of_work():
            db.session.execute(
                text(
                    "INSERT INTO payout (internship_id, payee_id, type, currency, amount, due_at, state)"
                    f" VALUES (1, {money.intern_id}, 'base', 'USD', {wrong}, now(), 'due')"
                )
            )
    assert money.count("payout") == 0
    money.agree()


NUMBERS = st.one_of(
    st.floats(), st.integers(-5, -1), st.booleans(), st.just(10**30), st.none(), st.text(max_size=3)
)


@pytest.mark.fault(27)
@given(wrong=NUMBERS, field=st.sampled_from(["base", "guaranteed", "bonus_pot", "level", "bonus"]))
def test_the_formula_takes_whole_numbers_within_their_bounds_and_nothing_else(wrong: Any, field: str) -> None:
    values: dict[str, Any] = {"base": BASE, "guaranteed": 10_000, "bonus_pot": POT, "level": 3, "bonus": 0}
    values[field] = wrong
    if field == "level" and wrong is not True and wrong in range(5) and type(wrong) is int:
        return
    with pytest.raises(AwardError):
        terms = Terms(values["base"], values["guaranteed"], values["bonus_pot"], 1, (10_000,))
        calculate(terms, [values["level"]], values["bonus"])


@pytest.mark.fault(27)
@pytest.mark.parametrize("edit", ["the result", "the amount", "the currency", "the payee", "the destination"])
def test_what_is_edited_after_the_approval_is_not_released(app: Flask, stripe: Simulator, edit: str) -> None:
    money = stripe_rail.approved(app, stripe)
    with app.app_context(), unit_of_work():
        before = approval_hash(money.payout())
        _edit(money, edit)
        db.session.expire_all()
        assert approval_hash(money.payout()) != before
        assert (refused := obstacle(money.payout())) is not None and refused.code == "changed"
    with app.app_context(), pytest.raises(NotNow), unit_of_work():
        payout_sending.release(money.payout(), actor=money.person("second"), version=2)
    answer = money.browser("second").send("/finance/payouts/1/release", version=2)
    assert answer.status_code == 409
    money.work()
    assert (money.count("attempt"), money.transfers()) == (0, [])
    assert money.payout_state() == "approved"
    money.agree()


def _edit(money: StripeRail, edit: str) -> None:
    change = {
        "the amount": "UPDATE payout SET amount = 26501",
        "the currency": "UPDATE payout SET currency = 'VND'",
        "the payee": f"UPDATE payout SET payee_id = {money.owner_id}",
        "the destination": "UPDATE stripe_account SET account = 'acct_1Other'",
    }.get(edit)
    if change is not None:
        db.session.execute(text(change))
        return
    internship = money.internship
    lifecycle.lock(internship)
    scores = {**CALCULATION["inputs"], "levels": [4, 4, 4]}
    history.record(internship, internship, "conclude", actor=SYSTEM, params={**CALCULATION, "inputs": scores})
