"""The dashboards of the programme's people and of the operator."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from webapp.accounts.models import Person
from webapp.core.database import clock, jobs
from webapp.core.database.base import db
from webapp.core.lifecycle import deadlines, history
from webapp.core.web.i18n import show_datetime
from webapp.core.web.labels import state_label
from webapp.dashboards.queries.sections import (
    AT_MOST,
    Dashboard,
    Entry,
    Figure,
    Section,
    blocked_on,
    rows_of,
    running_of,
    totals,
)
from webapp.fundings import queries as funding_queries
from webapp.internships import queries as internship_queries
from webapp.ledger import queries as ledger_queries
from webapp.next_steps.queries import of_payouts as next_step_of_payouts
from webapp.next_steps.queries import page as next_step_page
from webapp.next_steps.queries import waiting as next_step_waiting
from webapp.next_steps.queries.steps import NextStep, link
from webapp.organisations import policy as organisation_policy
from webapp.organisations import queries as organisation_queries
from webapp.organisations.models import Organisation
from webapp.payouts.queries import queue as payout_queue
from webapp.postings.queries import postings as posting_queries
from webapp.tasks.queries import boards as task_boards

QUIET_AFTER = timedelta(days=7)
OVERDUE_AFTER = timedelta(minutes=10)


def of_finance(person: Person) -> Dashboard:
    page = link("payouts.queue")
    expected = funding_queries.expected(person)
    figures = [
        Figure(_("Expected from employers"), len(expected), totals(expected, "total"), f"{page}#q-expected")
    ]
    figures += [
        Figure(
            state_label("payout", state),
            group.count,
            group.sums,
            f"{page}#q-{state}",
            alarm=group.late,
        )
        for state, group in payout_queue.totals(person).items()
    ]
    clocks = next_step_page.clocks_of("internship", [funding.internship_id for funding in expected])
    todo = [
        NextStep(
            title=funding.payer.name,
            page=link("fundings.expected", funding_id=funding.id),
            what=_("The employer says the transfer is made. Record it when it has arrived."),
            mine=True,
            until=clocks[funding.internship_id]["secure"].due_at
            if "secure" in clocks[funding.internship_id]
            else None,
            otherwise=_("Otherwise the match ends."),
            label=_("Record the money"),
            url=link("fundings.expected", funding_id=funding.id),
        )
        for funding in expected
        if funding.state == "processing" and funding.rail == "manual"
    ]
    todo += [step for step in next_step_of_payouts.payouts_to_move(person) if step.mine]
    return Dashboard(todo, [], figures)


def of_manager(person: Person) -> Dashboard:
    programmes = [
        programme
        for programme in organisation_queries.programmes_of(person)
        if organisation_policy.holds(person, programme.id, "manager")
    ]
    ids = [programme.id for programme in programmes]
    todo = next_step_waiting.postings_to_approve(person) + [
        NextStep(
            title=posting_queries.posting_of(payout.internship).title,
            page=link("payouts.payout", payout_id=payout.id),
            what=_("A payment is late. See what is holding it up, and talk to finance."),
            mine=True,
            until=payout.payout_clock_at,
            otherwise=_("Then the operator is told."),
            label=_("Open the payment"),
            url=link("payouts.payout", payout_id=payout.id),
        )
        for payout in payout_queue.late(ids, AT_MOST)
    ]
    counts = internship_queries.counts(ids)
    figures = [
        Figure(
            state_label("internship", state),
            counts.get(state, 0),
            url=link("next_steps.of_organisation", organisation_id=ids[0], state=state) if ids else "",
        )
        for state in next_step_page.STATES
        if state != "cancelled"
    ]
    quiet = [entry for entry in _watched(programmes, person) if _is_quiet(entry)]
    section = Section(
        _("Quiet for a week"), quiet, nothing=_("Every running internship has had recent activity.")
    )
    return Dashboard(todo, [section], figures)


def of_mentor(person: Person) -> Dashboard:
    programmes = [
        programme
        for programme in organisation_queries.programmes_of(person)
        if organisation_policy.holds(person, programme.id, "mentor")
    ]
    section = Section(
        _("Running internships"),
        _watched(programmes, person),
        (_("All internships"), link("next_steps.of_organisation", organisation_id=programmes[0].id))
        if programmes
        else ("", ""),
        _("The programme has no running internships."),
    )
    return Dashboard(blocked_on(person), [section])


def _watched(programmes: list[Organisation], person: Person) -> list[Entry]:
    """The running internships of programmes, the quietest first: when something happened last, what is blocked."""
    rows = rows_of(running_of(programmes), person)
    ids = [row.internship.id for row in rows]
    last, blocked = history.last_heard("internship", ids), task_boards.blocked_counts(ids)
    entries = [
        Entry(
            row.next_step.title,
            row.next_step.page,
            (row.internship.intern.full_name,) if row.internship.intern else (),
            _blocked_words(blocked.get(row.internship.id, 0)),
            row.milestones,
            when_label=_("Last activity on %(when)s"),
            when=last.get(row.internship.id),
        )
        for row in rows
    ]
    return sorted(entries, key=lambda entry: entry.when or clock.now())


def _blocked_words(count: int) -> tuple[str, str] | None:
    if not count:
        return None
    return ngettext("%(num)s task blocked", "%(num)s tasks blocked", count), "warn"


def _is_quiet(entry: Entry) -> bool:
    return entry.when is not None and entry.when < clock.now() - QUIET_AFTER


def of_operator(_person: Person) -> Dashboard:
    books, overdue, failed = ledger_queries.last_check(), deadlines.overdue(OVERDUE_AFTER), jobs.failed()
    findings = books.findings if books is not None else ()
    people = db.session.scalar(select(func.count()).where(Person.deactivated_at.is_(None))) or 0
    employers, programmes = (
        organisation_queries.all_of_kind("employer"),
        organisation_queries.all_of_kind("programme"),
    )
    failures = sum(count for _name, count in failed)
    figures = [
        Figure(_("People"), people, url=link("accounts.people")),
        Figure(_("Employers"), len(employers), url=link("organisations.everyone")),
        Figure(_("Programmes"), len(programmes), url=link("organisations.everyone")),
        Figure(
            _("Findings in the books, checked on %(when)s", when=show_datetime(books.checked_at))
            if books is not None
            else _("Findings in the books, not checked yet"),
            len(findings) if books is not None else None,
            url=link("payouts.ledger"),
            alarm=bool(findings),
        ),
        Figure(_("Failed jobs"), failures, alarm=bool(failures)),
        Figure(_("Missed deadlines"), len(overdue), alarm=bool(overdue)),
    ]
    wrong = [
        Entry(finding.check, link("payouts.ledger"), (finding.subject,), note=finding.detail)
        for finding in findings
    ]
    wrong += [Entry(name, "", (str(count),)) for name, count in failed]
    wrong += [
        Entry(
            f"{deadline.subject_kind}.{deadline.kind}",
            "",
            (str(deadline.subject_id),),
            when_label=_("Due on %(when)s"),
            when=deadline.due_at,
        )
        for deadline in overdue
    ]
    section = Section(
        _("Is anything wrong?"),
        wrong,
        nothing=_("The books balance, every job is done, and no deadline was missed.")
        if books is not None
        else _("Every job is done, and no deadline was missed. The books haven't been checked yet."),
    )
    return Dashboard([], [section], figures)
