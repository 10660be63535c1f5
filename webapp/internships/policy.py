"""Who is what to an internship, and who may make which of its moves."""

from __future__ import annotations

from webapp.core.lifecycle.history import SYSTEM, Viewer
from webapp.internships.models import Agreement, Internship
from webapp.organisations import policy as organisation_policy


def is_intern(person: Viewer, internship: Internship) -> bool:
    """The one who does the work."""
    return person is not None and person.id is not None and person.id == internship.intern_id


def is_member(person: Viewer, internship: Internship) -> bool:
    """Anybody of the employer."""
    return organisation_policy.holds(person, internship.organisation_id)


def is_owner(person: Viewer, internship: Internship) -> bool:
    """Signs and funds for the employer."""
    return organisation_policy.holds(person, internship.organisation_id, "owner")


def is_reviewer(person: Viewer, internship: Internship) -> bool:
    """Judges the work for the employer; never the one who did it."""
    if is_intern(person, internship):
        return False
    return organisation_policy.holds(person, internship.organisation_id, "owner", "reviewer")


def is_programme(person: Viewer, internship: Internship) -> bool:
    """Anybody of the programme."""
    return organisation_policy.holds(person, internship.programme_id)


def manages(person: Viewer, internship: Internship) -> bool:
    """Runs the programme that the internship belongs to."""
    return organisation_policy.holds(person, internship.programme_id, "manager")


def is_finance(person: Viewer, internship: Internship) -> bool:
    """Handles the programme's money."""
    return organisation_policy.holds(person, internship.programme_id, "finance")


def may_see(person: Viewer, internship: Internship) -> bool:
    """The intern, the employer's people, the programme's people and the operator; nobody else."""
    if person is None:
        return False
    return (
        is_intern(person, internship)
        or is_member(person, internship)
        or is_programme(person, internship)
        or organisation_policy.operates(person)
    )


def roles(person: Viewer, internship: Internship) -> frozenset[str]:
    """All that somebody is to an internship: two people with the same roles have the same rights."""
    held = {
        f"{'employer' if organisation_id == internship.organisation_id else 'programme'}.{role}"
        for organisation_id, role in organisation_policy.memberships_of(person)
        if organisation_id in (internship.organisation_id, internship.programme_id)
    }
    own = {"intern"} if is_intern(person, internship) else set()
    return frozenset(held | own | ({"operator"} if organisation_policy.operates(person) else set()))


def may_cancel(actor: Viewer, internship: Internship) -> bool:
    """The owner; the clock only while the seat is empty."""
    return internship.intern_id is None if actor is SYSTEM else is_owner(actor, internship)


def may_extend_review(actor: Viewer, internship: Internship) -> bool:
    """A reviewer, once."""
    return not internship.review_extended and is_reviewer(actor, internship)


def party_of(person: Viewer, internship: Internship) -> str | None:
    """For which side this person may sign: `intern`, `employer` or none."""
    if is_intern(person, internship):
        return "intern"
    return "employer" if is_owner(person, internship) else None


def may_ever_sign(person: Viewer, internship: Internship) -> bool:
    """Policy of the route: the intern and the employer's owners sign."""
    return party_of(person, internship) is not None


def may_sign(person: Viewer, agreement: Agreement) -> bool:
    """The signature of this person's side is still missing on the agreement in force."""
    internship = agreement.internship
    party = party_of(person, internship)
    return (
        party is not None
        and internship.state == "matched"
        and internship.agreement_id == agreement.id
        and agreement.signed_by(party) is None
    )
