"""Who moves a posting, and what must be true of it first."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.errors import Invalid
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.guards import Guard, Guards, Refusal
from webapp.core.lifecycle.history import Viewer
from webapp.internships import queries as internship_queries
from webapp.postings import policy
from webapp.postings.models import Posting
from webapp.postings.queries import postings as posting_queries


class Incomplete(Invalid):
    """The draft cannot be published yet; `missing` holds the codes of what it lacks."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__(_l("Something is still missing. The list shows what."))
        self.missing = missing


def complete(posting: Posting, _actor: Viewer) -> Refusal | None:
    """Everything that applicants read is there."""
    if not (missing := posting_queries.missing(posting)):
        return None
    error = Incomplete(missing)
    return Refusal("incomplete", error.sentence, stays=True, error=error)


def opens_directly(posting: Posting, _actor: Viewer) -> Refusal | None:
    """Nobody has to approve it."""
    if not policy.needs_approval(posting):
        return None
    return Refusal(
        "needs_approval", _l("The programme approves this posting before it opens. Ask for approval instead.")
    )


def has_to_be_approved(posting: Posting, _actor: Viewer) -> Refusal | None:
    """The programme asks for approval, of all postings or of pay as low as this."""
    if policy.needs_approval(posting):
        return None
    return Refusal("opens_directly", _l("This posting doesn't need approval. Publish it instead."))


def starts_later(posting: Posting, _actor: Viewer) -> Refusal | None:
    """Its first day is still to come."""
    if "dates_past" not in posting_queries.missing(posting):
        return None
    return Refusal(
        "dates_past",
        _l("The first day has passed. Send the posting back so the dates can be changed."),
        stays=True,
    )


def has_free_seat(posting: Posting, _actor: Viewer) -> Refusal | None:
    """A seat is unmatched: reopening adds none."""
    if internship_queries.free_seats(posting.id):
        return None
    return Refusal("no_free_seat", _l("Every seat is taken or cancelled, so the posting can't be reopened."))


def nobody_matched(posting: Posting, _actor: Viewer) -> Refusal | None:
    """No seat has been taken."""
    seats = internship_queries.of_posting(posting.id)
    if all(seat.state in ("posted", "cancelled") for seat in seats):
        return None
    return Refusal(
        "matched",
        _l("Someone is matched, so the posting can't be cancelled any more. You can still close it."),
    )


GUARDS: Guards = {
    "publish": Guard(policy.is_owner, (opens_directly, complete)),
    "propose": Guard(policy.is_owner, (has_to_be_approved, complete)),
    "approve": Guard(policy.manages, (starts_later,)),
    "send_back": Guard(policy.may_send_back),
    "close": Guard(policy.may_close),
    "finish": Guard(lifecycle.system_only),
    "reopen": Guard(policy.is_owner, (has_free_seat,)),
    "cancel": Guard(policy.is_owner, (nobody_matched,)),
}
