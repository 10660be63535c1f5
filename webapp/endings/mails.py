"""Whom an ending tells what; applicants are told by their application."""

from __future__ import annotations

from webapp.core.money.amounts import Money
from webapp.internships.models import Internship
from webapp.notifications import actions as notification_actions
from webapp.organisations import queries as organisation_queries
from webapp.postings.queries import postings as posting_queries


def tell_undone(internship: Internship, name: str) -> None:
    """Tell the owners that a match was undone."""
    posting = posting_queries.posting_of(internship)
    notification_actions.tell_all(
        organisation_queries.members(internship.organisation_id, "owner"),
        "match_undone",
        key=f"internship-{internship.id}-unmatched-{internship.version}",
        path=f"/postings/{posting.id}/applications",
        title=posting.title,
        name=name,
    )


def tell_unfilled(internship: Internship) -> None:
    """Tell the owners that a free seat ended."""
    posting = posting_queries.posting_of(internship)
    notification_actions.tell_all(
        organisation_queries.members(internship.organisation_id, "owner"),
        "seat_unfilled",
        key=f"internship-{internship.id}-unfilled",
        path=f"/internships/{internship.id}",
        title=posting.title,
    )


def tell_ended(internship: Internship) -> None:
    """Tell the intern and the owners that the internship ended early, and what is due."""
    intern = internship.intern
    people = [
        *([intern] if intern else []),
        *organisation_queries.members(internship.organisation_id, "owner"),
    ]
    notification_actions.tell_all(
        people,
        "ended_early",
        key=f"internship-{internship.id}-ended-early",
        path=f"/internships/{internship.id}",
        title=internship.terms.title,
        award=Money(internship.award or 0, internship.terms.currency),
    )
