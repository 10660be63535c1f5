"""The money: secured before the work starts, paid after it, and what is left goes back."""

from __future__ import annotations

from datetime import timedelta

from tests.end_to_end.people import FINANCE, PASSWORD, SECOND, Story
from tests.end_to_end.reading import day, internship, payout, state
from tests.support.http import Walker
from tests.support.screen import words
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.security.sessions import WebSession
from webapp.fundings.models import Funding

# 5. The money, and the start


def money_is_secured_and_work_starts(story: Story) -> None:
    """The owner transfers what the page says, finance records it in two parts, the intern starts."""
    owner, intern = story.people["Oanh Owner"], story.people["Lan Nguyễn"]
    owner.open(f"{internship(story)}/funding")
    owner.sees("$300.00", "$50.00", "$30.00", "$380.00", "Stint Trust Account")
    reference = words(owner.page.main.find_all("code")[0])
    owner.press("I have made the transfer")
    finance = story.sign_in("Fay Finance", FINANCE)
    finance.follow("Payments")
    finance.follow(reference)
    today = day(story, 0)
    finance.press("Record", amount="180", received_on=today, bank_reference="IN-1")
    finance.sees("Still missing", "$200.00")
    finance.press("Record", amount="200", received_on=today, bank_reference="IN-2")
    finance.sees("The money is secured.")
    story.later(days=6)
    intern.open(internship(story))
    intern.press("Start the work")
    assert state(story) == "in_progress"


# 9. The payment


def finance_pays(story: Story) -> None:
    """One approves, a second proves who they are and releases, the bank's reference is recorded: paid."""
    finance = story.people["Fay Finance"]
    finance.open("/finance")
    finance.follow(f"Payment {payout(story, 'base')}")
    finance.sees("$305.00", "Correct")
    finance.press("Approve this payment")
    finance.sees("Now a second finance person releases it.")
    assert "Release this payment" not in words(finance.page.main)
    second = _second_releases(story, "base")
    second.press("Record the transfer", bank_reference="OUT-1", happened_on=day(story, 0))
    second.sees("The payment is complete")
    assert state(story) == "paid"
    intern = story.people["Lan Nguyễn"]
    intern.open("/earnings")
    intern.sees("$305.00")


def _second_releases(story: Story, type_: str) -> Walker:
    """The second person releases a bank transfer, and makes it."""
    second = second_claims(story, type_)
    second.sees("Make the bank transfer now")
    return second


def second_claims(story: Story, type_: str) -> Walker:
    """The second person's proof of identity is old, so they are asked for the password once more."""
    second = story.people.get("Sam Second") or story.sign_in("Sam Second", SECOND)
    _age_proofs(story)
    second.open("/finance")
    second.follow(f"Payment {payout(story, type_)}")
    second.press("Release this payment")
    second.sees("Confirm it's you")
    second.press("Confirm", password=PASSWORD)
    assert second.page.path == f"/finance/payouts/{payout(story, type_)}", second.page.path
    second.press("Release this payment")
    return second


def _age_proofs(story: Story) -> None:
    """Everybody signed in a while ago: proofs of identity are real time, which no clock of ours shifts."""
    with story.app.app_context(), unit_of_work():
        db.session.execute(
            db.update(WebSession).values(confirmed_at=WebSession.confirmed_at - timedelta(minutes=11))
        )


# 10. What is left goes back


def remainder_goes_back(story: Story) -> None:
    """After its window the rest is due to the payer by itself, and two people send it like any money."""
    story.later(days=6)
    finance = story.people["Fay Finance"]
    finance.open("/finance")
    finance.follow(f"Payment {payout(story, 'refund')}")
    finance.sees("$45.00", "IN-1")
    finance.press("Approve this payment")
    second = _second_releases(story, "refund")
    second.press("Record the transfer", bank_reference="OUT-2", happened_on=day(story, 0))
    second.sees("The payment is complete")
    assert story.read(lambda: db.session.scalars(db.select(Funding.state)).one()) == "settled"
