"""What a reviewer of the Stripe rail found broken: each sentence failed once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from tests.support import people as cast
from tests.support import stripe_rail
from tests.support.simulator import Simulator
from tests.support.stripe_rail import StripeRail
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle.history import SYSTEM
from webapp.fundings import jobs as funding_jobs
from webapp.fundings.models import Checkout
from webapp.notifications.models import Notice
from webapp.payouts.actions import sending as payout_sending
from webapp.payouts.jobs import recovery as payout_recovery
from webapp.payouts.jobs import stripe_sync as payout_stripe_sync
from webapp.payouts.models import Attempt
from webapp.payouts.queries import attempts as payout_attempts
from webapp.recipients import actions as recipient_actions
from webapp.recipients import jobs as recipient_jobs
from webapp.recipients import queries as recipient_queries
from webapp.recipients.models import StripeAccount
from webapp.stripe import gateway as stripe_gateway
from webapp.stripe.gateway import Later, Rejected, Unknown, gateway
from webapp.stripe.gateway.facts import Account, ChargeFacts, Session

NOWHERE = "http://127.0.0.1:9"


@contextmanager
def without_stripe(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The operator has taken the key away."""
    with monkeypatch.context() as patch:
        patch.setitem(app.extensions, "settings", replace(app.extensions["settings"], stripe_secret_key=""))
        yield


def told(money: StripeRail, code: str) -> list[int]:
    with money.app.app_context(), unit_of_work():
        found = db.select(Notice.person_id).where(Notice.code == code).order_by(Notice.person_id)
        return list(db.session.scalars(found))


def pages_are_there(money: StripeRail, *, attempt: bool = False, over: bool = False) -> None:
    """Whoever looks at the money sees a page, whatever state it is in."""
    for role, path in (
        ("first", "/finance"),
        ("first", "/finance/payouts/1"),
        (
            "first" if over else "owner",
            f"/fundings/{money.funding_id}" if over else f"/internships/{money.internship_id}/funding",
        ),
        ("intern", "/settings/payout-method"),
        ("intern", "/earnings"),
        ("operator", "/operations/stripe"),
        *([("first", f"/finance/attempts/{money.attempt_id()}")] if attempt else []),
    ):
        answer = money.browser(role).get(path)
        assert answer.status_code == 200, (role, path, answer.status_code)


# Where an intern is paid


def test_an_intern_whose_money_goes_by_bank_after_all_finds_the_form_for_their_bank(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.due(app, stripe)
    with app.app_context(), unit_of_work():  # a programme that pays everything of theirs by Stripe
        db.session.execute(text("UPDATE programme_settings SET currencies = '{USD}'"))
    stripe.control("restrict_account", account=money.account())
    money.hear()
    assert money.payout_state() == "blocked"
    stripe_rail.later(app, 30.1)
    money.work()
    assert told(money, "payout_by_bank") == [money.intern_id]
    page = money.browser("intern").get("/settings/payout-method").get_data(as_text=True)
    assert 'name="account_number"' in page


def test_recipients_who_never_came_as_far_as_stripe_keep_nobody_else_waiting(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.secured(app, stripe)
    number_at_stripe = money.account()
    with app.app_context(), unit_of_work():
        for number in range(100):
            person = cast.intern(f"Intern {number}")
            person.country = "VN"
            db.session.flush()
            account = recipient_actions.begin_onboarding(
                person, actor=person, include=stripe_gateway.INCLUDED
            )
            recipient_jobs.apply_account(account, Unknown("APIConnectionError"))
    stripe.control("drop_webhooks", times=5)
    stripe.control("restrict_account", account=number_at_stripe)
    with app.app_context(), unit_of_work():
        past = text(
            "UPDATE stripe_account SET next_poll_at = now() - interval '1 hour' WHERE account IS NULL"
        )
        db.session.execute(past)
        due = text("UPDATE stripe_account SET next_poll_at = now() WHERE account IS NOT NULL")
        db.session.execute(due)
    for _ in range(2):
        with app.app_context():
            payout_recovery.recover()
    with app.app_context(), unit_of_work():
        mine = db.session.scalars(db.select(StripeAccount).where(StripeAccount.account.is_not(None))).one()
        assert mine.transfers == "restricted"


def test_an_intern_whom_stripe_refused_asks_anew_with_what_they_have_changed(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.matched(app, stripe)
    with app.app_context(), unit_of_work():
        intern = money.person("intern")
        first = recipient_actions.begin_onboarding(intern, actor=intern, include=stripe_gateway.INCLUDED)
        recipient_jobs.apply_account(first, Rejected("country_unsupported"))
        intern.country = "SG"
    money.onboard()
    with app.app_context(), unit_of_work():
        intern = money.person("intern")
        account = db.session.scalars(
            db.select(StripeAccount).where(StripeAccount.replaced_at.is_(None))
        ).one()
        assert (account.country, account.params["body"]["identity"]["country"]) == ("SG", "sg")
        assert account.can_receive
        assert recipient_queries.stripe_cools_until(intern.id) is None  # they had no account before


# Money that comes back after it had left


def _returned(app: Flask, stripe: Simulator) -> StripeRail:
    money = stripe_rail.released(app, stripe)
    money.work()
    money.return_remainder()
    stripe.control("make_available")
    money.work()
    money.sweep()
    assert money.payout_state("refund") == "paid"
    money.hear()
    return money


def test_a_refund_that_fails_after_it_had_succeeded_is_told_to_people(app: Flask, stripe: Simulator) -> None:
    money = _returned(app, stripe)
    (refund,) = [one for one in money.sent() if one["object"] == "refund"]
    stripe.control("fail_refund", refund=refund["id"])
    money.hear()
    assert told(money, "came_back") == sorted([money.first_id, money.second_id, money.operator_id])
    money.hear()
    assert len(told(money, "came_back")) == 3
    line = cast.visible_text(money.browser("operator").get("/operations/stripe"))
    assert "came back" in line


def test_a_transfer_that_is_reversed_at_stripe_is_told_to_people(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.released(app, stripe)
    money.work()
    (transfer,) = money.transfers()
    stripe.control("reverse_transfer", transfer=transfer["id"])
    money.hear()
    assert told(money, "came_back") == sorted([money.first_id, money.second_id, money.operator_id])
    assert money.payout_state() == "paid"


def test_a_transfer_that_was_taken_back_before_we_found_it_is_told_to_people(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.released(app, stripe)
    stripe.fault("drop_after", path="/v1/transfers$")
    stripe.control("drop_webhooks", times=50)
    money.work()
    assert money.attempt()[0] == "unknown"
    stripe.control("reverse_transfer", transfer=money.transfers()[0]["id"])
    money.sweep()
    assert told(money, "came_back") == sorted([money.first_id, money.second_id, money.operator_id])


def test_a_failure_that_meets_the_success_in_the_middle_is_not_lost(
    app: Flask, stripe: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    money = stripe_rail.released(app, stripe)
    money.work()
    money.return_remainder()
    money.work()
    assert money.payout_state("refund") == "sending"
    (refund,) = [one for one in money.sent() if one["object"] == "refund"]
    with app.app_context():
        failed = replace(gateway().read_refund(refund["id"]), done=False, failed="failed")
    by_key = payout_attempts.attempt_by_key

    def meanwhile(key: str) -> Attempt | None:
        found = by_key(key)
        assert found is not None
        assert found.state == "sending"
        with ThreadPoolExecutor(1) as thread:  # another worker has just read that it succeeded
            thread.submit(_settle_as_sent, app, found.id).result()
        return found

    monkeypatch.setattr(payout_attempts, "attempt_by_key", meanwhile)
    with app.app_context():
        assert payout_stripe_sync._apply_sent(failed) == "came_back"
    assert told(money, "came_back") == sorted([money.first_id, money.second_id, money.operator_id])


def _settle_as_sent(app: Flask, attempt_id: int) -> None:
    with app.app_context(), unit_of_work():
        attempt = db.session.get_one(Attempt, attempt_id)
        payout_sending.settle_sent(attempt, actor=SYSTEM, reference="re_1", occurred_at=clock.real_now())


def test_what_was_declared_absent_is_blocked_where_the_account_has_been_closed_meanwhile(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.released(app, stripe)
    stripe.fault("500_stored", path="/v1/transfers$")
    money.work()
    for _ in range(6):
        money.sweep()
    assert money.attempt() == ("unknown", "no_answer", None)
    stripe.control("close_account", account=money.account())
    money.hear()
    path = f"/finance/attempts/{money.attempt_id()}/absence"
    with app.app_context(), unit_of_work():
        version = money.attempts()[-1].version
    assert money.browser("first").send(path, version=version, reason="Looked.").status_code == 303
    assert money.payout_state() == "blocked"
    assert told(money, "payout_blocked") == [money.intern_id]
    money.agree()


def test_money_given_back_at_stripe_without_us_is_told_to_people(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.due(app, stripe)
    stripe.control("make_available")
    with app.app_context(), unit_of_work():
        charge = money.funding.charges[0].charge
    made = {"charge": charge, "amount": 20_000, "metadata": {"stint": "elsewhere"}}
    stripe.client().v1.refunds.create(made)  # type: ignore[arg-type]
    money.hear()
    assert told(money, "returned_elsewhere") == sorted([money.first_id, money.second_id, money.operator_id])
    money.approve()
    money.release()
    money.work()
    assert money.attempt() == ("rejected", None, "not_covered")
    assert (money.payout_state(), money.transfers()) == ("due", [])


# Without a key


def test_without_stripe_nothing_is_released_into_the_void(
    app: Flask, stripe: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    money = stripe_rail.approved(app, stripe)
    with without_stripe(app, monkeypatch):
        pages_are_there(money)
        answer = money.browser("second").send("/finance/payouts/1/release", version=2)
        assert answer.status_code == 409
        assert "no Stripe account" in cast.visible_text(answer)
        assert "no Stripe account" in cast.visible_text(money.browser("first").get("/finance/payouts/1"))
        money.work()
        assert money.payout_state() == "approved"
    money.release()
    money.work()
    assert money.payout_state() == "paid"
    money.agree()


def test_what_was_being_sent_when_the_key_was_taken_away_waits_untouched_and_goes_on(
    app: Flask, stripe: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    money = stripe_rail.released(app, stripe)
    with without_stripe(app, monkeypatch):
        money.work()
        money.sweep()
        pages_are_there(money, attempt=True)
        money.check()
        with app.app_context(), unit_of_work():
            (attempt,) = money.attempts()
            # Never asked for: so its key has not begun to grow old.
            assert (attempt.state, attempt.called_at, attempt.problem) == ("sending", None, None)
    money.sweep(60)
    assert money.payout_state() == "paid"
    money.agree()


def test_without_stripe_a_match_ends_and_its_money_waits_for_finance(
    app: Flask, stripe: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    money = stripe_rail.secured(app, stripe)
    with without_stripe(app, monkeypatch):
        money.unmatch()
        money.work()
        pages_are_there(money, over=True)
        assert money.payout_state("refund") == "due"
        assert told(money, "payout_due") == [money.first_id, money.second_id]


def test_without_stripe_an_owner_is_not_told_to_try_again_in_a_minute(
    app: Flask, stripe: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    money = stripe_rail.matched(app, stripe)
    with without_stripe(app, monkeypatch):
        answer = money.browser("owner").send(f"/fundings/{money.funding_id}/checkout", version=1)
        assert answer.status_code == 409
        assert "no Stripe account" in cast.visible_text(answer)
        for path in ("/settings/payout-method/stripe", "/settings/payout-method/stripe/status"):
            assert money.browser("intern").send(path).status_code == 409
    assert money.count("checkout") == 0


def test_an_intern_in_a_country_without_pay_still_finds_a_form_when_the_key_is_gone(
    app: Flask, stripe: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    money = stripe_rail.matched(app, stripe)
    with app.app_context(), unit_of_work():
        db.session.execute(text("UPDATE programme_settings SET unpaid_countries = '{VN}'"))
    with without_stripe(app, monkeypatch):
        page = money.browser("intern").get("/settings/payout-method").get_data(as_text=True)
        assert 'name="account_number"' in page


# Money in


def test_the_page_of_a_match_that_is_over_is_ended_although_stripe_did_not_answer_at_once(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.matched(app, stripe)
    session = money.pay_page()
    money.unmatch()
    stripe.fault("500_before", path=f"/v1/checkout/sessions/{session}/expire")
    money.work()
    assert money.checkout_status() == "open"
    money.sweep(120)
    money.work()
    assert money.checkout_status() == "expired"
    assert stripe.client().v1.checkout.sessions.retrieve(session).status == "expired"


def test_nobody_is_led_to_pay_for_a_match_that_ended_while_stripe_was_asked(
    app: Flask, stripe: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    money = stripe_rail.matched(app, stripe)
    asked = funding_jobs.ask_checkout

    def meanwhile(session: str | None, params: dict[str, object]) -> Any:
        said = asked(session, params)
        monkeypatch.setattr(funding_jobs, "ask_checkout", asked)
        money.unmatch()
        return said

    monkeypatch.setattr(funding_jobs, "ask_checkout", meanwhile)
    answer = money.browser("owner").send(f"/fundings/{money.funding_id}/checkout", version=1)
    assert not answer.location.startswith(stripe.url)
    money.work()
    assert money.checkout_status() == "expired"


def test_a_page_that_stripe_refuses_without_a_code_is_not_waited_for_a_whole_day(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.matched(app, stripe)
    with app.app_context():
        with unit_of_work():
            checkout = _new_checkout(money)
            params = {**checkout.params, "body": {**checkout.params["body"], "expires_at": 1_000_000_000}}
            checkout_id = checkout.id
        said = funding_jobs.ask_checkout(None, params)
        assert isinstance(said, Rejected)
        with unit_of_work():
            funding_jobs.apply_checkout(db.session.get_one(Checkout, checkout_id), said)
    assert money.checkout_status() == "failed"
    money.pay()
    assert money.state() == ("matched", "secured")


def _new_checkout(money: StripeRail) -> Checkout:
    from webapp.fundings.actions import checkouts as funding_checkouts

    funding = money.funding
    return funding_checkouts.open_checkout(
        funding,
        actor=money.person("owner"),
        version=funding.version,
        back="http://localhost/x",
        locale="en",
        names={"base": "Base", "bonus_pot": "Pot", "fee": "Fee"},
    )


def test_a_page_refused_because_its_time_has_passed_counts_as_expired(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.matched(app, stripe)
    with app.app_context(), unit_of_work():
        _new_checkout(money)
    money.age(22.8 * 3600)  # for so long Stripe did not answer; it takes no page that is about to end
    with app.app_context(), unit_of_work():
        funding_jobs.apply_checkout(money.checkout(), Rejected("InvalidRequestError"))
    assert (money.checkout_status(), money.state()[1]) == ("expired", "awaiting")


def test_an_error_without_a_code_about_a_transfer_stays_unknown(app: Flask, stripe: Simulator) -> None:
    with app.app_context(), pytest.raises(Unknown):
        gateway().transfer("key-1", {"amount": 1, "currency": "usd", "destination": "x" * 6000})


def _paid_in(money: StripeRail, session: str, booked: str, number: str = "1") -> Session:
    with money.app.app_context(), unit_of_work():
        told_of = dict(money.checkout().params["body"]["metadata"])
    charge = ChargeFacts(
        id=f"ch_{number}", payment_intent=f"pi_{number}", amount=stripe_rail.TOTAL, currency="USD", paid=True,
        refunded=0, disputed=False, created=clock.real_now(), balance_transaction=f"txn_{number}" if booked else "",
        booked_currency=booked, fee=100,
    )  # fmt: skip
    return Session(session, "complete", "paid", None, told_of, charge=charge)


def test_money_that_stripe_booked_in_another_currency_is_told_to_the_operator_once(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.matched(app, stripe)
    said = _paid_in(money, money.pay_page(), "EUR")
    for _ in range(3):
        with app.app_context(), unit_of_work():
            funding_jobs.apply_checkout(money.checkout(), said)
    assert told(money, "charge_differs") == sorted([money.first_id, money.second_id, money.operator_id])
    assert money.state() == ("matched", "processing")  # so nobody is asked to pay a second time
    assert money.count("charge") == 0


def test_money_that_stripe_has_not_booked_yet_is_under_way_and_no_alarm(
    app: Flask, stripe: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    money = stripe_rail.matched(app, stripe)
    said = _paid_in(money, money.pay_page(), "")
    with app.app_context(), unit_of_work():
        funding_jobs.apply_checkout(money.checkout(), said)
    assert [one for one in caplog.records if one.levelname == "CRITICAL"] == []
    assert told(money, "charge_differs") == []
    assert money.state() == ("matched", "processing")


def test_a_second_payment_that_met_the_first_in_the_middle_goes_back(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.matched(app, stripe)
    session = money.pay_page()
    said = _paid_in(money, session, "USD", "2")
    with app.app_context(), unit_of_work():
        checkout = money.checkout()
        assert checkout.funding.state == "awaiting"  # read before the lock
        with db.engine.begin() as other:  # meanwhile the first payment secures it
            other.execute(text("UPDATE funding SET state = 'secured', secured_at = now()"))
        funding_jobs.apply_checkout(checkout, said)
    with app.app_context(), unit_of_work():
        assert money.payout("refund").amount == stripe_rail.TOTAL


def test_a_page_that_stripe_does_not_know_any_more_is_given_up_after_its_time(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.matched(app, stripe)
    money.pay_page()
    for hours, status in ((0, "open"), (25, "expired")):
        money.age(hours * 3600)
        with app.app_context(), unit_of_work():
            funding_jobs.apply_checkout(money.checkout(), Rejected("resource_missing"))
        assert money.checkout_status() == status
    with app.app_context(), unit_of_work():
        funding_jobs.apply_checkout(money.checkout(), Later("rate_limit"))


def test_what_was_returned_once_is_not_returned_again_when_the_match_ends(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.matched(app, stripe)
    said = _paid_in(money, money.pay_page(), "USD")
    assert said.charge is not None
    less = replace(said, charge=replace(said.charge, amount=20_000))
    with app.app_context(), unit_of_work():
        funding_jobs.apply_checkout(money.checkout(), less)
    with app.app_context(), unit_of_work():
        assert money.payout("refund").amount == 20_000
    money.unmatch()
    with app.app_context(), unit_of_work():
        assert money.payout("refund").amount == 20_000


# The door


def test_a_flood_from_everywhere_does_not_fill_the_table_of_refusals(
    app: Flask, stripe: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from webapp.stripe import policy as stripe_policy

    monkeypatch.setattr(stripe_policy, "REFUSALS_OF_ALL", replace(stripe_policy.REFUSALS_OF_ALL, limit=5))
    client = app.test_client()
    for number in range(9):
        answer = client.post(
            "/webhooks/stripe/platform", data=b"{}", environ_base={"REMOTE_ADDR": f"10.0.0.{number}"}
        )
        assert answer.status_code == 400
    with app.app_context(), unit_of_work():
        assert db.session.scalar(text("SELECT count(*) FROM refused_delivery")) == 5


# Tries that did not break it, kept so that they never do


@pytest.mark.parametrize("told_by", ["read", "webhook"])
def test_a_match_that_ends_while_the_bank_still_works_takes_the_money_and_returns_it(
    app: Flask, stripe: Simulator, told_by: str
) -> None:
    money = stripe_rail.matched(app, stripe)
    session = money.pay("bank")
    assert money.state() == ("matched", "processing")
    money.unmatch()
    money.work()
    assert money.state() == ("posted", "void")
    stripe.control("settle_async", session=session)
    money.hear() if told_by == "webhook" else money.sweep(7200)
    money.work()
    stripe.control("make_available")
    stripe.control("top_up", amount=5_000, currency="usd")  # Stripe keeps its fee of what is given back
    money.sweep()
    assert (money.payout_state("refund"), money.state()[1]) == ("paid", "refunded")
    money.check()


def test_strangers_and_the_intern_neither_see_nor_press_what_is_not_theirs(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.released(app, stripe)
    with app.app_context(), unit_of_work():
        stranger = cast.person("Somebody Else").id
    attempt = f"/finance/attempts/{money.attempt_id()}"
    for who in (stranger, money.intern_id, money.owner_id):
        browser = cast.signed_in(app, who)
        assert browser.get(attempt).status_code == 404
        assert browser.send(f"{attempt}/lookup", version=1).status_code == 404
    for who, status in ((stranger, 404), (money.intern_id, 403), (money.first_id, 403)):
        answer = cast.signed_in(app, who).send(f"/fundings/{money.funding_id}/checkout", version=1)
        assert answer.status_code == status
    typed: tuple[tuple[str, dict[str, Any]], ...] = (
        (f"{attempt}/lookup", {}),
        (f"{attempt}/lookup", {"version": "x"}),
        (f"{attempt}/lookup", {"version": "9" * 30}),
        (f"{attempt}/absence", {"version": "1", "reason": "a\x00b"}),
        ("/finance/payouts/1/by-bank", {"version": "1", "why": "a\x00b"}),
        ("/finance/payouts/1/by-bank", {"version": "9" * 30, "why": "Because"}),
        ("/finance/payouts/1/by-bank", {"version": "1", "why": "x" * 501}),
    )
    for path, fields in typed:
        assert money.browser("first").send(path, **fields).status_code in (400, 409, 422), (path, fields)
    with app.app_context(), unit_of_work():
        assert db.session.scalars(db.select(Attempt)).one().state == "sending"


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({"stripe_currencies": "usd usd, USD", "stripe_countries": "vn,VN sg"}, 303),
        ({"stripe_currencies": "EUR"}, 422),
        ({"currencies": "VND", "stripe_currencies": "USD"}, 422),
        ({"stripe_countries": "XX"}, 422),
        ({"stripe_countries": "\u0131n"}, 303),
        ({"stripe_countries": "<script>"}, 422),
        ({"stripe_countries": "V\x00N"}, 422),
        ({"unpaid_countries": "VN " * 400}, 422),
    ],
)
def test_settings_of_the_rail_are_taken_in_any_writing_and_refused_in_words(
    app: Flask, stripe: Simulator, typed: dict[str, str], status: int
) -> None:
    money = stripe_rail.matched(app, stripe)
    with app.app_context(), unit_of_work():
        programme = money.internship.programme_id
        from webapp.organisations.models import DEFAULT_CLOCKS

        version = db.session.scalar(text(f"SELECT history_number FROM organisation WHERE id = {programme}"))
    form: dict[str, Any] = {f"clock_{name}": str(days) for name, days in DEFAULT_CLOCKS.items()}
    form |= {
        "fee": "10",
        "currencies": "USD, VND",
        "floor_USD": "5",
        "floor_VND": "50000",
        "version": str(version),
    }
    answer = money.browser("manager").send(f"/organisations/{programme}/settings", **{**form, **typed})
    assert answer.status_code == status, cast.visible_text(answer)[-600:]
    with app.app_context(), unit_of_work():
        found = db.session.execute(
            text("SELECT stripe_currencies, stripe_countries FROM programme_settings")
        ).one()
    if typed.get("stripe_currencies", "").startswith("usd"):
        assert (list(found[0]), list(found[1])) == (["USD"], ["VN", "SG"])


@pytest.mark.parametrize("htmx", [False, True])
def test_while_stripe_does_not_answer_every_button_says_so_and_the_same_form_twice_does_nothing(
    app: Flask, stripe: Simulator, htmx: bool
) -> None:
    money = stripe_rail.matched(app, stripe)
    pay = f"/fundings/{money.funding_id}/checkout"
    ops = [str(uuid4()) for _ in range(3)]
    with money.reaching(NOWHERE):
        for _ in range(2):
            for role, path, op in (
                ("owner", pay, ops[0]),
                ("intern", "/settings/payout-method/stripe", ops[1]),
            ):
                answer = money.browser(role).send(path, htmx=htmx, operation_id=op, version=1)
                assert answer.status_code == (200 if htmx else 303), (path, answer.get_data(as_text=True))
                assert not (answer.location or "").startswith("http")
                assert not answer.headers.get("HX-Redirect", "").startswith("http")
    assert (money.checkout_status(), money.count("checkout"), money.count("stripe_account")) == (
        "creating",
        1,
        1,
    )
    answer = money.browser("owner").send(pay, htmx=htmx, operation_id=ops[2], version=1)
    led_to = answer.headers.get("HX-Redirect") if htmx else answer.location
    assert str(led_to).startswith(stripe.url)
    assert len(money.keys("/v1/checkout/sessions")) == 1


def test_an_answer_of_stripe_about_somebody_elses_page_or_account_leads_nowhere(
    app: Flask, stripe: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    money = stripe_rail.matched(app, stripe)
    elsewhere = Session("cs_other", "open", "unpaid", "https://evil.example/pay", {"checkout": "co-9-9"})
    monkeypatch.setattr(funding_jobs, "ask_checkout", lambda *_: elsewhere)
    answer = money.browser("owner").send(f"/fundings/{money.funding_id}/checkout", version=1)
    assert (answer.status_code, answer.location) == (303, f"/internships/{money.internship_id}/funding")
    assert money.checkout_status() == "creating"


def test_what_stripe_mixes_up_is_not_asked_for_every_ten_seconds(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.secured(app, stripe)
    with app.app_context(), unit_of_work():
        account = db.session.scalars(db.select(StripeAccount)).one()
        account.next_poll_at = clock.real_now()
        recipient_jobs.apply_account(
            account, Account("acct_other", "active", (), False, {"account": "ac-9-9"})
        )
        assert account.next_poll_at > clock.real_now()
    other = stripe_rail.matched(app, stripe)
    other.pay_page()
    other.age(3600)
    with app.app_context(), unit_of_work():
        checkout = other.checkout()
        funding_jobs.apply_checkout(
            checkout, Session("cs_other", "open", "unpaid", None, {"checkout": "co-9-9"})
        )
        assert checkout.next_poll_at is not None
        assert checkout.next_poll_at > clock.real_now()
    assert money.state() == ("matched", "secured")


@pytest.mark.parametrize("at", ["before", "after"])
def test_an_installation_without_stripe_takes_no_webhook_and_an_old_event_waits(
    app: Flask, stripe: Simulator, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    money = stripe_rail.matched(app, stripe)
    session = money.pay_page()
    stripe.pay(session)
    if at == "after":
        money.deliver()
    with without_stripe(app, monkeypatch):
        if at == "before":
            assert money.deliver()[0] == 0
        money.work()
        money.sweep(60)
        assert money.state() == ("matched", "awaiting")
    money.sweep(7200)
    assert money.state() == ("matched", "secured")
    money.agree()
