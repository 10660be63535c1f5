"""Whom the spine tells what."""

from __future__ import annotations

from webapp.internships.models import Internship
from webapp.notifications import actions as notification_actions
from webapp.organisations import queries as organisation_queries


def agreement_path(internship: Internship) -> str:
    """Where the agreement is read and accepted."""
    return f"/internships/{internship.id}/agreement"


def tell_matched(internship: Internship) -> None:
    """Tell both sides that there is an agreement to accept."""
    agreement, intern = internship.agreement, internship.intern
    if agreement is None or intern is None:
        return
    notification_actions.tell_all(
        [intern, *organisation_queries.members(internship.organisation_id, "owner")],
        "agreement_written",
        key=f"agreement-{agreement.id}-written",
        path=agreement_path(internship),
        title=agreement.terms.title,
        days=internship.terms.clocks.sign_days,
    )


def tell_signed(internship: Internship, party: str) -> None:
    """Tell the other side that the agreement was accepted; once both have, tell everybody what comes next."""
    agreement, intern = internship.agreement, internship.intern
    if agreement is None or intern is None:
        return
    owners = organisation_queries.members(internship.organisation_id, "owner")
    if internship.signed_at:
        code, people = "agreement_in_force", [intern, *owners]
    else:
        code, people = f"agreement_signed_by_{party}", owners if party == "intern" else [intern]
    notification_actions.tell_all(
        people,
        code,
        key=f"agreement-{agreement.id}-{party}-signed",
        path=agreement_path(internship),
        title=agreement.terms.title,
    )
