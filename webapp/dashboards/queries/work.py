"""The dashboards of the people who do the work and of those who need it done."""

from __future__ import annotations

from flask_babel import gettext as _

from webapp.accounts.models import Person
from webapp.applications import queries as application_queries
from webapp.applications.models import Application
from webapp.core.database import clock
from webapp.core.web.labels import state_label
from webapp.dashboards.queries.sections import (
    RUNNING,
    Dashboard,
    Entry,
    Figure,
    Section,
    Start,
    blocked_on,
    money,
    rows_of,
    running,
    running_of,
)
from webapp.fundings import queries as funding_queries
from webapp.internships import queries as internship_queries
from webapp.internships.models import Internship
from webapp.next_steps.queries import page as next_step_page
from webapp.next_steps.queries import waiting as next_step_waiting
from webapp.next_steps.queries.steps import LIVELY, NextStep, link
from webapp.organisations import policy as organisation_policy
from webapp.organisations import queries as organisation_queries
from webapp.payouts.queries import queue as payout_queue
from webapp.postings.models import Posting
from webapp.postings.queries import postings as posting_queries
from webapp.submissions import queries as submission_queries
from webapp.submissions.models import Submission


def of_intern(person: Person) -> Dashboard:
    own = internship_queries.of_intern(person)
    rows = rows_of([internship for internship in own if internship.state in RUNNING], person)
    payout_queue.base_payouts(row.internship.id for row in rows)  # the day of each pay rests on them
    todo = [row.next_step for row in rows if row.next_step.mine] + next_step_waiting.drafts_and_offers(person)
    newest = submission_queries.newest_of(
        internship.id for internship in own if internship.state in ("reviewed", "paid")
    )
    todo += [
        step
        for internship in own
        if (step := _result_to_read(internship, newest.get(internship.id))) is not None
    ]
    method = link("recipients.method")
    if payout_queue.unpaid_rails(person, [row.internship for row in rows]) and all(
        step.url != method for step in todo
    ):
        todo.append(
            NextStep(
                title=_("Where your pay goes"),
                page=method,
                what=_("We can't pay you yet: tell us where your money should go."),
                mine=True,
                label=_("Tell us where to send your pay"),
                url=method,
            )
        )
    sent = [
        application
        for application in application_queries.mine(person)
        if application.state in ("applied", "shortlisted")
    ]
    fixed = [
        (internship.award, internship.terms.currency) for internship in own if internship.state == "reviewed"
    ]
    agreed = [
        (internship.terms.base, internship.terms.currency) for internship in own if internship.state in LIVELY
    ]
    paid = [(internship.award, internship.terms.currency) for internship in own if internship.state == "paid"]
    earnings = link("payouts.earnings")
    dashboard = Dashboard(
        todo,
        [Section(_("Your internships"), [running(row, own=True) for row in rows])],
        [
            *money(_("Fixed, on its way to you"), fixed, earnings),
            *money(_("Agreed, if everything is accepted"), agreed, earnings),
            *money(_("Paid so far"), paid, earnings),
        ],
    )
    if sent:
        dashboard.sections.append(_sent(sent))
    if not own and not sent and not todo:
        dashboard.start = Start(
            _("Find your first piece of work"),
            _("Each posting shows what every result pays, and when you get an answer."),
            _("See open postings"),
            link("postings.browse"),
        )
    return dashboard


def _sent(applications: list[Application]) -> Section:
    clocks = next_step_page.clocks_of("application", [application.id for application in applications])
    entries = [
        Entry(
            application.posting.title,
            link("applications.show", application_id=application.id),
            (application.posting.organisation.name,),
            (
                state_label("application", application.state),
                "jade" if application.state == "shortlisted" else "info",
            ),
            when_label=_("You get an answer by %(when)s"),
            when=clocks[application.id]["expire"].due_at if "expire" in clocks[application.id] else None,
        )
        for application in applications
    ]
    return Section(_("Applications"), entries, (_("All applications"), link("applications.mine")))


def _result_to_read(internship: Internship, newest: Submission | None) -> NextStep | None:
    """A result that the intern may still look at before the rest of the money goes back."""
    if internship.state not in ("reviewed", "paid") or internship.remainder_done or not internship.agreement:
        return None
    if internship.result_accepted_at is not None or internship.remainder_at <= clock.now():
        return None
    if newest is None:
        return None
    page = link("reviews.result", submission_id=newest.id)
    return NextStep(
        title=posting_queries.posting_of(internship).title,
        page=page,
        what=_("The result is here. Read it, and accept it if you agree."),
        mine=True,
        until=internship.remainder_at,
        otherwise=_("After that it is final, and any unused money goes back to the employer."),
        label=_("Read the result"),
        url=page,
    )


def of_employer(person: Person) -> Dashboard:
    employers = organisation_queries.employers_of(person)
    rows = rows_of(running_of(employers), person)
    owned = [employer for employer in employers if organisation_policy.holds(person, employer.id, "owner")]
    employer_ids = [employer.id for employer in employers]
    offered = posting_queries.of_organisations(employer_ids)
    drafts = [posting for posting in offered if posting.state == "draft" and posting.organisation in owned]
    todo = (
        [row.next_step for row in rows if row.next_step.mine]
        + next_step_waiting.applicants_waiting(person)
        + blocked_on(person)
    )
    todo += [
        NextStep(
            title=posting.title or _("Untitled posting"),
            page=link("postings.edit", posting_id=posting.id),
            what=_("This posting is a draft: interns cannot see it yet."),
            mine=True,
            label=_("Finish the draft"),
            url=link("postings.edit", posting_id=posting.id),
        )
        for posting in drafts
    ]
    dashboard = Dashboard(
        todo,
        [Section(_("Running work"), [running(row) for row in rows])],
        _costs(employer_ids),
    )
    shown = [posting for posting in offered if posting.state in ("in_approval", "open", "closing")]
    if shown:
        dashboard.sections.append(Section(_("Postings"), [_of_posting(posting) for posting in shown]))
    if not offered and owned:
        dashboard.start = Start(
            _("Write your first posting"),
            _("You describe the work once, with its criteria and their price. Drafts save automatically."),
            _("Write a posting"),
            link("postings.new", organisation_id=owned[0].id),
        )
    return dashboard


def _of_posting(posting: Posting) -> Entry:
    return Entry(
        posting.title,
        link("postings.show", posting_id=posting.id),
        (posting.organisation.name,),
        (state_label("posting", posting.state), "jade" if posting.state == "open" else "info"),
        when_label=_("Open for applications until %(when)s") if posting.state == "open" else "",
        when=posting.closes_at if posting.state == "open" else None,
    )


def _costs(employer_ids: list[int]) -> list[Figure]:
    """What the work has cost so far, and what is secured for the work that runs."""
    return [
        *money(_("Paid to interns so far"), payout_queue.paid_to_interns(employer_ids)),
        *money(_("Platform fees so far"), funding_queries.fees_of(employer_ids)),
        *money(_("Secured, not yet settled"), funding_queries.secured_by(employer_ids)),
    ]
