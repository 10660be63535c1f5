"""One internship paid by Stripe: the simulator over HTTP, our own pages and jobs, and the four books counted.

The four books: our ledger, our attempts, Stripe's objects, Stripe's balance.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import text

from tests.support import people as cast
from tests.support.rail import BASE, CALCULATION, FEE, POT, TOTAL, Rail
from tests.support.simulator import Simulator
from webapp.core.database import clock, installation
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle.history import SYSTEM
from webapp.fundings.actions import transfers as funding_transfers
from webapp.fundings.models import Checkout
from webapp.ledger import queries as ledger_queries
from webapp.ledger.checks import check_books
from webapp.notifications.models import Notice
from webapp.payouts.jobs import recovery as payout_recovery
from webapp.payouts.models import Attempt, Call, Payout
from webapp.recipients.models import StripeAccount
from webapp.stripe import gateway as stripe_gateway
from webapp.stripe.gateway import READ, Gateway
from webapp.worker import run_until_idle

__all__ = ["BASE", "CALCULATION", "FEE", "POT", "TOTAL", "StripeRail"]


class StripeRail(Rail):
    """The cast around one internship on the Stripe rail, with the simulator that plays Stripe."""

    stripe: Simulator

    # What people do, by the pages

    def pay_page(self) -> str:
        """The owner presses the button and is led to Stripe; the session's id."""
        answer = self.browser("owner").send(
            f"/fundings/{self.funding_id}/checkout", version=self._funding_version()
        )
        assert answer.status_code == 303, answer.get_data(as_text=True)[:800]
        place = urlsplit(answer.location)
        assert answer.location.startswith(self.stripe.url), answer.location
        return place.path.rsplit("/", 1)[-1]

    def _funding_version(self) -> int:
        with self.app.app_context(), unit_of_work():
            return self.funding.version

    def pay(self, how: str = "card") -> str:  # type: ignore[override]
        """The owner pays on Stripe's page, and Stripe's word arrives."""
        session = self.pay_page()
        self.stripe.pay(session, how)
        self.hear()
        return session

    def onboard(self, outcome: str = "finish") -> str:
        """The intern goes to Stripe and comes back; the account's id."""
        answer = self.browser("intern").send("/settings/payout-method/stripe")
        assert answer.status_code == 303, answer.get_data(as_text=True)[:800]
        assert answer.location.startswith(self.stripe.url), answer.location
        account = self.account()
        self.stripe.control("finish_onboarding", account=account, outcome=outcome)
        self.hear()
        return account

    def account(self) -> str:
        with self.app.app_context(), unit_of_work():
            number = db.session.scalars(
                db.select(StripeAccount.account).order_by(StripeAccount.id.desc())
            ).first()
            assert number is not None
            return number

    # What happens by itself

    def hear(self) -> None:
        """Stripe's webhooks reach us, and the worker does what they cause."""
        self.deliver()
        self.work()

    def deliver(self) -> tuple[int, int]:
        """Hand what Stripe has to tell to our door."""
        client = self.app.test_client()

        def post(url: str, body: bytes, headers: dict[str, str]) -> int:
            return client.post(urlsplit(url).path, data=body, headers=headers).status_code

        return self.stripe.deliver(post)

    def work(self) -> None:
        """The worker does what waits in its queue, and nothing that only the clock would start: see `sweep`."""
        with ThreadPoolExecutor(1) as thread:  # a browser test has an event loop of its own
            thread.submit(run_until_idle, self.app, by_the_clock=False).result()

    def sweep(self, seconds: float = 3600) -> None:
        """So much real time passes for what is to be tried again, and the recovery sweep runs once."""
        self.age(seconds)
        with self.app.app_context():
            payout_recovery.recover()

    def age(self, seconds: float) -> None:
        """Everything that waits for a real instant waited so much longer."""
        past = {"past": timedelta(seconds=seconds)}
        with self.app.app_context(), unit_of_work():
            for table, columns in {
                "attempt": ("called_at", "next_try_at"),
                "checkout": ("asked_at", "next_poll_at", "expires_at"),
                "stripe_account": ("next_poll_at",),
            }.items():
                moved = ", ".join(f"{column} = {column} - :past" for column in columns)
                db.session.execute(text(f"UPDATE {table} SET {moved}"), past)

    @contextmanager
    def reaching(self, base: str | None = None, *, patience: float = READ) -> Iterator[None]:
        """Meanwhile Stripe is looked for at another address, or waited for only so many seconds."""
        settings = self.app.extensions["settings"]
        there = replace(settings, stripe_api_base=base or settings.stripe_api_base)
        self.app.extensions["stripe_gateway"] = Gateway(there, patience=patience)
        try:
            yield
        finally:
            del self.app.extensions["stripe_gateway"]

    # What must be true

    def check(self) -> None:
        """The books are right; that Stripe's fee is not covered yet is the installation's own affair."""
        with self.app.app_context(), unit_of_work():
            assert [finding for finding in check_books() if finding.check != "coverage"] == []

    def agree(self) -> None:
        """The four books agree, nothing is forgotten halfway, and nobody was told of their money twice."""
        self.check()
        assert self.stripe.state()["wrong"] == []
        with self.app.app_context():
            stripe_has = stripe_gateway.gateway().balance()
            sent = self.sent()
            with unit_of_work():
                self._balances_agree(stripe_has)
                attempts = list(db.session.scalars(db.select(Attempt).order_by(Attempt.id)))
                for attempt in attempts:
                    self._attempt_agrees(attempt, sent)
                for payout in db.session.scalars(db.select(Payout)):
                    gone = [one for one in attempts if one.part.payout_id == payout.id]
                    self._payout_agrees(payout, sum(one.amount for one in gone if one.state == "succeeded"))
                self._told_once()

    def _balances_agree(self, stripe_has: dict[str, int]) -> None:
        codes = set(db.session.scalars(text("SELECT code FROM account WHERE code LIKE 'asset:stripe:%'")))
        for code in codes | {f"asset:stripe:{currency}" for currency in stripe_has}:
            assert ledger_queries.balance(code) == stripe_has.get(code.rsplit(":", 1)[-1], 0), code

    def _attempt_agrees(self, attempt: Attempt, sent: list[dict[str, Any]]) -> None:
        """There at Stripe once or not at all, for this sum to this account; and taken up again if it is open."""
        there = [one for one in sent if one["metadata"].get("attempt") == attempt.key]
        about = (attempt.key, attempt.state, there)
        if attempt.is_live and attempt.rail == "stripe":
            assert attempt.next_try_at is not None or attempt.problem is not None, about
            # Of what is not settled only a refund that waits at Stripe may be there: it has moved nothing.
            assert all(one["object"] == "refund" and one["status"] == "pending" for one in there), about
        moved = [one for one in there if one.get("status", "succeeded") == "succeeded"]
        expected = 1 if attempt.state == "succeeded" and attempt.rail == "stripe" else 0
        assert len(moved) == expected, about
        for one in moved:
            to = one["destination"] if one["object"] == "transfer" else one["charge"]
            assert (one["amount"], to) == (attempt.amount, attempt.params["to"]), about

    def _payout_agrees(self, payout: Payout, left: int) -> None:
        assert left in (0, payout.amount), payout.id
        assert (payout.state == "paid") == (left == payout.amount), (payout.id, payout.state, left)

    def _told_once(self) -> None:
        """As often as a sum was paid, or sent back, its people heard of it: once each."""
        # This cast has one intern and one owner: whoever is paid or gets money back is one person.
        for code, type_ in (("paid", "base"), ("returned", "refund")):
            heard = db.select(db.func.count()).select_from(Notice).where(Notice.code == code)
            done = db.select(db.func.count()).select_from(Payout)
            done = done.where(Payout.type == type_, Payout.state == "paid")
            assert db.session.scalar(heard) == db.session.scalar(done), code

    def sent(self) -> list[dict[str, Any]]:
        """Every transfer and refund that exists at Stripe."""
        client = self.stripe.client()
        transfers = [one.to_dict() for one in client.v1.transfers.list({"limit": 100}).auto_paging_iter()]
        refunds = [one.to_dict() for one in client.v1.refunds.list({"limit": 100}).auto_paging_iter()]
        return transfers + refunds

    def transfers(self) -> list[dict[str, Any]]:
        """Every transfer that exists at Stripe."""
        return [one for one in self.sent() if one["object"] == "transfer"]

    def asked(self, what: str = "create") -> int:
        """How often Stripe was asked this for any attempt: create, lookup, charge, read."""
        with self.app.app_context(), unit_of_work():
            count = db.select(db.func.count()).select_from(Call).where(Call.what == what)
            return db.session.scalar(count) or 0

    def keys(self, path: str = "/v1/transfers") -> set[str]:
        """The idempotency keys that Stripe has stored answers for."""
        with self.stripe.inside.store.connection() as connection:
            rows = connection.execute("SELECT key FROM idempotency WHERE path = %s", [path]).fetchall()
            return {row["key"] for row in rows}

    def attempt(self) -> tuple[str, str | None, str | None]:
        """State, problem and reason of the newest attempt."""
        with self.app.app_context(), unit_of_work():
            found = self.attempts()[-1]
            return found.state, found.problem, found.reason

    def attempt_id(self) -> int:
        with self.app.app_context(), unit_of_work():
            return self.attempts()[-1].id

    def payout_state(self, type_: str = "base") -> str:
        with self.app.app_context(), unit_of_work():
            return self.payout(type_).state

    def checkout(self) -> Checkout:
        return db.session.scalars(db.select(Checkout).order_by(Checkout.id.desc())).first() or Checkout()

    def checkout_status(self) -> str:
        with self.app.app_context(), unit_of_work():
            return self.checkout().status

    def group(self) -> str:
        with self.app.app_context(), unit_of_work():
            return f"{installation.uid()}-f{self.funding_id}"


def matched(app: Flask, stripe: Simulator) -> StripeRail:
    """A match that both have signed, to be paid by Stripe: 300 + 50 and a fee of 30 USD."""
    with app.app_context(), unit_of_work():
        programme = cast.programme(stripe_currencies=["USD"], stripe_countries=["VN"])
        employer = cast.organisation(name="Market Watch")
        owner = cast.member(employer, "owner")
        internship = cast.internship("matched", of=cast.posting(employer, programme, by=owner), rail="stripe")
        funding = funding_transfers.request(internship, actor=SYSTEM)
        assert internship.intern_id is not None
        made = StripeRail(
            app,
            internship.id,
            funding.id,
            internship.intern_id,
            owner.id,
            cast.member(programme, "finance").id,
            cast.member(programme, "finance").id,
            cast.member(programme, "manager").id,
            cast.person("Olga Operator", operator=True).id,
        )
    made.stripe = stripe
    return made


def secured(app: Flask, stripe: Simulator) -> StripeRail:
    """The owner has paid, and Stripe can pay the intern."""
    made = matched(app, stripe)
    made.pay()
    assert made.state() == ("matched", "secured")
    made.onboard()
    return made


def due(app: Flask, stripe: Simulator, award: int = 26_500) -> StripeRail:
    """A result is fixed and waits for finance."""
    made = secured(app, stripe)
    made.fix(award)
    return made


def approved(app: Flask, stripe: Simulator, award: int = 26_500) -> StripeRail:
    """One person of finance has approved it."""
    made = due(app, stripe, award)
    made.approve()
    return made


def released(app: Flask, stripe: Simulator, award: int = 26_500) -> StripeRail:
    """Two people agreed; the attempt waits for the worker, which has not run yet."""
    made = approved(app, stripe, award)
    made.release()
    return made


def later(app: Flask, days: float) -> None:
    """So much time passes for the lifecycle."""
    with app.app_context(), unit_of_work():
        clock.shift(clock.offset() + timedelta(days=days))
