"""The page of one internship and the lists of many: the milestones, the history, the people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from webapp.accounts import queries as account_queries
from webapp.accounts.models import Person
from webapp.applications import queries as application_queries
from webapp.core.lifecycle import deadlines, history
from webapp.core.lifecycle.history import Viewer
from webapp.core.web.timeline import Names
from webapp.internships import policy as internship_policy
from webapp.internships.models import Internship
from webapp.next_steps.queries.of_internship import Preloaded, next_step
from webapp.next_steps.queries.steps import Clocks, NextStep
from webapp.organisations import queries as organisation_queries
from webapp.organisations.models import Organisation
from webapp.payouts.queries import queue as payout_queue

STATES = ("posted", "matched", "in_progress", "submitted", "reviewed", "paid", "cancelled")
PER_PAGE = 25


@dataclass(frozen=True)
class Milestone:
    """One milestone of the timeline: `state` is done, current, waiting or broken."""

    label: str
    state: str
    date: datetime | None = None
    who: str = ""


@dataclass(frozen=True)
class Row:
    """One internship in a list."""

    internship: Internship
    next_step: NextStep
    milestones: list[Milestone]


def organisation_for_viewer(person: Viewer, organisation_id: int) -> Organisation | None:
    """The organisation, if this person may see its page."""
    return organisation_queries.for_viewer(person, organisation_id)


def milestones(internship: Internship, step: NextStep, *, whole: bool = True) -> list[Milestone]:
    """The progress of an internship: six milestones, each with its date; the present one says who acts.

    A list shows only the present milestone in words: not `whole`, the first and the last date are not looked up.
    """
    held = application_queries.holder(internship) if whole else None
    promise = payout_queue.pay_date(internship) if whole else None
    reached = {
        "posted": held.sent_at if held else None,
        "matched": internship.signed_at or internship.matched_at,
        "in_progress": internship.started_at,
        "submitted": internship.submitted_at,
        "reviewed": internship.reviewed_at,
        "paid": internship.paid_at or (promise.at if promise else None),
    }
    labels = (_("Applied"), _("Agreed"), _("Working"), _("Review"), _("Approved"), _("Paid"))
    broken = internship.state == "cancelled"
    stopped = 1 if internship.matched_at else 0
    present = stopped if broken else STATES.index(internship.state)
    shown = []
    for number, (label, state) in enumerate(zip(labels, reached, strict=True)):
        if number < present or internship.state == "paid":
            shown.append(Milestone(label, "done", reached[state]))
        elif number == present and broken:
            shown.append(Milestone(label, "broken", None, _("cancelled")))
        elif number == present:
            who = _("your turn") if step.mine else step.who
            shown.append(Milestone(label, "current", step.until or reached[state], who))
        else:
            shown.append(
                Milestone(label, "waiting", reached[state] if state == "paid" and not broken else None)
            )
    return shown


def rows_of(internships: list[Internship], person: Person) -> list[Row]:
    """Internships with whose turn it is, for a list."""
    clocks = clocks_of("internship", [internship.id for internship in internships])
    around = Preloaded(internships)
    rows = []
    for internship in internships:
        step = next_step(internship, person, clocks[internship.id], around)
        rows.append(Row(internship, step, milestones(internship, step, whole=False)))
    return rows


def clocks_of(kind: str, ids: list[int]) -> dict[int, Clocks]:
    """The running clocks of many things of a kind, by id, read at once."""
    return deadlines.armed_of(kind, ids)


def in_order(steps: list[NextStep]) -> list[NextStep]:
    """The oldest deadline first; what has none comes last."""
    return sorted(steps, key=lambda step: (step.until is None, step.until))


def names_for(internship: Internship, person: Viewer) -> Names:
    """The names that this reader may know of those who did something with an internship.

    Its intern does not learn who was matched with the seat before: that is between the other and the employer.
    """

    def names(ids: set[int]) -> dict[int, str]:
        known = account_queries.names(ids)
        if person is not None and internship_policy.is_intern(person, internship):
            matched = history.actors_of("internship", internship.id, "match") - {person.id or 0}
            known.update(dict.fromkeys(matched & ids, str(_("The applicant"))))
        return known

    return names


def people(internship: Internship) -> list[tuple[str, str]]:
    """Who belongs to an internship: (role in words, names)."""
    employer, programme = internship.organisation, internship.programme
    groups = (
        (_("Intern"), [internship.intern] if internship.intern else []),
        (
            _("%(employer)s, owners", employer=employer.name),
            organisation_queries.members(employer.id, "owner"),
        ),
        (
            _("%(employer)s, reviewers", employer=employer.name),
            organisation_queries.members(employer.id, "reviewer"),
        ),
        (
            _("%(programme)s, manager", programme=programme.name),
            organisation_queries.members(programme.id, "manager"),
        ),
        (
            _("%(programme)s, mentors", programme=programme.name),
            organisation_queries.members(programme.id, "mentor"),
        ),
    )
    return [
        (words, ", ".join(person.full_name for person in members)) for words, members in groups if members
    ]
