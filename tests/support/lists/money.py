"""The money of an internship: what came in, and what is to go out."""

from __future__ import annotations

from datetime import timedelta

from tests.support.lists.rows import Rows
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.fundings.models import Charge, Checkout, Funding, Receipt
from webapp.internships.models import Agreement, Internship
from webapp.organisations.models import Organisation
from webapp.payouts.models import Attempt, Payout, PayoutPart
from webapp.recipients import queries as recipient_queries
from webapp.recipients.models import PayoutMethod, StripeAccount

METHOD = {"country": "VN", "bank_name": "Bank", "account_holder": "INTERN", "account_number": "0011223344"}


class MoneyRows:
    """Fundings and payouts as they are stored, with the people who moved them."""

    def __init__(self, rows: Rows, people: dict[str, Person]) -> None:
        self.rows, self.people = rows, people

    def funding(
        self, seat: Internship, agreement: Agreement, payer: Organisation, rail: str, state: str
    ) -> Funding:
        funding: Funding = self.rows.add(
            Funding(
                state={"signed": "awaiting", "processing": "processing"}.get(state, "secured"),
                internship_id=seat.id,
                agreement_id=agreement.id,
                payer_id=payer.id,
                rail=rail,
                currency="USD",
                base=30_000,
                bonus_pot=5_000,
                fee=3_000,
                reference=f"ST-{seat.id}",
                asked_at=self.rows.now,
            )
        )
        if funding.state == "secured" and rail == "manual":
            db.session.add(
                Receipt(
                    funding_id=funding.id,
                    amount=38_000,
                    currency="USD",
                    received_on=self.rows.now.date(),
                    bank_reference=f"IN-{seat.id}",
                    recorded_by_id=self.people["finance"].id,
                    recorded_at=self.rows.now,
                )
            )
        return funding

    def _charge(self, funding: Funding) -> Charge:
        checkout = self.rows.add(
            Checkout(
                funding_id=funding.id,
                number=1,
                status="paid",
                key=f"co-{funding.id}",
                params={},
                asked_by_id=self.people["owner"].id,
                asked_at=self.rows.now,
                expires_at=self.rows.now,
                session=f"cs_{funding.id}",
            )
        )
        made: Charge = self.rows.add(
            Charge(
                funding_id=funding.id,
                checkout_id=checkout.id,
                charge=f"ch_{funding.id}",
                payment_intent=f"pi_{funding.id}",
                balance_transaction=f"txn_{funding.id}",
                amount=38_000,
                stripe_fee=0,
                currency="USD",
                arrived_at=self.rows.now,
            )
        )
        return made

    def payout(
        self,
        seat: Internship,
        funding: Funding,
        state: str,
        rail: str,
        type_: str,
        intern: Person,
        employer: Organisation,
    ) -> None:
        back = type_ == "refund"
        charge = self._charge(funding) if rail == "stripe" else None
        self._destination(intern, rail)
        payout = self.rows.add(
            Payout(
                state=state,
                internship_id=seat.id,
                payee_id=None if back else intern.id,
                payer_id=employer.id if back else None,
                type=type_,
                currency="USD",
                amount=26_500,
                rail=rail,
                due_at=self.rows.now - timedelta(days=1),
                approved_by_id=self.people["finance"].id if state not in ("due", "held") else None,
                approved_at=self.rows.now if state not in ("due", "held") else None,
                released_by_id=self.people["second"].id if state in ("sending", "paid") else None,
                held_until=self.rows.now + timedelta(days=2) if state == "held" else None,
                blocked_at=self.rows.now if state == "blocked" else None,
                payout_clock_at=self.rows.now + timedelta(days=2),
                paid_at=self.rows.now if state == "paid" else None,
                escalation=1 if state == "due" else 0,
            )
        )
        part = self.rows.add(
            PayoutPart(
                payout_id=payout.id,
                funding_id=funding.id,
                charge_id=charge.id if charge else None,
                amount=26_500,
            )
        )
        if state in ("due", "approved", "sending"):
            self.rows.clock("payout", payout.id, f"payout_{state}")
        if state in ("sending", "paid"):
            self.rows.add(
                Attempt(
                    part_id=part.id,
                    number=1,
                    state="succeeded" if state == "paid" else "sending" if rail == "manual" else "unknown",
                    key=f"po-{payout.id}",
                    rail=rail,
                    amount=26_500,
                    currency="USD",
                    params={},
                    claimed_at=self.rows.now,
                    problem="key_expired" if rail == "stripe" else None,
                )
            )

    def _destination(self, intern: Person, rail: str) -> None:
        if rail == "manual":
            if not recipient_queries.current_method(intern.id):
                self.rows.add(
                    PayoutMethod(person_id=intern.id, added_at=self.rows.now - timedelta(days=9), **METHOD)
                )
        elif not recipient_queries.stripe_account(intern.id):
            self.rows.add(
                StripeAccount(
                    person_id=intern.id,
                    key=f"ac-{intern.id}",
                    params={},
                    country="VN",
                    account=f"acct_{intern.id}",
                    transfers="active",
                    asked_at=self.rows.now,
                )
            )
