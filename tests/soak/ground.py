"""A running installation with approved payouts on Stripe, and what people and bad luck do to it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
import requests
from sqlalchemy import select

from tests.soak.installation import Installation
from tests.soak.remote import until_it_works
from tests.support import people as cast
from tests.support.rail import CALCULATION
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle.history import SYSTEM
from webapp.fundings import jobs as funding_jobs
from webapp.fundings.actions import checkouts as funding_checkouts
from webapp.fundings.actions import transfers as funding_transfers
from webapp.fundings.models import Checkout
from webapp.internships import actions as internship_actions
from webapp.internships.models import Internship
from webapp.ledger.checks import check_books
from webapp.payouts.actions import approval as payout_approval
from webapp.payouts.actions import returns as payout_returns
from webapp.payouts.models import Attempt, Payout, PayoutPart
from webapp.recipients import actions as recipient_actions
from webapp.recipients import jobs as recipient_jobs
from webapp.recipients.models import StripeAccount
from webapp.stripe import gateway as stripe_gateway

AWARD = 26_500
NAMES = {"base": "Base pay", "bonus_pot": "Bonus pot", "fee": "Platform fee"}


class Ground:
    """A running installation with a programme, and as many approved payouts on Stripe as are asked for."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.app = installation.app()
        self.simulator = installation.stripe["STRIPE_API_BASE"]
        os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
        with self.app.app_context(), unit_of_work():
            programme = cast.programme(stripe_currencies=["USD"], stripe_countries=["VN"])
            employer = cast.organisation(name="Market Watch")
            owner, intern = cast.member(employer, "owner"), cast.intern()
            self.programme_id, self.employer_id = programme.id, employer.id
            self.owner_id, self.intern_id = owner.id, intern.id
            self.first_id = cast.member(programme, "finance").id
            self.second_id = cast.member(programme, "finance").id
        self._onboard()

    def close(self) -> None:
        """Give back every connection."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    def control(self, what: str, **values: Any) -> None:
        answer = requests.post(f"{self.simulator}/_simulator/{what}", json=values, timeout=30)
        assert answer.status_code == 200, answer.text

    def _onboard(self) -> None:
        with self.app.app_context():
            with unit_of_work():
                intern = db.session.get_one(cast.Person, self.intern_id)
                account = recipient_actions.begin_onboarding(
                    intern, actor=intern, include=stripe_gateway.INCLUDED
                )
                number, params = account.id, dict(account.params)
            said, _link = recipient_jobs.ask_onboarding(
                None, params, "http://localhost/", "http://localhost/"
            )
            with unit_of_work():
                known = db.session.get_one(StripeAccount, number)
                recipient_jobs.apply_account(known, said)
                there = known.account
            self.control("controls/finish_onboarding", account=there, outcome="finish")
            recipient_jobs.read_account(number)

    def approved(self) -> tuple[int, int]:
        """(payout, internship) of one more result that is paid in, reviewed and approved by one person."""
        with self.app.app_context():
            with unit_of_work():
                employer = db.session.get_one(cast.Organisation, self.employer_id)
                programme = db.session.get_one(cast.Organisation, self.programme_id)
                owner = db.session.get_one(cast.Person, self.owner_id)
                intern = db.session.get_one(cast.Person, self.intern_id)
                of = cast.posting(employer, programme, by=owner)
                internship = cast.internship("matched", of=of, who=intern, rail="stripe")
                funding = funding_transfers.request(internship, actor=SYSTEM)
                checkout = funding_checkouts.open_checkout(
                    funding,
                    actor=owner,
                    version=funding.version,
                    back="http://localhost/",
                    locale="en",
                    names=NAMES,
                )
                ids = (internship.id, checkout.id)
                params = dict(checkout.params)
            said: Any = funding_jobs.ask_checkout(None, params)
            with unit_of_work():
                funding_jobs.apply_checkout(db.session.get_one(Checkout, ids[1]), said)
            self.control("controls/pay_session", session=said.id, how="card")
            funding_jobs.read_checkout(ids[1])
            with unit_of_work():
                return self._reviewed(ids[0]), ids[0]

    def _reviewed(self, internship_id: int) -> int:
        now = cast.datetime.now(cast.UTC)
        values = {"state": "submitted", "started_at": now, "submitted_at": now}
        db.session.execute(db.update(Internship).where(Internship.id == internship_id).values(**values))
        internship = db.session.get_one(Internship, internship_id)
        db.session.refresh(internship)
        internship_actions.fix_result(
            internship,
            actor=SYSTEM,
            move="approve_by_silence",
            award=AWARD,
            outcome="accepted",
            params=CALCULATION,
        )
        payout_returns.fall_due(internship, actor=SYSTEM)
        payout = db.session.scalars(select(Payout).where(Payout.internship_id == internship_id)).one()
        payout_approval.approve(
            payout, actor=db.session.get_one(cast.Person, self.first_id), version=payout.version
        )
        return payout.id

    # What people and bad luck do

    def release(self, payout_id: int) -> None:
        """The second person presses the button, and presses it again until there is an answer."""

        def browser() -> cast.Browser:
            return cast.signed_in(self.app, self.second_id)

        second = until_it_works(browser, Exception)
        form = {"csrf_token": second.token(), "operation_id": str(uuid4()), "version": "2"}
        cookie = second.client.get_cookie("stint")
        assert cookie is not None
        headers = {"Sec-Fetch-Site": "same-origin", "Connection": "close"}
        address = f"{self.installation.base}/finance/payouts/{payout_id}/release"

        def press() -> None:
            answer = requests.post(
                address,
                data=form,
                cookies={"stint": cookie.value},
                headers=headers,
                allow_redirects=False,
                timeout=20,
            )
            if answer.status_code in (500, 502, 503):
                raise requests.RequestException(f"{answer.status_code}")
            led = answer.headers.get("Location", "")
            assert led == f"/finance/payouts/{payout_id}", (answer.status_code, led, answer.text[-1500:])

        until_it_works(press, requests.RequestException)

    @contextmanager
    def lock_held(self, internship_id: int) -> Iterator[None]:
        """Somebody else is at this internship: whoever wants to settle something about it waits at its lock."""
        connection = psycopg.connect(self.installation.owner_url)
        try:
            connection.execute("SELECT id FROM internship WHERE id = %s FOR UPDATE", [internship_id])
            yield
        finally:
            connection.close()  # which gives the lock back, also where the database was killed meanwhile

    def somebody_waits_for_a_lock(self) -> bool:
        with psycopg.connect(self.installation.owner_url, autocommit=True) as connection:
            row = connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
            return bool(row and row[0])

    def transfers(self, payout_id: int) -> list[Any]:
        """What Stripe has for this payout."""
        state = requests.get(f"{self.simulator}/_simulator/state", timeout=30).json()
        assert state["wrong"] == [], state["wrong"]
        with self.app.app_context():
            with unit_of_work():
                payout = db.session.get_one(Payout, payout_id)
                group = payout.parts[0].attempts[0].params["group"] if payout.parts[0].attempts else ""
            return stripe_gateway.gateway().transfers_of(group) if group else []

    def is_settled(self, payout_id: int) -> bool:
        with self.app.app_context(), unit_of_work():
            return db.session.get_one(Payout, payout_id).state == "paid"

    def kill(self, target: str) -> None:
        """All of a kind at once: a killed web or worker leaves no brother that goes on."""
        for number in self.installation.processes(target):
            try:
                os.kill(number, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def everything_answers(self) -> None:
        """Web, worker and database are back."""

        def look() -> None:
            assert requests.get(f"{self.installation.base}/postings", timeout=5).status_code == 200
            assert self.installation.processes("worker")
            psycopg.connect(self.installation.url).close()

        until_it_works(look, AssertionError, requests.RequestException, psycopg.Error)

    # What must be true afterwards

    def wrong(self, payout_id: int) -> list[str]:
        """What is not as if nothing had happened."""
        found = []
        sent = self.transfers(payout_id)
        if len(sent) != 1 or sent[0].amount != AWARD:
            found.append(f"payout {payout_id} has {len(sent)} transfers")
        with self.app.app_context(), unit_of_work():
            payout = db.session.get_one(Payout, payout_id)
            attempts = list(
                db.session.scalars(select(Attempt).join(PayoutPart).where(PayoutPart.payout_id == payout_id))
            )
            if [attempt.state for attempt in attempts] != ["succeeded"]:
                found.append(f"payout {payout_id}: attempts {[(a.state, a.problem) for a in attempts]}")
            if payout.internship.state != "paid":
                found.append(f"payout {payout_id}: the internship is {payout.internship.state}")
            found += [f"books: {one}" for one in check_books() if one.check != "coverage"]
        return found
