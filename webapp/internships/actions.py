"""The verbs of the spine: what may happen to one seat, from opening to paid. Higher slices call these."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.accounts.models import Person
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.errors import Invalid, NotAllowed, NotNow, Stale
from webapp.core.lifecycle import deadlines, history
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.deadlines import end_of_day
from webapp.core.lifecycle.history import SYSTEM, Actor
from webapp.internships import files, mails, policy, queries
from webapp.internships.models import Agreement, Internship, Signature
from workflows.agreement import AgreementTerms

LONGEST_NAME = 120


def open_seats(
    posting_id: int, seats: int, *, actor: Actor, organisation_id: int, programme_id: int, currency: str
) -> list[Internship]:
    """Create so many free seats of a posting, for this employer and this programme, paid in this currency."""
    opened = [
        Internship(
            posting_id=posting_id,
            seat=number,
            organisation_id=organisation_id,
            programme_id=programme_id,
            currency=currency,
        )
        for number in range(1, seats + 1)
    ]
    for seat in opened:
        lifecycle.begin(seat, actor=actor, params={"seat": seat.seat})
    return opened


def cancel_seat(
    internship: Internship, *, actor: Actor, params: dict[str, Any] | None = None, text: str = ""
) -> None:
    """Cancel a seat that is free, or whose match is not signed by both; `text` are the owner's own words."""
    lifecycle.advance(
        internship,
        "cancel",
        actor=actor,
        fields={"unfilled_at": None},
        params=params,
        text=text.strip() or None,
    )


def arm_unfilled(internship: Internship, at: datetime | None) -> None:
    """Let a seat that is still free end by itself at `at`, for its posting is closed; None: it is open again."""
    lifecycle.lock(internship)
    if internship.state == "posted":
        internship.unfilled_at = at
        deadlines.rearm(internship)


def lock_seats(posting: lifecycle.RootRow) -> list[Internship]:
    """Lock the posting, then its seats that nobody has started on, in their order; returns those seats.

    An action that moves one seat and may then arm another's clock locks all of them here first: otherwise two such
    actions could deadlock.
    """
    lifecycle.lock(posting)
    seats = [seat for seat in queries.of_posting(posting.id) if seat.state in ("posted", "matched")]
    for seat in sorted(seats, key=lambda seat: seat.id):
        lifecycle.lock(seat)
    return seats


def match(
    internship: Internship, *, actor: Actor, intern: Person, application_id: int, terms: AgreementTerms
) -> Agreement:
    """Match the seat with the intern who accepted it, and write the agreement over `terms` that both will sign."""
    lifecycle.lock(internship)
    number = queries.last_agreement_number(internship.id) + 1
    document = files.document_for(internship.id, number, terms, clock.now())
    agreement = Agreement(
        internship=internship,
        number=number,
        application_id=application_id,
        terms=terms,
        document=document,
        sha256=files.sha256(document),
        written_at=clock.now(),
    )
    db.session.add(agreement)
    db.session.flush()
    fields = {
        "agreement": agreement,
        "intern": intern,
        "intern_id": intern.id,
        "unfilled_at": None,
        "matched_at": clock.now(),
        "cap": terms.cap,
    }
    params = {"agreement": number, "sha256": agreement.sha256}
    lifecycle.advance(internship, "match", actor=actor, fields=fields, params=params, implied=True)
    mails.tell_matched(internship)
    return agreement


def sign(agreement: Agreement, *, actor: Person, name: str, sha256: str) -> Signature:
    """Accept the agreement, by name, for the intern or for the employer; `sha256` is of the text they saw.

    Raises Stale when that text is not the one in force, NotNow when this side has accepted already.
    """
    internship = agreement.internship
    lifecycle.lock(internship)
    party = policy.party_of(actor, internship)
    if party is None:
        raise NotAllowed
    if internship.agreement_id != agreement.id or sha256 != agreement.sha256:
        raise Stale
    if internship.state != "matched":
        raise NotNow(_l("This agreement is not waiting for a signature."))
    db.session.refresh(agreement, ["signatures"])
    if agreement.signed_by(party) is not None:
        raise NotNow(_l("Your side has already accepted this agreement."))
    name = " ".join(name.split())
    if not name:
        raise Invalid(_l("Type your full name to accept."), field="name")
    if len(name) > LONGEST_NAME:
        raise Invalid(_l("The name is too long."), field="name")
    signature = Signature(
        agreement=agreement, party=party, person_id=actor.id, name=name, sha256=sha256, signed_at=clock.now()
    )
    db.session.add(signature)
    db.session.flush()
    if {s.party for s in agreement.signatures} == {"employer", "intern"}:
        internship.signed_at = clock.now()
    deadlines.rearm(internship)
    history.record(
        internship,
        internship,
        "signed",
        actor=actor,
        params={"party": party, "agreement": agreement.number, "sha256": sha256},
    )
    mails.tell_signed(internship, party)
    return signature


def mark_funding_begun(internship: Internship) -> None:
    """The payer has begun to pay: from now on the clock of the money's arrival runs."""
    lifecycle.lock(internship)
    internship.funding_begun_at = internship.funding_begun_at or clock.now()
    deadlines.rearm(internship)


def mark_secured(internship: Internship) -> None:
    """All the money of the match is here: the intern may start."""
    lifecycle.lock(internship)
    internship.funding_begun_at = internship.funding_begun_at or clock.now()
    internship.secured_at = clock.now()
    deadlines.rearm(internship)


def mark_refunded(internship: Internship) -> None:
    """The money of the match is on its way back: nothing is secured any more."""
    lifecycle.lock(internship)
    internship.secured_at = None
    deadlines.rearm(internship)


def start(internship: Internship, *, actor: Actor, version: int) -> None:
    """Begin the work: both have signed and the money is secured. Raises NotNow naming what is missing."""
    lifecycle.lock(internship)
    fields = {"started_at": internship.started_at or clock.now()}
    lifecycle.advance(internship, "start", actor=actor, version=version, fields=fields)


def submit(internship: Internship, *, actor: Actor, late: bool) -> None:
    """Hand in the work; the reviewer's clock starts."""
    fields = {"submitted_at": clock.now(), "review_extended": False, "late": late}
    lifecycle.advance(internship, "submit", actor=actor, fields=fields, params={"late": late})


def recall(internship: Internship, *, actor: Actor) -> None:
    """Take the work back before anybody has begun to review it."""
    lifecycle.advance(internship, "recall", actor=actor, fields={"submitted_at": None})


def request_changes(internship: Internship, *, actor: Actor, criteria: list[int]) -> None:
    """Ask for changes to the named criteria (their positions); counted, with days for the revision."""
    lifecycle.lock(internship)
    if not criteria:
        raise Invalid(_l("Choose at least one criterion that needs a change."))
    lifecycle.ask(internship, "request_changes", actor=actor)
    days, zone = internship.terms.clocks.revision_days, internship.terms.intern_zone
    by, number = end_of_day(clock.now(), days, zone), internship.rounds_used + 1
    lifecycle.advance(
        internship,
        "request_changes",
        actor=actor,
        fields={"revise_by": by, "rounds_used": number},
        params={"criteria": criteria, "round": number, "by": by.isoformat()},
    )


def extend_review(internship: Internship, *, actor: Actor, version: int) -> None:
    """Take the reviewer's one extension."""
    lifecycle.lock(internship)
    if not policy.is_reviewer(actor, internship):
        raise NotAllowed
    if version != internship.version:
        raise Stale
    if internship.state != "submitted" or internship.review_extended:
        raise NotNow(_l("The review can't be extended any further."))
    internship.review_extended = True
    internship.version += 1
    deadlines.rearm(internship)
    days = internship.terms.clocks.review_more_days
    history.record(internship, internship, "extend_review", actor=actor, params={"days": days})


def fix_result(
    internship: Internship,
    *,
    actor: Actor,
    move: str,
    award: int,
    outcome: str,
    params: dict[str, Any] | None = None,
) -> None:
    """Fix what the work is worth, by `review`, `approve_by_silence` or `end_early`."""
    lifecycle.advance(
        internship,
        move,
        actor=actor,
        fields={"award": award, "outcome": outcome, "reviewed_at": clock.now()},
        params={
            **(params or {}),
            "award": award,
            "currency": internship.currency,
            "outcome": outcome,
        },
    )


def accept_result(internship: Internship, *, actor: Actor) -> None:
    """The intern accepts the result, so the remainder need not wait."""
    lifecycle.lock(internship)
    if not policy.is_intern(actor, internship):
        raise NotAllowed
    if internship.state not in ("reviewed", "paid") or internship.result_accepted_at is not None:
        raise NotNow(_l("There is no longer a result to accept."))
    internship.result_accepted_at = clock.now()
    deadlines.rearm(internship)
    history.record(internship, internship, "result_accepted", actor=actor)


def mark_remainder_returned(internship: Internship, *, actor: Actor) -> None:
    """What the result did not use is on its way back to the payer."""
    lifecycle.lock(internship)
    internship.remainder_done = True
    deadlines.rearm(internship)
    history.record(internship, internship, "remainder_returned", actor=actor)


def unmatch(internship: Internship, *, actor: Actor, reason: str) -> None:
    """Free the seat again: the agreement and its money belonged to that match."""
    lifecycle.lock(internship)
    intern_id = internship.intern_id
    gone = (
        "intern",
        "intern_id",
        "agreement",
        "agreement_id",
        "matched_at",
        "signed_at",
        "funding_begun_at",
        "secured_at",
        "cap",
    )
    params = {"reason": reason, "intern": intern_id}
    lifecycle.advance(internship, "unmatch", actor=actor, fields=dict.fromkeys(gone), params=params)


def settle(internship: Internship, *, actor: Actor = SYSTEM) -> None:
    """Everything awarded has been paid: the internship is over, and good."""
    lifecycle.advance(internship, "settle", actor=actor, fields={"paid_at": clock.now()}, implied=True)
