"""What the people of the demo world do, each in one line of the story."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import current_app
from sqlalchemy import select

from webapp.accounts.actions import accounts as account_actions
from webapp.accounts.models import Person
from webapp.applications.actions import answers as application_answers
from webapp.applications.actions import drafts as application_drafts
from webapp.applications.models import Application
from webapp.core.database import clock, jobs
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle.history import SYSTEM
from webapp.core.security import passwords
from webapp.internships.models import Internship
from webapp.organisations.actions import members as organisation_members
from webapp.organisations.actions import registration as organisation_registration
from webapp.organisations.models import Organisation
from webapp.payouts.models import Payout
from webapp.postings.actions import drafts as posting_drafts
from webapp.postings.actions import moves as posting_moves
from webapp.postings.models import Posting
from webapp.recipients import actions as recipient_actions
from webapp.seeds.briefs import Brief
from webapp.seeds.people import PASSWORD, Character, Company
from webapp.skills import queries as skill_queries
from webapp.worker import run_until_idle, sweep_deadlines

P = ParamSpec("P")
T = TypeVar("T")


def act(verb: Callable[P, T]) -> Callable[P, T]:
    """What somebody does is one transaction, as it is when they do it in the browser."""

    @wraps(verb)
    def alone(*args: P.args, **kwargs: P.kwargs) -> T:
        with unit_of_work():
            return verb(*args, **kwargs)

    return alone


class Cast:
    """People and things by the names the story gives them; each method is something somebody does."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = {}
        # One password for all, so one hash for all: hashing is costly on purpose.
        self.password_hash = passwords.hash_password(PASSWORD)

    @contextmanager
    def day(self, ago: float) -> Iterator[None]:
        """What happens `ago` days before today; what was due by then has rung before."""
        with unit_of_work():
            clock.shift(-timedelta(days=ago))
        while sweep_deadlines():
            continue
        self.works_off()
        yield

    def works_off(self) -> None:
        """Do the jobs that the story goes on from. The mails wait: nobody in the story reads them."""
        with unit_of_work():
            waits = jobs.waiting(jobs.DEFAULT)
        if waits:
            run_until_idle(current_app, by_the_clock=False, queues=[jobs.DEFAULT])

    def who(self, key: str) -> Person:
        return db.session.get_one(Person, self.ids[key])

    def org(self, key: str) -> Organisation:
        return db.session.get_one(Organisation, self.ids[key])

    def posting(self, key: str) -> Posting:
        return db.session.get_one(Posting, self.ids[key])

    def application(self, key: str, posting: str) -> Application:
        of = (Application.posting_id == self.ids[posting], Application.intern_id == self.ids[key])
        return db.session.scalars(select(Application).where(*of)).one()

    def internship(self, key: str, posting: str) -> Internship:
        of = (Internship.posting_id == self.ids[posting], Internship.intern_id == self.ids[key])
        return db.session.scalars(select(Internship).where(*of)).one()

    def payout(self, internship: Internship, type_: str) -> Payout:
        of = (Payout.internship_id == internship.id, Payout.type == type_)
        return db.session.scalars(select(Payout).where(*of)).one()

    @act
    def joins(self, character: Character, *, intern: bool = False) -> Person:
        newcomer = account_actions.Newcomer(
            email=character.email,
            full_name=character.full_name,
            preferred_name=character.preferred_name,
            password=PASSWORD,
            locale=character.locale,
            zone=character.zone,
            country=character.country,
            password_hash=self.password_hash,
        )
        person = account_actions.sign_up_proved(newcomer, actor=SYSTEM, intern=intern)
        self.ids[character.key] = person.id
        if character.bank:
            recipient_actions.add_method(
                person,
                actor=person,
                country=character.country,
                bank_name=character.bank[0],
                account_holder=character.full_name.upper(),
                account_number=character.bank[1].replace(" ", ""),
            )
        return person

    @act
    def registers(self, company: Company) -> Organisation:
        profile = organisation_registration.Profile(
            company.name, company.website, company.country, company.zone, company.about
        )
        first, *others = company.roles
        if company.kind == "programme":
            organisation = organisation_registration.register_programme(
                profile, ["VND", "USD"], actor=self.who("an")
            )
            others = list(company.roles)
        else:
            organisation = organisation_registration.register_employer(
                profile, actor=self.who(first[0]), owner=self.who(first[0])
            )
        for key, role in others:
            organisation_members.appoint(organisation, self.who(key), role, actor=self.who(key))
        self.ids[company.key] = organisation.id
        return organisation

    def writes(self, owner: str, brief: Brief) -> Posting:
        actor, today = self.who(owner), clock.now().date()
        posting = posting_drafts.draft(
            self.org(brief.employer), actor=actor, programme=self.org("mekong"), currency=brief.currency
        )
        starts_on = today + timedelta(days=brief.starts_in)
        values: dict[str, Any] = {
            name: getattr(brief, name)
            for name in (
                "title", "brief", "hours", "base", "guaranteed", "bonus_pot", "seats", "place_kind", "place",
                "ai_policy", "ai_note",
            )
        }  # fmt: skip
        values |= {
            "starts_on": starts_on,
            "ends_on": starts_on + timedelta(days=brief.lasts),
            "deliverables": [{"title": title, "detail": detail} for title, detail in brief.deliverables],
            "criteria": [
                {"title": title, "weight_bp": weight, **{f"level_{n}": text for n, text in enumerate(levels)}}
                for title, weight, levels in brief.criteria
            ],
            "questions": [{"text": text} for text in brief.questions],
            "skills": [skill.id for skill in skill_queries.by_slugs(brief.skills)],
        }
        posting_drafts.edit(posting, actor=actor, version=posting.version, values=values)
        self.ids[brief.key] = posting.id
        return posting

    @act
    def publishes(self, owner: str, brief: Brief) -> None:
        posting = self.writes(owner, brief)
        posting_moves.publish(posting, actor=self.who(owner), version=posting.version)

    @act
    def applies(self, intern: str, posting: str, pitch: str, answer: str = "", link: str = "") -> None:
        actor = self.who(intern)
        application = application_drafts.begin(self.posting(posting), actor=actor)
        answers = {str(question.id): answer for question in application.posting.questions}
        application_drafts.write(
            application,
            actor=actor,
            version=application.version,
            pitch=pitch,
            answers=answers,
            links=[link] if link else [],
        )
        application_drafts.send(application, actor=actor, version=application.version)

    @act
    def shortlists(self, reviewer: str, intern: str, posting: str) -> None:
        application = self.application(intern, posting)
        application_answers.shortlist(application, actor=self.who(reviewer), version=application.version)

    @act
    def offers(self, owner: str, intern: str, posting: str, note: str = "") -> None:
        application = self.application(intern, posting)
        application_answers.offer(application, actor=self.who(owner), version=application.version, note=note)

    @act
    def rejects(self, reviewer: str, intern: str, posting: str, reason: str, text: str) -> None:
        application = self.application(intern, posting)
        actor, version = self.who(reviewer), application.version
        application_answers.reject(application, actor=actor, version=version, reason=reason, text=text)

    @act
    def accepts(self, intern: str, posting: str) -> None:
        application = self.application(intern, posting)
        application_answers.accept(application, actor=self.who(intern), version=application.version)
