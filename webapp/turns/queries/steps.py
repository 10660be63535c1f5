"""Whose turn it is with an internship, state by state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import gettext as _

from webapp.applications import policy as applying
from webapp.applications import queries as applications
from webapp.applications.models import Application
from webapp.core import deadlines
from webapp.core.i18n import show_datetime
from webapp.fundings import queries as fundings
from webapp.fundings.models import Funding
from webapp.internships import policy as spine
from webapp.internships import queries as internships
from webapp.internships.models import Internship
from webapp.payments import queries as payments
from webapp.payments.models import Payout
from webapp.submissions import queries as submissions
from webapp.submissions.models import Submission
from webapp.turns.queries.parts import Clocks, Turn, finance_of, link, made, until_of
from webapp.turns.queries.sums import of_payout


class Around:
    """What stands around internships: read one by one, or for many at once."""

    def __init__(self, internships: Sequence[Internship] = ()) -> None:
        self.known = {one.id for one in internships}
        of: dict[str, list[int]] = {}
        for one in internships:
            of.setdefault(one.state, []).append(one.id)
        self.holders = applications.holders(of["posted"]) if "posted" in of else {}
        matched = [one for one in internships if one.state == "matched"]
        self.fundings = fundings.live_of(matched) if matched else {}
        self.submissions = submissions.newest_of(of["submitted"]) if "submitted" in of else {}
        self.payouts = payments.base_payouts(of["reviewed"]) if "reviewed" in of else {}

    def holder(self, one: Internship) -> Application | None:
        return self.holders.get(one.id) if one.id in self.known else applications.holder(one)

    def funding(self, one: Internship) -> Funding | None:
        return self.fundings.get(one.id) if one.id in self.known else fundings.live(one)

    def submission(self, one: Internship) -> Submission | None:
        return self.submissions.get(one.id) if one.id in self.known else submissions.newest(one)

    def payout(self, one: Internship) -> Payout | None:
        return self.payouts.get(one.id) if one.id in self.known else payments.base_payout(one)


def turn(
    internship: Internship, person: Any, clocks: Clocks | None = None, around: Around | None = None
) -> Turn:
    """Whose turn it is with an internship, as `person` reads it. Only clocks that run are promised.

    Whoever asks for many reads their clocks and what is `around` them at once.
    """
    running = deadlines.armed(internship) if clocks is None else clocks
    return STEPS[internship.state](internship, person, running, around or Around())


def _posted(internship: Internship, person: Any, clocks: Clocks, around: Around) -> Turn:
    held = around.holder(internship)
    if held is not None:
        lapse = until_of(deadlines.armed(held), "lapse")
        return made(
            internship,
            False,
            _("The seat is offered; the applicant accepts or declines."),
            held.intern.full_name,
            lapse,
            _("Otherwise the offer lapses and the seat is free again."),
        )
    return made(
        internship,
        applying.judges_for(person, internship.posting),
        _("The seat is free. The next step is to choose an applicant and offer the seat."),
        internship.posting.organisation.name,
        until_of(clocks, "cancel_unfilled"),
        _("A seat that stays free is cancelled automatically."),
        (_("See the applications"), link("applications.of_posting", posting_id=internship.posting_id)),
    )


def _matched(internship: Internship, person: Any, clocks: Clocks, around: Around) -> Turn:
    if internship.signed_at is None:
        return _to_sign(internship, person, clocks)
    employer = internship.posting.organisation.name
    funding = around.funding(internship)
    page = link("payments.funding", internship_id=internship.id)
    back = _("Otherwise the match ends, and what was paid in goes back.")
    if internship.secured_at is None and funding is not None and funding.rail == "stripe":
        return _to_pay_by_stripe(internship, person, clocks, funding.state, page)
    if internship.secured_at is None and funding is not None and funding.state == "processing":
        return made(
            internship,
            spine.is_finance(person, internship),
            _("The transfer was made. Finance records the money as soon as it has arrived."),
            finance_of(internship),
            until_of(clocks, "secure"),
            back,
            (_("Record the money"), link("payments.expected", funding_id=funding.id)),
        )
    if internship.secured_at is None:
        return made(
            internship,
            spine.is_owner(person, internship),
            _("Base, bonus pot and platform fee are due by bank transfer, with the reference on the page."),
            employer,
            until_of(clocks, "pay") or until_of(clocks, "secure"),
            back,
            (_("See what to transfer"), page),
        )
    intern = internship.intern
    ready = intern is not None and payments.payable(intern, payments.rail_of(internship))
    return made(
        internship,
        spine.is_intern(person, internship),
        _("Everything is ready: the work can start.")
        if ready
        else _("Before the work starts, the intern says where the pay should go."),
        intern.full_name if intern else "",
        until_of(clocks, "start"),
        back,
        (_("Start the work"), link("workspace.start", internship_id=internship.id))
        if ready
        else (_("Tell us where to send your pay"), link("payments.method")),
        post=ready,
    )


def _to_pay_by_stripe(internship: Internship, person: Any, clocks: Clocks, state: str, page: str) -> Turn:
    until = until_of(clocks, "pay") or until_of(clocks, "secure")
    back = _("Otherwise the match ends, and what was paid in goes back.")
    if state == "processing":
        what = _("The payment was made. The bank has not sent the money yet; Stripe tells us when it has.")
        return made(internship, False, what, "Stripe", until, back)
    return made(
        internship,
        spine.is_owner(person, internship),
        _("Base, bonus pot and platform fee are due on Stripe's page.")
        if state != "failed"
        else _("The payment failed at the bank, and nothing was taken. It has to be paid again."),
        internship.posting.organisation.name,
        until,
        back,
        (_("See what to pay"), page),
    )


def _to_sign(internship: Internship, person: Any, clocks: Clocks) -> Turn:
    agreement = internships.agreement_of(internship)
    names = {"intern": internship.terms["intern"]["name"], "employer": internship.posting.organisation.name}
    missing = [party for party in names if agreement.signed_by(party) is None]
    return made(
        internship,
        spine.may_sign(person, agreement),
        _("The agreement needs to be read and accepted by name."),
        names[missing[0]]
        if len(missing) == 1
        else _("%(intern)s and %(employer)s", intern=names["intern"], employer=names["employer"]),
        until_of(clocks, "sign"),
        _("Unless both sides sign, the match ends and the seat is free again."),
        (_("Read and accept"), link("internships.agreement", internship_id=internship.id)),
    )


def _working(internship: Internship, person: Any, clocks: Clocks, _around: Around) -> Turn:
    end = until_of(clocks, "end_early")
    again = _("Changes were requested: the work needs to be revised and handed in again.")
    return made(
        internship,
        spine.is_intern(person, internship),
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


def _submitted(internship: Internship, person: Any, clocks: Clocks, around: Around) -> Turn:
    newest = around.submission(internship)
    return made(
        internship,
        spine.is_reviewer(person, internship),
        _("The work needs a review, criterion by criterion."),
        internship.posting.organisation.name,
        until_of(clocks, "approve_by_silence"),
        _("Otherwise the work counts as approved and the full base is paid."),
        (_("Review the work"), link("reviews.edit", submission_id=newest.id) if newest else ""),
    )


def _reviewed(internship: Internship, person: Any, _clocks: Clocks, around: Around) -> Turn:
    payout = around.payout(internship)
    if payout is None:
        return made(internship, False, _("The result is fixed."), "")
    return of_payout(payout, person)


def _over(internship: Internship, _person: Any, _clocks: Clocks, _around: Around) -> Turn:
    what = _("The intern has been paid.") if internship.state == "paid" else _("The seat was cancelled.")
    return made(internship, False, what, "")


STEPS: dict[str, Callable[[Internship, Any, Clocks, Around], Turn]] = {
    "posted": _posted,
    "matched": _matched,
    "in_progress": _working,
    "submitted": _submitted,
    "reviewed": _reviewed,
    "paid": _over,
    "cancelled": _over,
}
