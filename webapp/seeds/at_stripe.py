"""What the demo world's people do at Stripe: on the simulator's own pages, as a browser would. Never at Stripe itself."""

from __future__ import annotations

import urllib.error
import urllib.request
from urllib.parse import urlencode

from webapp.core import config
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.fundings import jobs as funding_jobs
from webapp.fundings import queries as funding_queries
from webapp.fundings.actions import checkouts as funding_checkouts
from webapp.fundings.models import Checkout
from webapp.payouts.actions import approval as payout_approval
from webapp.payouts.actions import sending as payout_sending
from webapp.recipients import actions as recipient_actions
from webapp.recipients import jobs as recipient_jobs
from webapp.recipients.models import StripeAccount
from webapp.seeds.work_cast import WorkCast
from webapp.stripe import gateway as stripe_gateway

NAMES = {"base": "Base pay", "bonus_pot": "Bonus pot", "fee": "Platform fee"}


class StripeCast(WorkCast):
    """The cast, some of whom are paid by Stripe where a simulator for it runs with the app."""

    @property
    def has_simulator(self) -> bool:
        return bool(config.current().stripe_api_base)

    def pays_in(self, owner: str, intern: str, posting: str) -> None:
        """The owner pays on Stripe's page, by card."""
        with unit_of_work():
            funding = funding_queries.live(self.internship(intern, posting))
            assert funding is not None
            back = f"{config.current().base_url}/internships/{funding.internship_id}/funding"
            checkout = funding_checkouts.open_checkout(
                funding,
                actor=self.who(owner),
                version=funding.version,
                back=back,
                locale="en",
                names=NAMES,
            )
            number, params = checkout.id, dict(checkout.params)
        answer = funding_jobs.ask_checkout(None, params)
        with unit_of_work():
            opened = db.session.get_one(Checkout, number)
            funding_jobs.apply_checkout(opened, answer)
            page = opened.url
        _press(str(page), how="card")
        funding_jobs.read_checkout(number)

    def onboards(self, intern: str) -> None:
        """The intern tells Stripe who they are."""
        with unit_of_work():
            account = recipient_actions.begin_onboarding(
                self.who(intern), actor=self.who(intern), include=stripe_gateway.INCLUDED
            )
            number, params = account.id, dict(account.params)
        back = f"{config.current().base_url}/settings/payout-method"
        answer, link = recipient_jobs.ask_onboarding(None, params, back, back)
        with unit_of_work():
            recipient_jobs.apply_account(db.session.get_one(StripeAccount, number), answer)
        _press(_visit(str(link)), outcome="finish")
        recipient_jobs.read_account(number)

    def pays_out(self, first: str, second: str, intern: str, posting: str) -> None:
        """Two people of finance release the intern's pay, and the worker has Stripe send it."""
        with unit_of_work():
            payout = self.payout(self.internship(intern, posting), "base")
            payout_approval.approve(payout, actor=self.who(first), version=payout.version)
            payout_sending.release(payout, actor=self.who(second), version=payout.version)
        self.works_off()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Where a button leads in the end is our own page, which nobody serves yet."""


def _visit(link: str) -> str:
    """Follow a link to the page behind it."""
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(link, timeout=20) as answer:
        return str(answer.geturl())


def _press(page: str, **fields: str) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay())
    try:
        opener.open(page, data=urlencode(fields).encode(), timeout=20).close()
    except urllib.error.HTTPError as answer:
        with answer:
            if answer.code != 303:
                raise
