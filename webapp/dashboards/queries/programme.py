"""The dashboards of the programme's people and of the operator."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from webapp.accounts.models import Person
from webapp.core.database import clock, jobs
from webapp.core.database.base import db
from webapp.core.lifecycle import deadlines
from webapp.core.web.i18n import show_datetime
from webapp.core.web.labels import state_label
from webapp.dashboards.queries.sections import (
    AT_MOST,
    RUNNING,
    Dashboard,
    Entry,
    Figure,
    Section,
    blocked_on,
)
from webapp.fundings import queries as funding_queries
from webapp.internships import queries as internship_queries
from webapp.ledger import labels as ledger_labels
from webapp.ledger import queries as ledger_queries
from webapp.next_steps.queries import of_payouts as next_step_of_payouts
from webapp.next_steps.queries import page as next_step_page
from webapp.next_steps.queries import waiting as next_step_waiting
from webapp.next_steps.queries.steps import NextStep, Waiting, link
from webapp.organisations import policy as organisation_policy
from webapp.organisations import queries as organisation_queries
from webapp.organisations.models import Organisation
from webapp.payouts.queries import queue as payout_queue
from webapp.postings.queries import postings as posting_queries
from webapp.tasks.queries import boards as task_boards

QUIET_AFTER = timedelta(days=7)
OVERDUE_AFTER = timedelta(minutes=10)


def of_finance(person: Person, at_most: int) -> Dashboard:
    page = link("payouts.queue")
    count, sums = funding_queries.expected_sums(person)
    figures = [Figure(_("Expected from employers"), count, tuple(sums), f"{page}#q-expected")]
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
    waiting = [_to_record(person, at_most), next_step_of_payouts.payouts_to_move(person, at_most)]
    return Dashboard(waiting, [], figures)


def _to_record(person: Person, at_most: int) -> Waiting:
    """The bank transfers that employers say are made."""
    fundings, total = funding_queries.to_record(person, at_most)
    steps = [
        NextStep(
            title=funding.payer.name,
            page=link("fundings.expected", funding_id=funding.id),
            what=_("The employer says the transfer is made. Record it when it has arrived."),
            mine=True,
            until=arrives_by,
            otherwise=_("Otherwise the match ends."),
            label=_("Record the money"),
            url=link("fundings.expected", funding_id=funding.id),
        )
        for funding, arrives_by in fundings
    ]
    return Waiting(steps, total)


def of_manager(person: Person, at_most: int) -> Dashboard:
    programmes = _programmes_of(person, "manager")
    ids = [programme.id for programme in programmes]
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
    entries, total = _watched(ids, person, since=clock.now() - QUIET_AFTER)
    section = Section(
        _("Quiet for a week"),
        entries,
        total,
        _all_internships(programmes),
        _("Every running internship has had recent activity."),
    )
    waiting = [next_step_waiting.postings_to_approve(person, at_most), _late(ids, at_most)]
    return Dashboard(waiting, [section], figures)


def _late(programme_ids: list[int], at_most: int) -> Waiting:
    """The payments for which finance has not acted in time."""
    payouts, total = payout_queue.late(programme_ids, at_most)
    steps = [
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
        for payout in payouts
    ]
    return Waiting(steps, total)


def of_mentor(person: Person, at_most: int) -> Dashboard:
    programmes = _programmes_of(person, "mentor")
    entries, total = _watched([programme.id for programme in programmes], person)
    section = Section(
        _("Running internships"),
        entries,
        total,
        _all_internships(programmes),
        _("The programme has no running internships."),
    )
    return Dashboard([blocked_on(person, at_most)], [section])


def _programmes_of(person: Person, role: str) -> list[Organisation]:
    return [
        programme
        for programme in organisation_queries.programmes_of(person)
        if organisation_policy.holds(person, programme.id, role)
    ]


def _all_internships(programmes: list[Organisation]) -> tuple[tuple[str, str], ...]:
    """The pages with all internships: one for each programme, by its name where there are several."""
    return tuple(
        (
            programme.name if len(programmes) > 1 else _("All internships"),
            link("next_steps.of_organisation", organisation_id=programme.id),
        )
        for programme in programmes
    )


def _watched(
    programme_ids: list[int], person: Person, *, since: datetime | None = None
) -> tuple[list[Entry], int]:
    """The running internships of programmes, the quietest first: when something happened last, what is blocked.

    A page of them, and how many in all; with `since`, only those in which nothing has happened since then.
    """
    quietest, total = internship_queries.quietest(programme_ids, RUNNING, AT_MOST, since=since)
    last = {internship.id: happened_at for internship, happened_at in quietest}
    blocked = task_boards.blocked_counts(list(last))
    entries = [
        Entry(
            row.next_step.title,
            row.next_step.page,
            (row.internship.intern.full_name,) if row.internship.intern else (),
            _blocked_words(blocked.get(row.internship.id, 0)),
            row.milestones,
            when_label=_("Last activity on %(when)s"),
            when=last[row.internship.id],
        )
        for row in next_step_page.rows_of([internship for internship, _at in quietest], person)
    ]
    return entries, total


def _blocked_words(count: int) -> tuple[str, str] | None:
    if not count:
        return None
    return ngettext("%(num)s task blocked", "%(num)s tasks blocked", count), "warn"


def of_operator(_person: Person, _at_most: int) -> Dashboard:
    books, failed = ledger_queries.last_check(), jobs.failed()
    overdue, overdue_count = deadlines.overdue(OVERDUE_AFTER, AT_MOST)
    findings = books.findings if books is not None else ()
    people = db.session.scalar(select(func.count()).where(Person.deactivated_at.is_(None))) or 0
    failures, everyone = sum(count for _name, count in failed), link("organisations.everyone")
    figures = [
        Figure(_("People"), people, url=link("accounts.people")),
        Figure(_("Employers"), organisation_queries.count_of_kind("employer"), url=everyone),
        Figure(_("Programmes"), organisation_queries.count_of_kind("programme"), url=everyone),
        Figure(
            _("Findings in the books, checked on %(when)s", when=show_datetime(books.checked_at))
            if books is not None
            else _("Findings in the books, not checked yet"),
            len(findings) if books is not None else None,
            url=link("payouts.ledger"),
            alarm=bool(findings),
        ),
        Figure(_("Failed jobs"), failures, alarm=bool(failures)),
        Figure(_("Missed deadlines"), overdue_count, alarm=bool(overdue)),
    ]
    wrong = [
        Entry(finding.subject, link("payouts.ledger"), note=ledger_labels.finding_sentence(finding))
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
        wrong[:AT_MOST],
        len(findings) + len(failed) + overdue_count,
        nothing=_("The books balance, every job is done, and no deadline was missed.")
        if books is not None
        else _("Every job is done, and no deadline was missed. The books haven't been checked yet."),
    )
    return Dashboard([], [section], figures)
