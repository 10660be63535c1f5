"""The pages of money: what each says to whom, and the forms on them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from tests.support import people as cast
from tests.support import rail
from webapp.core.database.transactions import unit_of_work
from webapp.ledger.jobs import watch_books

TODAY = datetime.now(UTC).date().isoformat()


def _said(browser: cast.Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:2000]
    return cast.visible_text(answer)


def _forms(browser: cast.Browser, path: str) -> set[str]:
    """The addresses of the forms on a page, without those of the shell."""
    html = browser.get(path).get_data(as_text=True)
    main = html[html.index("<main") :]
    return set(re.findall(r'<form method="post" action="([^"]+)"', main))


def test_finance_takes_a_payment_from_due_to_paid_by_the_forms_on_its_page(app: Flask) -> None:
    money = rail.due(app)
    first, second, page = money.browser("first"), money.browser("second"), "/finance/payouts/1"
    said = _said(first, page)
    for part in ("$265.00", "Complete", "50 %", "$150.00", "Awarded", "NGUYEN LAN", "0011223344"):
        assert part in said
    assert _forms(first, page) == {f"{page}/approval", f"{page}/hold"}
    answer = first.send(f"{page}/approval", version=1)
    assert (answer.status_code, answer.location) == (303, page)
    assert _forms(first, page) == {f"{page}/hold"}
    assert _forms(second, page) == {f"{page}/release", f"{page}/hold"}
    assert second.send(f"{page}/release", version=2).status_code == 303
    assert _forms(first, page) == {f"{page}/confirmation", f"{page}/failure"}
    answer = first.send(f"{page}/confirmation", version=3, bank_reference="OUT-1", happened_on=TODAY)
    assert answer.status_code == 303
    assert _forms(first, page) == set()
    assert "This payment is complete." in _said(first, page)
    money.check()


@pytest.mark.parametrize("htmx", [False, True])
def test_the_employer_says_paid_and_finance_records_it(app: Flask, htmx: bool) -> None:
    money = rail.matched(app)
    owner, finance = money.browser("owner"), money.browser("first")
    page = f"/internships/{money.internship_id}/funding"
    said = _said(owner, page)
    for part in ("Your turn", "Base pay $300.00", "Bonus pot $50.00", "Platform fee $30.00", "Total $380.00"):
        assert part in said
    assert "STINT 000001" in said
    assert "0001 2345" in said
    assert _forms(owner, page) == {"/fundings/1/transfer"}
    owner.send("/fundings/1/transfer", htmx=htmx, version=1)
    assert money.state() == ("matched", "processing")
    assert "Waiting for finance" in _said(owner, page)
    assert _forms(finance, "/fundings/1") == {"/fundings/1/receipts"}
    fields = {"received_on": TODAY, "bank_reference": "BANK-7"}
    finance.send("/fundings/1/receipts", htmx=htmx, version=2, amount="80.00", **fields)
    assert "Still missing: $300.00" in _said(owner, page)
    fields["bank_reference"] = "BANK-8"
    answer = finance.send("/fundings/1/receipts", htmx=htmx, version=3, amount="300", **fields)
    assert answer.status_code == (200 if htmx else 303)
    assert money.state() == ("matched", "secured")
    assert "The money is secured" in _said(owner, page)
    money.check()


def test_the_intern_sees_that_the_money_is_secured_but_no_bank_details(app: Flask) -> None:
    money = rail.secured(app)
    said = _said(money.browser("intern"), f"/internships/{money.internship_id}/funding")
    assert "The money is secured" in said
    assert "0001 2345" not in said
    assert "BANK-1" not in said


def test_a_held_payment_says_why_until_when_and_ends_by_a_button(app: Flask) -> None:
    money = rail.due(app)
    browser, page = money.browser("first"), "/finance/payouts/1"
    until = (datetime.now(UTC).date() + timedelta(days=3)).isoformat()
    assert browser.send(f"{page}/hold", version=1, until=until, reason="The name differs.").status_code == 303
    assert "The name differs." in _said(browser, page)
    assert browser.send(f"{page}/hold/end", version=2).status_code == 303
    assert f"{page}/approval" in _forms(browser, page)


def test_a_refused_transfer_is_written_down_with_what_the_bank_said(app: Flask) -> None:
    money = rail.due(app)
    money.approve()
    money.release()
    browser, page = money.browser("first"), "/finance/payouts/1"
    assert browser.send(f"{page}/failure", version=3, reason="").status_code == 422
    assert browser.send(f"{page}/failure", version=3, reason="No such account.").status_code == 303
    said = _said(browser, page)
    assert "No such account." in said
    assert "po-1-l1-a1 rejected" in said


def test_the_queue_shows_what_waits_for_whom_and_the_books(app: Flask) -> None:
    money = rail.due(app)
    money.return_remainder()
    money.approve("refund")
    with app.app_context(), unit_of_work():
        watch_books()
    browser = money.browser("first")
    said = _said(browser, "/finance")
    for part in ("Due (1)", "Approved (1)", "Sending (0)", "$265.00", "$85.00", "The books balance."):
        assert part in said
    said = _said(browser, "/finance/ledger")
    assert "Trial balance in USD" in said
    account = f"liab:internship:{money.internship_id}"
    said = _said(browser, f"/finance/ledger/{account}")
    assert "Result fixed" in said
    assert "$350.00" in said
    assert browser.get("/finance/ledger/asset:gold:XAU").status_code == 404


def test_a_withdrawn_request_is_still_found_by_finance(app: Flask) -> None:
    money = rail.matched(app)
    money.unmatch()
    browser = money.browser("first")
    assert "Withdrawn requests" in _said(browser, "/finance")
    assert "please don't transfer anything" in _said(browser, "/fundings/1")
    fields = {"amount": "380.00", "received_on": TODAY, "bank_reference": "LATE-1"}
    assert browser.send("/fundings/1/receipts", version=2, **fields).status_code == 303
    assert money.state() == ("posted", "refunded")
    said = _said(browser, "/finance/payouts/1")
    assert "everything goes back" in said
    assert "LATE-1" in said
    money.check()


def test_finance_of_another_programme_sees_none_of_it(app: Flask) -> None:
    money = rail.due(app)
    with app.app_context(), unit_of_work():
        stranger = cast.member(cast.programme(), "finance").id
    browser = cast.signed_in(app, stranger)
    said = _said(browser, "/finance")
    assert "Due (0)" in said
    assert "The books " not in said.replace("The books haven't", "")
    assert browser.get("/finance/ledger").status_code == 403  # the books are one for all programmes
    assert browser.get("/finance/ledger/asset:bank:USD").status_code == 403
    assert money.browser("operator").get("/finance/ledger").status_code == 200
    for path in ("/finance/payouts/1", "/fundings/1", f"/internships/{money.internship_id}/funding"):
        assert browser.get(path).status_code == 404
    assert browser.send("/finance/payouts/1/approval", version=1).status_code == 404


def test_the_manager_and_the_operator_see_the_payment_but_not_the_account(app: Flask) -> None:
    money = rail.due(app)
    for role in ("manager", "operator"):
        said = _said(money.browser(role), "/finance/payouts/1")
        assert "•••• 3344" in said
        assert "0011223344" not in said


@pytest.mark.point(36)
def test_every_unpaid_sum_shows_its_date_and_who_acts_next(app: Flask) -> None:
    money = rail.matched(app)
    browser = money.browser("intern")
    assert "The employer: transfers the money." in _said(browser, "/earnings")
    money.receive()
    assert "You: start the work." in _said(browser, "/earnings")
    money.fix(26_500)
    assert "You: name your bank account." in _said(browser, "/earnings")
    money.name_account()
    for act, words in (
        (None, "Finance: a first person approves it."),
        (money.approve, "Finance: a second person releases it."),
        (money.release, "Finance: makes the bank transfer and records it."),
        (money.confirm, "No one: it is done."),
    ):
        if act is not None:
            act()
        html = browser.get("/earnings").get_data(as_text=True)
        assert words in html
        assert '<time datetime="' in html
    assert "Paid in USD $265.00" in _said(browser, "/earnings")


def test_a_result_of_nothing_is_said_in_words(app: Flask) -> None:
    money = rail.secured(app)
    money.fix(0)
    assert "The result earned nothing" in _said(money.browser("intern"), "/earnings")


def test_the_intern_names_an_account_and_sees_it_masked(app: Flask) -> None:
    money = rail.matched(app)
    browser, page = money.browser("intern"), "/settings/payout-method"
    assert browser.send(page, **{**rail.ACCOUNT, "account_number": "<script>"}).status_code == 422
    assert browser.send(page, **{**rail.ACCOUNT, "country": "ZZ"}).status_code == 422
    assert money.count("payout_method") == 0
    assert browser.send(page, **rail.ACCOUNT).status_code == 303
    said = _said(browser, page)
    assert "•••• 3344" in said
    assert "72 hours" in said
    assert "0011223344" not in said


def test_only_interns_have_earnings_and_only_finance_has_a_queue(app: Flask) -> None:
    money = rail.matched(app)
    assert money.browser("owner").get("/earnings").status_code == 403
    assert money.browser("intern").get("/finance").status_code == 403
    assert money.browser("manager").get("/finance/ledger").status_code == 403


def test_currencies_are_never_added_up_together(app: Flask) -> None:
    money = rail.due(app)
    with app.app_context(), unit_of_work():
        intern = money.person("intern")
        posting = cast.posting(currency="VND", base=2_000_000, guaranteed=500_000, bonus_pot=0)
        cast.internship("in_progress", of=posting, who=intern)
    said = _said(money.browser("intern"), "/earnings")
    assert "On its way in USD $265.00" in said
    assert "On its way in VND ₫0" in said


@pytest.mark.parametrize(
    ("params", "outcome", "words"),
    [
        ({"guaranteed": 10_000, "parts": [5_000, 3_000, 2_000], "bonus": 0}, "ended_early", "ended early"),
        ({}, "by_silence", "No one reviewed the work in time"),
        ({"inputs": {"levels": [4, 4, 4, 4]}, "parts": ["x"]}, "accepted", "Awarded $100.00"),
    ],
)
def test_the_reason_of_an_amount_is_shown_whatever_fixed_it(
    app: Flask, monkeypatch: pytest.MonkeyPatch, params: dict[str, object], outcome: str, words: str
) -> None:
    money = rail.secured(app)
    monkeypatch.setattr(rail, "CALCULATION", params)
    money.fix(10_000, outcome)
    assert words in _said(money.browser("first"), "/finance/payouts/1")
