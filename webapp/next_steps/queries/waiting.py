"""What waits for one person apart from internships: drafts, offers, applicants, postings to approve."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.accounts.models import Person
from webapp.applications import queries as application_queries
from webapp.core.lifecycle import deadlines
from webapp.next_steps.queries.steps import NextStep, Waiting, due_time, link
from webapp.postings.queries import postings as posting_queries


def drafts_and_offers(person: Person) -> Waiting:
    """An intern's own drafts, and the offers they have not answered: all of them."""
    steps = []
    applications, _total = application_queries.mine(person, ("draft", "offered"))
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
    return Waiting(steps, len(steps))


def applicants_waiting(person: Person, at_most: int) -> Waiting:
    """The postings of this person's employers with applicants who wait for an answer."""
    postings, total = application_queries.to_judge(person, at_most)
    steps = []
    for posting in postings:
        url = link("applications.of_posting", posting_id=posting.posting_id)
        steps.append(
            NextStep(
                title=posting.title,
                page=url,
                what=ngettext(
                    "%(num)s applicant is waiting for your answer.",
                    "%(num)s applicants are waiting for your answer.",
                    posting.applicants,
                ),
                mine=True,
                until=posting.expires_at,
                otherwise=_("Otherwise the first application expires."),
                label=_("Read the applications"),
                url=url,
            )
        )
    return Waiting(steps, total)


def postings_to_approve(person: Person, at_most: int) -> Waiting:
    """The postings that this manager is asked to approve."""
    postings, total = posting_queries.first_to_approve(person, at_most)
    deadlines.preload("posting", [posting.id for posting in postings])
    steps = [
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
    return Waiting(steps, total)
