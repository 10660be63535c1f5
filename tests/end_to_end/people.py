"""The people of the story: they come in by the doors that everybody uses, and read their mail where it is caught."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask

from tests.support.application import Worker
from tests.support.http import Walker
from tests.support.screen import links_in
from webapp.accounts.actions import accounts as account_actions
from webapp.accounts.actions.accounts import Newcomer
from webapp.accounts.models import Person
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import history
from webapp.core.lifecycle.history import SYSTEM, HistoryEntry
from webapp.internships.models import Internship
from webapp.ledger import checks as ledger_checks
from webapp.ledger import queries as ledger_queries
from webapp.ledger.models import Account, Entry, Journal
from webapp.organisations.actions import registration as organisation_registration
from webapp.organisations.models import Organisation
from webapp.postings.models import Posting
from webapp.skills import actions as skill_actions

PASSWORD = "a lantern over the river"
OPERATOR = "operator@stint.example"
PROGRAMME = "First Steps"
OWNER, REVIEWER, INTERN = "owner@river.example", "reviewer@river.example", "lan@intern.example"
FINANCE, SECOND, MANAGER = "finance@first.example", "second@first.example", "manager@first.example"
EMPLOYER = "River Maps"


class Story:
    """One telling of the story: its app, its clock, its people, and the checks that run after every step."""

    def __init__(self, app: Flask, worker: Worker, *, htmx: bool) -> None:
        self.app, self.worker, self.htmx = app, worker, htmx
        self.people: dict[str, Walker] = {}
        self.days = timedelta()
        self._found()

    def _found(self) -> None:
        """What `flask setup` makes: an operator, a programme, the list of skills."""
        with self.app.test_request_context(), unit_of_work():
            operator = account_actions.sign_up_proved(
                Newcomer(OPERATOR, "Olu Operator", "Olu", PASSWORD, "en", "UTC", "GB"), actor=SYSTEM
            )
            account_actions.make_first_operator(operator, actor=SYSTEM)
            organisation_registration.register_programme(
                organisation_registration.Profile(PROGRAMME), ["USD", "VND"], actor=SYSTEM
            )
            skill_actions.plant()

    def walker(self, name: str) -> Walker:
        """A new browser for somebody."""
        self.people[name] = self.new_walker(name)
        return self.people[name]

    def new_walker(self, name: str) -> Walker:
        """What this telling of the story gives its people to look with."""
        return Walker(self.app, name, htmx=self.htmx)

    def newest_mail(self, address: str) -> str:
        """Look into the catcher for the newest mail to an address; its words."""
        self.worker.run_due()
        reader = Walker(self.app, f"the mailbox of {address}")
        reader.open("/development/mail")
        for row in reader.page.main.find_all("tr"):
            link = row.find("a", href=True)
            if link is not None and address in row.get_text():
                reader.open(str(link["href"]))
                return reader.page.main.get_text(" ")
        raise AssertionError(f"there is no mail to {address}")

    def link_in_mail(self, address: str, beginning: str) -> str:
        """The path of the link that begins so, in the newest mail to an address."""
        found = [path for path in links_in(self.newest_mail(address)) if path.startswith(beginning)]
        assert found, f"no link to {beginning} in the mail to {address}"
        return found[0]

    def later(self, **days: float) -> None:
        """Time passes for the lifecycle, and the worker does what fell due."""
        self.days += timedelta(**days)
        with self.app.app_context(), unit_of_work():
            clock.shift(self.days)
        self.worker.run_due()

    def read(self, question: Callable[[], Any]) -> Any:
        """Ask the database something, in a transaction of its own."""
        with self.app.test_request_context():
            try:
                return question()
            finally:
                db.session.rollback()

    def check(self) -> None:
        """After every step: the books balance, and every history is whole."""

        def look() -> None:
            assert ledger_checks.check_books() == []
            for book in ledger_queries.trial_balances():
                assert book.debits == book.credits, book
            roots = [
                *db.session.scalars(db.select(Posting)),
                *db.session.scalars(db.select(Internship)),
                *db.session.scalars(db.select(Organisation)),
            ]
            assert history.broken_entries(roots) == []

        self.read(look)

    def history(self) -> list[tuple[Any, ...]]:
        """What happened, without ids: root kind and order, number, subject kind, move, from, to."""

        def look() -> list[tuple[Any, ...]]:
            entries = db.session.scalars(
                db.select(HistoryEntry).order_by(
                    HistoryEntry.root_kind, HistoryEntry.root_id, HistoryEntry.number
                )
            )
            roots: dict[tuple[str, int], int] = {}
            told = []
            for one in entries:
                order = roots.setdefault((one.root_kind, one.root_id), len(roots))
                told.append(
                    (
                        one.root_kind,
                        order,
                        one.number,
                        one.subject_kind,
                        one.move,
                        one.from_state,
                        one.to_state,
                    )
                )
            return told

        found: list[tuple[Any, ...]] = self.read(look)
        return found

    def ledger(self) -> list[tuple[Any, ...]]:
        """What was booked, without ids: kind of journal, account, amount."""

        def look() -> list[tuple[Any, ...]]:
            rows = db.session.execute(
                db.select(Journal.kind, Account.code, Entry.amount, Entry.currency)
                .join(Entry, Entry.journal_id == Journal.id)
                .join(Account, Account.id == Entry.account_id)
                .order_by(Journal.id, Entry.id)
            )
            return [
                (kind, "".join("n" if c.isdigit() else c for c in code), amount, currency)
                for kind, code, amount, currency in rows
            ]

        found: list[tuple[Any, ...]] = self.read(look)
        return found

    def person_id(self, email: str) -> int:
        found: int = self.read(
            lambda: db.session.scalars(db.select(Person.id).where(Person.email == email)).one()
        )
        return found

    # The doors

    def sign_in(self, name: str, email: str) -> Walker:
        """Sign in by the form; the first door of everybody who has an account."""
        walker = self.walker(name)
        walker.open("/sign-in")
        walker.press("Sign in", email=email, password=PASSWORD)
        assert walker.page.path == "/home", walker.page.path
        return walker

    def join(self, name: str, email: str, way: str, **more: str) -> Walker:
        """Sign up by /join, confirm the address by the mailed link, sign in."""
        walker = self.walker(name)
        walker.open("/join")
        walker.follow(way)
        walker.press(
            "Create account",
            email=email,
            full_name=name,
            preferred_name=name.split()[0],
            password=PASSWORD,
            country="VN",
            locale="en",
            zone="Asia/Ho_Chi_Minh",
            **more,
        )
        walker.sees("Check your inbox")
        walker.open(self.link_in_mail(email, "/confirmations/"))
        walker.press("Yes, this account is mine", password=PASSWORD)
        walker.press("Sign in", email=email, password=PASSWORD)
        assert walker.page.path == "/home", walker.page.path
        return walker

    def invite(self, host: Walker, organisation: str, email: str, role: str) -> None:
        """A member invites an address, on the page of the organisation that the menu leads to."""
        host.open("/home")
        host.follow(organisation)
        host.press("Send the invitation", email=email, role=role)
        host.sees(f"We emailed an invitation to {email}.")

    def accept_invitation(self, name: str, email: str) -> Walker:
        """Somebody new follows the link in the mail and opens an account with it."""
        walker = self.walker(name)
        walker.open(self.link_in_mail(email, "/invitations/"))
        walker.press(
            "Create account and join",
            full_name=name,
            preferred_name=name.split()[0],
            password=PASSWORD,
            country="VN",
            locale="en",
            zone="Asia/Ho_Chi_Minh",
        )
        return walker
