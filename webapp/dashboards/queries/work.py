"""The dashboards of the people who do the work and of those who need it done."""

from __future__ import annotations

from flask_babel import gettext as _

from webapp.accounts.models import Person
from webapp.applications import queries as application_queries
from webapp.applications.models import Application
from webapp.core.database import clock
from webapp.core.web.labels import state_label
from webapp.dashboards.queries.sections import (
    AT_MOST,
    RUNNING,
    Dashboard,
    Entry,
    Figure,
    Section,
    Start,
    blocked_on,
    money,
    running,
    their_turn,
)
from webapp.fundings import queries as funding_queries
from webapp.internships import queries as internship_queries
from webapp.internships.models import Internship
from webapp.next_steps.queries import page as next_step_page
from webapp.next_steps.queries import turns as next_step_turns
from webapp.next_steps.queries import waiting as next_step_waiting
from webapp.next_steps.queries.page import Row
from webapp.next_steps.queries.steps import LIVELY, NextStep, Waiting, link
from webapp.organisations import policy as organisation_policy
from webapp.organisations import queries as organisation_queries
from webapp.organisations.models import Organisation
from webapp.payouts.queries import earnings as payout_earnings
from webapp.payouts.queries import queue as payout_queue
from webapp.postings.models import Posting
from webapp.postings.queries import postings as posting_queries
from webapp.reviews.queries import DECIDED
from webapp.submissions import queries as submission_queries
from webapp.submissions.models import Submission


def of_intern(person: Person, _at_most: int) -> Dashboard:
    """Whose turn it is with an internship, only Python knows: those that may wait for the intern are read whole."""
    shown, running_count = internship_queries.first_of_intern(person, RUNNING, AT_MOST)
    blocked = payout_earnings.blocked_at_stripe(person)
    candidates = internship_queries.of_intern(person, ("matched", "in_progress"), besides=blocked)
    # The day of each pay rests on its payout; what is blocked says so.
    payout_queue.base_payouts([*(internship.id for internship in shown), *blocked])
    rows = _rows([*shown, *candidates], person)
    results = [step for step in _results_to_read(person) if step is not None]
    waiting = [
        their_turn(rows.values()),
        next_step_waiting.drafts_and_offers(person),
        Waiting(results, len(results)),
    ]
    waiting.append(_where_to_pay(person, [step for kind in waiting for step in kind.steps]))
    section = Section(
        _("Your internships"),
        [running(rows[internship.id], own=True) for internship in shown],
        running_count,
        ((_("Your internships and their pay"), link("payouts.earnings")),),
    )
    sent, sent_count = application_queries.mine(person, ("applied", "shortlisted"), AT_MOST)
    sums = internship_queries.sums_of_intern(person)
    dashboard = Dashboard(waiting, [section], _pay_of(sums))
    if sent:
        dashboard.sections.append(_sent(sent, sent_count))
    if not sums and not sent and not dashboard.total:
        dashboard.start = Start(
            _("Find your first piece of work"),
            _("Each posting shows what every result pays, and when you get an answer."),
            _("See open postings"),
            link("postings.browse"),
        )
    return dashboard


def _rows(internships: list[Internship], person: Person) -> dict[int, Row]:
    """Whose turn it is with each of these, by internship; one that is named twice is read once."""
    once = {internship.id: internship for internship in internships}
    return {row.internship.id: row for row in next_step_page.rows_of(list(once.values()), person)}


def _where_to_pay(person: Person, waiting: list[NextStep]) -> Waiting:
    """Where the intern's pay goes, unless a step that waits leads there already."""
    method = link("recipients.method")
    if any(step.url == method for step in waiting) or not payout_earnings.unpaid_rails(person, RUNNING):
        return Waiting([], 0)
    step = NextStep(
        title=_("Where your pay goes"),
        page=method,
        what=_("We can't pay you yet: tell us where your money should go."),
        mine=True,
        label=_("Tell us where to send your pay"),
        url=method,
    )
    return Waiting([step], 1)


def _pay_of(sums: list[tuple[str, str, int, int]]) -> list[Figure]:
    """What is fixed, agreed and paid, a sum for each currency; from (state, currency, awards, agreed bases)."""
    earnings = link("payouts.earnings")
    fixed = [(award, currency) for state, currency, award, _base in sums if state == "reviewed"]
    agreed = [(base, currency) for state, currency, _award, base in sums if state in LIVELY]
    paid = [(award, currency) for state, currency, award, _base in sums if state == "paid"]
    return [
        *money(_("Fixed, on its way to you"), fixed, earnings),
        *money(_("Agreed, if everything is accepted"), agreed, earnings),
        *money(_("Paid so far"), paid, earnings),
    ]


def _sent(applications: list[Application], total: int) -> Section:
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
    return Section(_("Applications"), entries, total, ((_("All applications"), link("applications.mine")),))


def _results_to_read(person: Person) -> list[NextStep | None]:
    internships = internship_queries.with_open_result(person)
    newest = submission_queries.newest_of(internship.id for internship in internships)
    return [_result_to_read(internship, newest.get(internship.id)) for internship in internships]


def _result_to_read(internship: Internship, newest: Submission | None) -> NextStep | None:
    """A result that the intern may still look at before the rest of the money goes back."""
    if internship.agreement is None or newest is None or newest.state not in DECIDED:
        return None
    if internship.remainder_at <= clock.now():
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


def of_employer(person: Person, at_most: int) -> Dashboard:
    """What waits for an employer's people, and their running work; each owner also writes postings."""
    employers = organisation_queries.employers_of(person)
    ids = [employer.id for employer in employers]
    owned = [employer for employer in employers if organisation_policy.holds(person, employer.id, "owner")]
    shown, running_count = internship_queries.first_of_organisations(ids, RUNNING, AT_MOST)
    theirs, their_count = next_step_turns.of_employer(person, at_most)
    rows = _rows([*shown, *theirs], person)
    waiting = [
        Waiting([rows[internship.id].next_step for internship in theirs], their_count),
        next_step_waiting.applicants_waiting(person, at_most),
        blocked_on(person, at_most),
        drafts := _drafts([employer.id for employer in owned], at_most),
    ]
    dashboard = Dashboard(
        waiting,
        [
            Section(
                _("Running work"),
                [running(rows[internship.id]) for internship in shown],
                running_count,
                _pages_of(employers, _("All internships"), "next_steps.of_organisation"),
            )
        ],
        _costs(ids),
    )
    postings, posting_count = posting_queries.first_of_organisations(
        ids, ("in_approval", "open", "closing"), AT_MOST
    )
    if postings:
        entries = [_of_posting(posting) for posting in postings]
        more = _pages_of(employers, _("All postings"), "postings.of_organisation")
        dashboard.sections.append(Section(_("Postings"), entries, posting_count, more))
    if owned and not (postings or drafts.total or posting_queries.have_any(ids)):
        dashboard.start = Start(
            _("Write your first posting"),
            _("You describe the work once, with its criteria and their price. Drafts save automatically."),
            _("Write a posting"),
            link("postings.new", organisation_id=owned[0].id),
        )
    return dashboard


def _pages_of(employers: list[Organisation], label: str, endpoint: str) -> tuple[tuple[str, str], ...]:
    """The pages with a whole list: one for each employer, by its name where there are several."""
    return tuple(
        (employer.name if len(employers) > 1 else label, link(endpoint, organisation_id=employer.id))
        for employer in employers
    )


def _drafts(owned_ids: list[int], at_most: int) -> Waiting:
    """The drafts of the employers that somebody owns."""
    drafts, total = posting_queries.first_of_organisations(owned_ids, ("draft",), at_most)
    steps = [
        NextStep(
            title=draft.title or _("Untitled posting"),
            page=link("postings.edit", posting_id=draft.id),
            what=_("This posting is a draft: interns cannot see it yet."),
            mine=True,
            label=_("Finish the draft"),
            url=link("postings.edit", posting_id=draft.id),
        )
        for draft in drafts
    ]
    return Waiting(steps, total)


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
