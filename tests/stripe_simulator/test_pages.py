"""The hosted pages, clicked as a payer and a recipient would; and the front page for people who try things out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup

from tests.stripe_simulator.conftest import CANCEL, SUCCESS, checkout
from tests.support.simulator import Simulator, recipient

BANNER = "Stripe simulator: no real money moves here"
REFRESH, RETURN = "http://127.0.0.1:8000/refresh", "http://127.0.0.1:8000/return"


class Visitor:
    """Somebody with a browser and no scripts; follows no redirect by itself."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.at = base
        self.web = requests.Session()
        self.web.trust_env = False

    def get(self, url: str) -> requests.Response:
        self.at = url if url.startswith("http") else self.base + url
        self.answer = self.web.get(self.at, allow_redirects=False)
        return self.answer

    def press(self, label: str) -> requests.Response:
        """Press the one button whose words begin so."""
        soup = BeautifulSoup(self.answer.text, "lxml")
        (button,) = [b for b in soup.find_all("button") if b.get_text(strip=True).startswith(label)]
        form = button.find_parent("form")
        assert form is not None
        assert form["method"] == "post"
        fields = [field for field in form.find_all("input") if field.get("type") != "checkbox"]
        data = {field["name"]: field.get("value", "") for field in fields}
        for choice in form.find_all("select"):
            first = choice.find("option")
            assert first is not None
            data[choice["name"]] = first.get("value", first.get_text())
        data |= {button["name"]: button["value"]} if button.get("name") else {}
        action = str(form.get("action") or self.at)
        self.answer = self.web.post(
            action if action.startswith("http") else self.base + action, data=data, allow_redirects=False
        )
        return self.answer

    @property
    def text(self) -> str:
        return " ".join(BeautifulSoup(self.answer.text, "lxml").get_text(" ").split())


@pytest.fixture
def visitor(simulator: Simulator) -> Any:
    somebody = Visitor(simulator.url)
    yield somebody
    somebody.web.close()


def open_session(client: Any, visitor: Visitor, **more: Any) -> Any:
    session = client.v1.checkout.sessions.create(checkout(**more))
    assert visitor.get(session.url).status_code == 200
    return session


def test_the_payment_page_says_what_it_is_and_what_is_paid_for(client: Any, visitor: Visitor) -> None:
    open_session(client, visitor)
    assert BANNER in visitor.text and "Award pool" in visitor.text and "500.00 USD" in visitor.text
    policy = visitor.answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and policy.endswith("form-action 'self' http://127.0.0.1:8000")
    assert BeautifulSoup(visitor.answer.text, "lxml").find("a", href=CANCEL)
    assert visitor.get("/style.css").headers["Content-Type"].startswith("text/css")


def test_paying_by_card_leads_to_the_success_page_and_works_once(client: Any, visitor: Visitor) -> None:
    session = open_session(client, visitor)
    page = visitor.answer
    paid = visitor.press("Pay by card")
    assert (paid.status_code, paid.headers["Location"]) == (
        303,
        SUCCESS.replace("{CHECKOUT_SESSION_ID}", session.id),
    )
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
    visitor.answer = page
    again = visitor.press("Pay by card")
    assert again.status_code == 409 and "already paid" in visitor.text
    assert len(client.v1.charges.list().data) == 1


def test_a_declined_card_leaves_the_session_open_and_says_so(client: Any, visitor: Visitor) -> None:
    session = open_session(client, visitor)
    declined = visitor.press("Pay with a card that is declined")
    visitor.get(declined.headers["Location"])
    assert "The card was declined. Nothing was charged" in visitor.text
    found = client.v1.checkout.sessions.retrieve(session.id)
    assert (found.status, found.payment_status) == ("open", "unpaid")
    charge = client.v1.charges.list().data[0]
    assert (charge.status, charge.failure_code, charge.paid) == ("failed", "card_declined", False)
    assert visitor.press("Pay by card").status_code == 303
    assert client.v1.payment_intents.list().data[0].status == "succeeded"


def test_a_bank_debit_waits_and_is_settled_by_a_later_button(client: Any, visitor: Visitor) -> None:
    session = open_session(client, visitor)
    assert visitor.press("Pay by bank debit").status_code == 303
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "unpaid"
    visitor.get(f"/pay/{session.id}")
    visitor.press("The debit arrives")
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_an_expired_session_is_refused_in_words(simulator: Simulator, client: Any, visitor: Visitor) -> None:
    session = open_session(client, visitor)
    simulator.control("move_clock", seconds=25 * 3600)
    assert visitor.press("Pay by card").status_code == 409
    assert "expired" in visitor.text and client.v1.charges.list().data == []
    visitor.get(f"/pay/{session.id}")
    assert "This session has expired" in visitor.text
    assert visitor.get("/pay/cs_test_nothing").status_code == 404


def link_of(client: Any) -> tuple[str, str]:
    account = client.v2.core.accounts.create(recipient()).id
    onboarding: Any = {"refresh_url": REFRESH, "return_url": RETURN}
    use_case: Any = {"type": "account_onboarding", "account_onboarding": onboarding}
    link = client.v2.core.account_links.create({"account": account, "use_case": use_case})
    return account, link.url


@pytest.mark.parametrize(
    ("button", "status", "requirements"),
    [("Finish: transfers", "active", 0), ("Finish, but Stripe", "pending", 1), ("Leave", "restricted", 5)],
)
def test_onboarding_ends_in_one_of_three_ways(
    client: Any, visitor: Visitor, button: str, status: str, requirements: int
) -> None:
    account, url = link_of(client)
    visit = visitor.get(url)
    visitor.get(visit.headers["Location"])
    assert BANNER in visitor.text and account in visitor.text
    assert visitor.press(button).headers["Location"] == RETURN
    found = client.v2.core.accounts.retrieve(
        account, {"include": ["configuration.recipient", "requirements"]}
    )
    assert found.configuration.recipient.capabilities.stripe_balance.stripe_transfers.status == status
    assert len(found.requirements.entries) == requirements
    bare = client.v2.core.accounts.retrieve(account)
    assert bare.configuration is None and bare.requirements is None and bare.identity is None


def test_an_onboarding_link_works_once_and_for_five_minutes(
    simulator: Simulator, client: Any, visitor: Visitor
) -> None:
    _, url = link_of(client)
    assert visitor.get(url).headers["Location"] != REFRESH
    assert visitor.get(url).headers["Location"] == REFRESH
    _, url = link_of(client)
    simulator.control("move_clock", seconds=301)
    assert visitor.get(url).headers["Location"] == REFRESH
    assert visitor.get("/onboarding/link_nothing").status_code == 404


def test_the_front_page_shows_everything_and_its_forms_work(
    simulator: Simulator, client: Any, paid: Any, visitor: Visitor
) -> None:
    charge, account = paid(), simulator.active_account()
    params: Any = {"amount": 100, "currency": "usd", "destination": account, "source_transaction": charge.id}
    made = client.v1.transfers.create(params)
    refund = client.v1.refunds.create({"charge": charge.id, "amount": 100})
    visitor.get("/")
    for id in (charge.id, account, made.id, refund.id, "transfer.created", "waiting"):
        assert id in visitor.text
    done = visitor.press("Make available")
    visitor.get(done.headers["Location"])
    assert "Done: make available." in visitor.text
    assert client.v1.refunds.retrieve(refund.id).status == "succeeded"
    armed = visitor.press("Arm it")
    visitor.get(armed.headers["Location"])
    assert simulator.state()["faults"][0]["kind"] == "drop_before"
    visitor.press("Disarm all")
    assert simulator.state()["faults"] == []
    refused = visitor.web.post(
        f"{simulator.url}/controls/pay_session", data={"session": "x"}, allow_redirects=False
    )
    visitor.get(refused.headers["Location"])
    assert "Refused: This payment page does not exist." in visitor.text


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_its_pages_are_accessible_and_fit(
    simulator: Simulator,
    client: Any,
    paid: Any,
    new_page: Callable[..., Any],
    axe: Callable[..., list[str]],
    width: int,
    scheme: str,
) -> None:
    charge, account = paid(), simulator.active_account()
    client.v1.refunds.create({"charge": charge.id, "amount": 100})
    client.v1.transfers.create(
        {"amount": 100, "currency": "usd", "destination": account, "source_transaction": charge.id}
    )
    simulator.fault("429", path="/v1/nothing")
    session = client.v1.checkout.sessions.create(checkout(success_url=f"{simulator.url}/?said=paid"))
    _, link = link_of(client)
    page = new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    for url in ("/", f"/pay/{session.id}", link.removeprefix(simulator.url), "/pay/cs_test_nothing"):
        page.goto(simulator.url + url)
        assert page.get_by_text(BANNER).is_visible()
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(session.url)
    page.get_by_role("button", name="Pay by card").click()
    page.wait_for_url("**/?said=paid")
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
