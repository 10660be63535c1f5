"""What waits for one person apart from internships: drafts, offers, applicants, postings to approve."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.accounts.models import Person
from webapp.applications import policy as application_policy
from webapp.applications import queries as application_queries
from webapp.applications.models import Application
from webapp.core.lifecycle import deadlines
from webapp.next_steps.queries.steps import NextStep, due_time, link
from webapp.organisations import queries as organisation_queries
from webapp.postings.queries import postings as posting_queries


def drafts_and_offers(person: Person) -> list[NextStep]:
    """An intern's own drafts, and the offers they have not answered."""
    steps = []
    applications = application_queries.mine(person)
    deadlines.preload(
        "application", [application.id for application in applications if application.state == "offered"]
    )
    for application in applications:
        posting = application.posting
        draft = application.state == "draft" and posting.state == "open"
        if not draft and application.state != "offered":
            continue
        endpoint = "applications.edit" if draft else "applications.answer"
        url = link(endpoint, application_id=application.id)
        steps.append(
            NextStep(
                title=posting.title,
                page=url,
                what=_("Your application is still a draft.") if draft else _("You are offered a seat."),
                mine=True,
                until=posting.closes_at if draft else due_time(deadlines.armed(application), "lapse"),
                otherwise=_("Then the posting closes to new applications.")
                if draft
                else _("Otherwise the offer lapses."),
                label=_("Continue writing") if draft else _("Answer the offer"),
                url=url,
            )
        )
    return steps


def applicants_waiting(person: Person) -> list[NextStep]:
    """The postings of this person's employers with applicants who wait for an answer."""
    employer_ids = [employer.id for employer in organisation_queries.employers_of(person)]
    by_posting: dict[int, list[Application]] = {}
    sent = application_queries.of_employers(employer_ids, ("applied", "shortlisted"))
    clocks = application_queries.clocks_of(sent)
    for application in sent:
        if application_policy.judges(person, application):
            by_posting.setdefault(application.posting_id, []).append(application)
    steps = []
    for waiting in by_posting.values():
        posting = waiting[0].posting
        url = link("applications.of_posting", posting_id=posting.id)
        rings = [clocks[application.id] for application in waiting if application.id in clocks]
        steps.append(
            NextStep(
                title=posting.title,
                page=url,
                what=ngettext(
                    "%(num)s applicant is waiting for your answer.",
                    "%(num)s applicants are waiting for your answer.",
                    len(waiting),
                ),
                mine=True,
                until=min(rings, default=None),
                otherwise=_("Otherwise the first application expires."),
                label=_("Read the applications"),
                url=url,
            )
        )
    return steps


def postings_to_approve(person: Person) -> list[NextStep]:
    """The postings that this manager is asked to approve."""
    postings = posting_queries.to_approve(person)
    deadlines.preload("posting", [posting.id for posting in postings])
    return [
        NextStep(
            title=posting.title,
            page=link("postings.approval", posting_id=posting.id),
            what=_("An employer asks you to approve this posting."),
            mine=True,
            until=due_time(deadlines.armed(posting), "send_back"),
            otherwise=_("Otherwise it goes back to the employer."),
            label=_("Read and decide"),
            url=link("postings.approval", posting_id=posting.id),
        )
        for posting in postings
    ]
