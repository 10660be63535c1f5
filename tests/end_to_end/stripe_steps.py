"""The same way on the Stripe rail: the steps where money moves are told anew, the two hosted pages included."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from tests.end_to_end import steps
from tests.end_to_end.money_steps import second_claims
from tests.end_to_end.people import FINANCE, Story
from tests.end_to_end.reading import internship, payout, state
from tests.support.screen import words
from tests.support.simulator import Simulator
from webapp.core.database.base import db
from webapp.fundings.models import Funding
from webapp.payouts.models import Payout


class AtStripe:
    """What the story needs of Stripe: its simulator, and the way of its webhooks to us."""

    def __init__(self, story: Story, stripe: Simulator) -> None:
        self.story, self.stripe = story, stripe

    def hear(self) -> None:
        """Stripe's webhooks reach us, and the worker does what they cause."""
        client = self.story.app.test_client()

        def post(url: str, body: bytes, headers: dict[str, str]) -> int:
            return client.post(urlsplit(url).path, data=body, headers=headers).status_code

        taken, refused = self.stripe.deliver(post)
        assert refused == 0 and taken
        self.story.worker.run_due()


def steps_at(line: AtStripe) -> tuple[Callable[[Story], None], ...]:
    """The steps of the story, in their order, for a programme that pays by Stripe."""

    def people_arrive(story: Story) -> None:
        """The manager says who is paid by Stripe; the intern, who has no bank account here, tells Stripe who they are."""
        steps.people_arrive(story)
        operator = story.people["Olu Operator"]
        operator.open("/home")
        operator.follow("Organisations")
        operator.follow("First Steps")
        operator.follow("Settings of the programme")
        operator.press(
            "Save", stripe_currencies="usd", stripe_countries="VN, PH", expect=422, unpaid_countries="XX"
        )
        operator.sees("These country codes don't exist: XX.")
        operator.press("Save", unpaid_countries="")
        operator.sees("Agreements made from now on follow these rules.")
        intern = story.people["Lan Nguyễn"]
        intern.open("/settings/payout-method")
        intern.press("Start at Stripe")
        intern.sees("no real money moves here")
        intern.press("Leave it unfinished")
        line.hear()
        intern.open("/settings/payout-method")
        intern.sees("Stripe needs something from you", "Your date of birth")
        intern.press("Continue at Stripe")
        intern.press("Finish: transfers become possible")
        intern.press("Ask Stripe now")
        intern.sees("Stripe says that you can be paid.")

    def money_is_secured_and_work_starts(story: Story) -> None:
        """The owner pays on Stripe's page: a declined card first, then a good one. Stripe's word secures it."""
        owner, intern = story.people["Oanh Owner"], story.people["Lan Nguyễn"]
        owner.open(f"{internship(story)}/funding")
        owner.sees("$300.00", "$50.00", "$30.00", "$380.00", "Stripe")
        assert "Stint Trust Account" not in words(owner.page.main)
        owner.press("Pay with Stripe")
        owner.sees("Pay 380.00 USD", "Platform fee")
        owner.press("Pay with a card that is declined")
        owner.sees("The card was declined.")
        owner.press("Pay by card")
        owner.sees("Stripe has your payment and will soon tell us")
        line.hear()
        owner.open(f"{internship(story)}/funding")
        owner.sees("The money is secured.")
        story.later(days=6)
        intern.open(internship(story))
        intern.press("Start the work")
        assert state(story) == "in_progress"

    def finance_pays(story: Story) -> None:
        """One approves, a second releases; Stripe makes the transfer, and the internship is paid."""
        finance = story.sign_in("Fay Finance", FINANCE)
        finance.open("/finance")
        finance.follow(f"Payment {payout(story, 'base')}")
        finance.sees("$305.00", "Account at Stripe")
        finance.press("Approve this payment")
        second = second_claims(story, "base")
        second.sees("Stripe makes the transfer now")
        story.worker.run_due()
        second.open(f"/finance/payouts/{payout(story, 'base')}")
        second.sees("This payment is complete.")
        assert state(story) == "paid"
        intern = story.people["Lan Nguyễn"]
        intern.open("/earnings")
        intern.sees("$305.00")

    def remainder_goes_back(story: Story) -> None:
        """After its window the rest goes back the way it came, and nobody has to do anything."""
        line.stripe.control("make_available")
        story.later(days=6)
        finance = story.people["Fay Finance"]
        finance.open(f"/finance/payouts/{payout(story, 'refund')}")
        finance.sees("$45.00", "This payment is complete.")
        finance.follow("Attempt 1")
        finance.sees("Succeeded", "Please send it.")
        assert story.read(lambda: db.session.scalars(db.select(Funding.state)).one()) == "settled"
        rails = story.read(lambda: set(db.session.scalars(db.select(Payout.rail))))
        assert rails == {"stripe"}

    told = {
        one.__name__: one
        for one in (people_arrive, money_is_secured_and_work_starts, finance_pays, remainder_goes_back)
    }
    return tuple(told.get(step.__name__, step) for step in steps.STEPS)
