"""Whose turn it is with an internship, state by state."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask_babel import gettext as _

from webapp.accounts.models import Person
from webapp.applications import policy as application_policy
from webapp.applications import queries as application_queries
from webapp.applications.models import Application
from webapp.core.lifecycle import deadlines
from webapp.core.web.i18n import show_datetime
from webapp.fundings import policy as funding_policy
from webapp.fundings import queries as funding_queries
from webapp.fundings.models import Funding
from webapp.internships import policy as internship_policy
from webapp.internships import queries as internship_queries
from webapp.internships.models import Internship
from webapp.next_steps.queries.of_payouts import of_payout
from webapp.next_steps.queries.steps import Clocks, NextStep, due_time, finance_of, link, make_step
from webapp.payouts.models import Payout
from webapp.payouts.queries import queue as payout_queue
from webapp.postings.queries import postings as posting_queries
from webapp.recipients import queries as recipient_queries
from webapp.submissions import queries as submission_queries
from webapp.submissions.models import Submission


class Preloaded:
    """What stands around internships: read one by one, or for many at once."""

    def __init__(self, internships: Sequence[Internship] = ()) -> None:
        self.known = {internship.id for internship in internships}
        of: dict[str, list[int]] = {}
        for internship in internships:
            of.setdefault(internship.state, []).append(internship.id)
        self.holders = application_queries.holders(of["posted"]) if "posted" in of else {}
        deadlines.preload("application", [holder.id for holder in self.holders.values()])
        matched = [internship for internship in internships if internship.state == "matched"]
        self.fundings = funding_queries.live_of(matched) if matched else {}
        recipient_queries.preload(
            internship.intern_id for internship in matched if internship.intern_id is not None
        )
        self.submissions = submission_queries.newest_of(of["submitted"]) if "submitted" in of else {}
        self.payouts = payout_queue.base_payouts(of["reviewed"]) if "reviewed" in of else {}

    def holder(self, internship: Internship) -> Application | None:
        return (
            self.holders.get(internship.id)
            if internship.id in self.known
            else application_queries.holder(internship)
        )

    def funding(self, internship: Internship) -> Funding | None:
        return (
            self.fundings.get(internship.id)
            if internship.id in self.known
            else funding_queries.live(internship)
        )

    def submission(self, internship: Internship) -> Submission | None:
        return (
            self.submissions.get(internship.id)
            if internship.id in self.known
            else submission_queries.newest(internship)
        )

    def payout(self, internship: Internship) -> Payout | None:
        return (
            self.payouts.get(internship.id)
            if internship.id in self.known
            else payout_queue.base_payout(internship)
        )


def next_step(
    internship: Internship, person: Person, clocks: Clocks | None = None, around: Preloaded | None = None
) -> NextStep:
    """Whose turn it is with an internship, as `person` reads it. Only clocks that run are promised.

    For many internships, read their clocks and what is `around` them at once.
    """
    running = deadlines.armed(internship) if clocks is None else clocks
    return STEPS[internship.state](internship, person, running, around or Preloaded())


def _posted(internship: Internship, person: Person, clocks: Clocks, around: Preloaded) -> NextStep:
    held = around.holder(internship)
    if held is not None:
        lapse = due_time(deadlines.armed(held), "lapse")
        return make_step(
            internship,
            False,
            _("The seat is offered; the applicant accepts or declines."),
            held.intern.full_name,
            lapse,
            _("Otherwise the offer lapses and the seat is free again."),
        )
    return make_step(
        internship,
        application_policy.judges_for(person, posting_queries.posting_of(internship)),
        _("The seat is free. The next step is to choose an applicant and offer the seat."),
        internship.organisation.name,
        due_time(clocks, "cancel_unfilled"),
        _("A seat that stays free is cancelled automatically."),
        (_("See the applications"), link("applications.of_posting", posting_id=internship.posting_id)),
    )


def _matched(internship: Internship, person: Person, clocks: Clocks, around: Preloaded) -> NextStep:
    if internship.signed_at is None:
        return _to_sign(internship, person, clocks)
    employer = internship.organisation.name
    funding = around.funding(internship)
    page = link("fundings.funding", internship_id=internship.id)
    back = _("Otherwise the match ends, and what was paid in goes back.")
    if internship.secured_at is None and funding is not None and funding.rail == "stripe":
        return _to_pay_by_stripe(internship, person, clocks, funding.state, page)
    if internship.secured_at is None and funding is not None and funding.state == "processing":
        return make_step(
            internship,
            funding_policy.is_finance_of(person, funding),
            _("The transfer was made. Finance records the money as soon as it has arrived."),
            finance_of(internship),
            due_time(clocks, "secure"),
            back,
            (_("Record the money"), link("fundings.expected", funding_id=funding.id)),
        )
    if internship.secured_at is None:
        return make_step(
            internship,
            internship_policy.is_owner(person, internship),
            _("Base, bonus pot and platform fee are due by bank transfer, with the reference on the page."),
            employer,
            due_time(clocks, "pay") or due_time(clocks, "secure"),
            back,
            (_("See what to transfer"), page),
        )
    intern = internship.intern
    ready = intern is not None and recipient_queries.payable(intern, recipient_queries.rail_of(internship))
    return make_step(
        internship,
        internship_policy.is_intern(person, internship),
        _("Everything is ready: the work can start.")
        if ready
        else _("Before the work starts, the intern says where the pay should go."),
        intern.full_name if intern else "",
        due_time(clocks, "start"),
        back,
        (_("Start the work"), link("next_steps.start", internship_id=internship.id))
        if ready
        else (_("Tell us where to send your pay"), link("recipients.method")),
        post=ready,
    )


def _to_pay_by_stripe(
    internship: Internship, person: Person, clocks: Clocks, state: str, page: str
) -> NextStep:
    until = due_time(clocks, "pay") or due_time(clocks, "secure")
    back = _("Otherwise the match ends, and what was paid in goes back.")
    if state == "processing":
        sentence = _(
            "The payment was made. The bank has not sent the money yet; Stripe tells us when it has."
        )
        return make_step(internship, False, sentence, "Stripe", until, back)
    return make_step(
        internship,
        internship_policy.is_owner(person, internship),
        _("Base, bonus pot and platform fee are due on Stripe's page.")
        if state != "failed"
        else _("The last payment did not secure the money. It has to be paid again."),
        internship.organisation.name,
        until,
        back,
        (_("See what to pay"), page),
    )


def _to_sign(internship: Internship, person: Person, clocks: Clocks) -> NextStep:
    agreement = internship_queries.agreement_of(internship)
    names = {"intern": internship.terms.intern.name, "employer": internship.organisation.name}
    missing = [party for party in names if agreement.signed_by(party) is None]
    return make_step(
        internship,
        internship_policy.may_sign(person, agreement),
        _("The agreement needs to be read and accepted by name."),
        names[missing[0]]
        if len(missing) == 1
        else _("%(intern)s and %(employer)s", intern=names["intern"], employer=names["employer"]),
        due_time(clocks, "sign"),
        _("Unless both sides sign, the match ends and the seat is free again."),
        (_("Read and accept"), link("internships.agreement", internship_id=internship.id)),
    )


def _working(internship: Internship, person: Person, clocks: Clocks, _around: Preloaded) -> NextStep:
    end = due_time(clocks, "end_early")
    again = _("Changes were requested: the work needs to be revised and handed in again.")
    return make_step(
        internship,
        internship_policy.is_intern(person, internship),
        again if internship.rounds_used else _("The work needs to be done and handed in."),
        internship.intern.full_name if internship.intern else "",
        internship.submit_by,
        _(
            "Work handed in later is marked late. If nothing is handed in by %(when)s, the internship ends "
            "and only the guaranteed part is paid.",
            when=show_datetime(end),
        )
        if end
        else "",
        (_("Hand in the work"), link("submissions.draft", internship_id=internship.id)),
    )


def _submitted(internship: Internship, person: Person, clocks: Clocks, around: Preloaded) -> NextStep:
    newest = around.submission(internship)
    return make_step(
        internship,
        internship_policy.is_reviewer(person, internship),
        _("The work needs a review, criterion by criterion."),
        internship.organisation.name,
        due_time(clocks, "approve_by_silence"),
        _("Otherwise the work counts as approved and the full base is paid."),
        (_("Review the work"), link("reviews.edit", submission_id=newest.id) if newest else ""),
    )


def _reviewed(internship: Internship, person: Person, _clocks: Clocks, around: Preloaded) -> NextStep:
    payout = around.payout(internship)
    if payout is None:
        return make_step(internship, False, _("The result is fixed."), "")
    return of_payout(payout, person)


def _over(internship: Internship, _person: Person, _clocks: Clocks, _around: Preloaded) -> NextStep:
    sentence = _("The intern has been paid.") if internship.state == "paid" else _("The seat was cancelled.")
    return make_step(internship, False, sentence, "")


STEPS: dict[str, Callable[[Internship, Person, Clocks, Preloaded], NextStep]] = {
    "posted": _posted,
    "matched": _matched,
    "in_progress": _working,
    "submitted": _submitted,
    "reviewed": _reviewed,
    "paid": _over,
    "cancelled": _over,
}
