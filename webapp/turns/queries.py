"""Whose turn it is: with one internship or sum, and everything that waits for one person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.accounts.models import Person
from webapp.applications import policy as applying
from webapp.applications import queries as applications
from webapp.core import deadlines
from webapp.core.assets import url_if
from webapp.core.deadlines import Deadline
from webapp.core.i18n import show_datetime
from webapp.fundings import queries as fundings
from webapp.internships import policy as spine
from webapp.internships import queries as internships
from webapp.internships.models import Internship
from webapp.organisations import queries as organisations
from webapp.payments import policy as paying
from webapp.payments import queries as payments
from webapp.payments.models import Payout
from webapp.postings import queries as postings
from webapp.submissions import queries as submissions

LIVELY = ("matched", "in_progress", "submitted")
Clocks = dict[str, Deadline]


@dataclass(frozen=True)
class Turn:
    """Whose turn it is with one thing, in words: `who` acts (nobody when empty), `until` when, what `otherwise`.

    `label` and `url` are the one next button, only on one's own turn; with `post` it is a form with `version`.
    """

    title: str
    page: str
    what: str
    who: str = ""
    mine: bool = False
    until: datetime | None = None
    otherwise: str = ""
    label: str = ""
    url: str = ""
    post: bool = False
    version: int | None = None


def link(endpoint: str, **values: Any) -> str:
    """The address of a page, or nothing where the installation does not have it."""
    return url_if(endpoint, **values) or ""


def turn(internship: Internship, person: Any, clocks: Clocks | None = None) -> Turn:
    """Whose turn it is with an internship, as `person` reads it. Only clocks that run are promised."""
    running = deadlines.armed(internship) if clocks is None else clocks
    return STEPS[internship.state](internship, person, running)


def _until(clocks: Clocks, kind: str) -> datetime | None:
    return clocks[kind].due_at if kind in clocks else None


def _made(
    internship: Internship,
    mine: bool,
    what: str,
    who: str,
    until: datetime | None = None,
    otherwise: str = "",
    button: tuple[str, str] = ("", ""),
    post: bool = False,
) -> Turn:
    """A turn with its button only for the one whose turn it is, and a consequence only where a clock runs."""
    label, url = button
    return Turn(
        title=internship.posting.title,
        page=link("workspace.show", internship_id=internship.id),
        what=what,
        who=who,
        mine=mine,
        until=until,
        otherwise=otherwise if until else "",
        label=label if mine and url else "",
        url=url if mine else "",
        post=post,
        version=internship.version,
    )


def _posted(internship: Internship, person: Any, clocks: Clocks) -> Turn:
    held = applications.holder(internship)
    if held is not None:
        lapse = _until(deadlines.armed(held), "lapse")
        return _made(
            internship,
            False,
            _("The seat is offered; the applicant accepts or declines."),
            held.intern.full_name,
            lapse,
            _("Without an answer the offer lapses and the seat is free again."),
        )
    return _made(
        internship,
        applying.judges_for(person, internship.posting),
        _("The seat is free: an applicant is chosen and offered the seat."),
        internship.posting.organisation.name,
        _until(clocks, "cancel_unfilled"),
        _("A seat that stays free is cancelled by itself."),
        (_("See the applications"), link("applications.of_posting", posting_id=internship.posting_id)),
    )


def _matched(internship: Internship, person: Any, clocks: Clocks) -> Turn:
    if internship.signed_at is None:
        return _to_sign(internship, person, clocks)
    employer = internship.posting.organisation.name
    funding = fundings.live(internship)
    page = link("payments.funding", internship_id=internship.id)
    back = _("Then the match is undone, and what was paid in goes back.")
    if internship.secured_at is None and funding is not None and funding.rail == "stripe":
        return _to_pay_by_stripe(internship, person, clocks, funding.state, page)
    if internship.secured_at is None and funding is not None and funding.state == "processing":
        return _made(
            internship,
            spine.is_finance(person, internship),
            _("The transfer was made. Finance records the money as soon as it has arrived."),
            _finance(internship),
            _until(clocks, "secure"),
            back,
            (_("Record the money"), link("payments.expected", funding_id=funding.id)),
        )
    if internship.secured_at is None:
        return _made(
            internship,
            spine.is_owner(person, internship),
            _("Base, bonus pot and platform fee are to be transferred, with the reference on the page."),
            employer,
            _until(clocks, "pay") or _until(clocks, "secure"),
            back,
            (_("See what to transfer"), page),
        )
    intern = internship.intern
    ready = intern is not None and payments.payable(intern, payments.rail_of(internship))
    return _made(
        internship,
        spine.is_intern(person, internship),
        _("Everything is ready: the work can begin.")
        if ready
        else _("Before the work begins, the intern says where the pay should go."),
        intern.full_name if intern else "",
        _until(clocks, "start"),
        back,
        (_("Start the work"), link("workspace.start", internship_id=internship.id))
        if ready
        else (_("Say where your pay should go"), link("payments.method")),
        post=ready,
    )


def _to_pay_by_stripe(internship: Internship, person: Any, clocks: Clocks, state: str, page: str) -> Turn:
    until = _until(clocks, "pay") or _until(clocks, "secure")
    back = _("Then the match is undone, and what was paid in goes back.")
    if state == "processing":
        what = _("The payment was made. The bank has not sent the money yet; Stripe tells us when it has.")
        return _made(internship, False, what, "Stripe", until, back)
    return _made(
        internship,
        spine.is_owner(person, internship),
        _("Base, bonus pot and platform fee are to be paid on Stripe's page.")
        if state != "failed"
        else _("The payment failed at the bank, and nothing was taken. It is to be paid again."),
        internship.posting.organisation.name,
        until,
        back,
        (_("See what to pay"), page),
    )


def _to_sign(internship: Internship, person: Any, clocks: Clocks) -> Turn:
    agreement = internships.agreement_of(internship)
    names = {"intern": internship.terms["intern"]["name"], "employer": internship.posting.organisation.name}
    missing = [party for party in names if agreement.signed_by(party) is None]
    return _made(
        internship,
        spine.may_sign(person, agreement),
        _("The agreement is to be read and accepted by name."),
        names[missing[0]]
        if len(missing) == 1
        else _("%(intern)s and %(employer)s", intern=names["intern"], employer=names["employer"]),
        _until(clocks, "sign"),
        _("Without both names the match is undone and the seat is free again."),
        (_("Read and accept"), link("internships.agreement", internship_id=internship.id)),
    )


def _working(internship: Internship, person: Any, clocks: Clocks) -> Turn:
    end = _until(clocks, "end_early")
    again = _("Changes were asked for: the work is to be revised and handed in again.")
    return _made(
        internship,
        spine.is_intern(person, internship),
        again if internship.rounds_used else _("The work is to be done and handed in."),
        internship.intern.full_name if internship.intern else "",
        internship.submit_by,
        _(
            "Work that comes later is marked late. If nothing is handed in by %(when)s, the internship ends and "
            "only the guaranteed part is paid.",
            when=show_datetime(end),
        )
        if end
        else "",
        (_("Hand in the work"), link("submissions.draft", internship_id=internship.id)),
    )


def _submitted(internship: Internship, person: Any, clocks: Clocks) -> Turn:
    newest = submissions.newest(internship)
    return _made(
        internship,
        spine.is_reviewer(person, internship),
        _("The work is to be reviewed, criterion by criterion."),
        internship.posting.organisation.name,
        _until(clocks, "approve_by_silence"),
        _("Without an answer the work counts as approved and the full base is paid."),
        (_("Review the work"), link("reviews.edit", submission_id=newest.id) if newest else ""),
    )


def _reviewed(internship: Internship, person: Any, _clocks: Clocks) -> Turn:
    payout = payments.base_payout(internship)
    if payout is None:
        return _made(internship, False, _("The result is fixed."), "")
    return _of_payout(payout, person)


def _of_payout(payout: Payout, person: Any) -> Turn:
    """Whose turn it is with a sum that is on its way out."""
    if payout.rail == "stripe" and payout.state in ("sending", "blocked"):
        return _at_stripe(payout, person)
    what, mine = {
        "due": (_("A first finance person approves the payment."), paying.may_approve),
        "approved": (_("A second finance person releases the payment."), paying.may_release),
        "sending": (_("The bank transfer is made and its reference recorded."), paying.may_approve),
        "held": (_("The payment is on hold."), paying.may_approve),
    }.get(payout.state, (_("The payment waits until it can be received."), paying.may_approve))
    clocks = deadlines.armed(payout)
    return _made(
        payout.internship,
        bool(mine(person, payout)) and payout.state in ("due", "approved", "sending"),
        what,
        _finance(payout.internship),
        min((clock.due_at for clock in clocks.values()), default=None),
        _("Then the hold ends.") if payout.state == "held" else _("Then the programme's manager is told."),
        (_("Open the payment"), link("payments.payout", payout_id=payout.id)),
    )


def _at_stripe(payout: Payout, person: Any) -> Turn:
    """A sum that waits for Stripe, or for the intern's account there."""
    sending = payout.state == "sending"
    clocks = deadlines.armed(payout)
    payee = payout.payee is not None and person.id == payout.payee_id
    return _made(
        payout.internship,
        payee and not sending,
        _("The payment was released; Stripe is making the transfer.")
        if sending
        else _("Stripe cannot pay the intern at the moment: the intern completes the account there."),
        "Stripe" if sending else payout.payee.full_name if payout.payee else "",
        min((clock.due_at for clock in clocks.values()), default=None),
        _("Then the programme's manager is told.") if sending else _("Then the money is sent by bank."),
        (_("See what Stripe needs"), link("payments.method")),
    )


def _over(internship: Internship, _person: Any, _clocks: Clocks) -> Turn:
    what = _("The intern has been paid.") if internship.state == "paid" else _("The seat was cancelled.")
    return _made(internship, False, what, "")


STEPS: dict[str, Callable[[Internship, Any, Clocks], Turn]] = {
    "posted": _posted,
    "matched": _matched,
    "in_progress": _working,
    "submitted": _submitted,
    "reviewed": _reviewed,
    "paid": _over,
    "cancelled": _over,
}


def _finance(internship: Internship) -> str:
    return str(_("the finance people of %(programme)s", programme=internship.posting.programme.name))


def drafts_and_offers(person: Person) -> list[Turn]:
    """An intern's own drafts, and the offers they have not answered."""
    found = []
    for application in applications.mine(person):
        posting = application.posting
        draft = application.state == "draft" and posting.state == "open"
        if not draft and application.state != "offered":
            continue
        endpoint = "applications.edit" if draft else "applications.answer"
        url = link(endpoint, application_id=application.id)
        found.append(
            Turn(
                title=posting.title,
                page=url,
                what=_("Your application is still a draft.") if draft else _("You are offered a seat."),
                mine=True,
                until=posting.closes_at if draft else _until(deadlines.armed(application), "lapse"),
                otherwise=_("Then the posting takes no applications any more.")
                if draft
                else _("Without an answer the offer lapses."),
                label=_("Go on writing") if draft else _("Answer the offer"),
                url=url,
            )
        )
    return found


def applicants_waiting(person: Person) -> list[Turn]:
    """The postings of this person's employers with applicants who wait for an answer."""
    places = [place.id for place in organisations.employers_of(person)]
    by_posting: dict[int, list[Any]] = {}
    sent = applications.of_employers(places, ("applied", "shortlisted"))
    clocks = applications.clocks_of(sent)
    for application in sent:
        if applying.judges(person, application):
            by_posting.setdefault(application.posting_id, []).append(application)
    found = []
    for waiting in by_posting.values():
        posting = waiting[0].posting
        url = link("applications.of_posting", posting_id=posting.id)
        rings = [clocks[application.id] for application in waiting if application.id in clocks]
        found.append(
            Turn(
                title=posting.title,
                page=url,
                what=ngettext(
                    "%(num)s applicant waits for your answer.",
                    "%(num)s applicants wait for your answer.",
                    len(waiting),
                ),
                mine=True,
                until=min(rings, default=None),
                otherwise=_("Without an answer the first application expires."),
                label=_("Read the applications"),
                url=url,
            )
        )
    return found


def postings_to_approve(person: Person) -> list[Turn]:
    """The postings that this manager is asked to approve."""
    return [
        Turn(
            title=posting.title,
            page=link("postings.approval", posting_id=posting.id),
            what=_("An employer asks you to approve this posting."),
            mine=True,
            until=_until(deadlines.armed(posting), "send_back"),
            otherwise=_("Without an answer it goes back to the employer."),
            label=_("Read and decide"),
            url=link("postings.approval", posting_id=posting.id),
        )
        for posting in postings.to_approve(person)
    ]


def sums_to_move(person: Person) -> list[Turn]:
    """The sums on their way out that this person watches; `mine` where they may move them on."""
    if not paying.is_finance(person, None):
        return []
    waiting = [payout for state in ("due", "approved", "sending") for payout in payments.queue(person, state)]
    return [_of_payout(payout, person) for payout in waiting]
