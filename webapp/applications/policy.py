"""Who may see an application, and who may make which of its moves. Persons are compared, never roles."""

from __future__ import annotations

from webapp.applications.models import Application
from webapp.core.lifecycle.history import SYSTEM, Viewer
from webapp.organisations import policy as organisation_policy
from webapp.postings import policy as posting_policy
from webapp.postings.models import Posting


def is_own(person: Viewer, application: Application) -> bool:
    """The intern who wrote it."""
    return person is not None and person.id is not None and person.id == application.intern_id


def judges_for(person: Viewer, posting: Posting) -> bool:
    """An owner or reviewer of the employer."""
    return organisation_policy.holds(person, posting.organisation_id, "owner", "reviewer")


def watches(person: Viewer, posting: Posting) -> bool:
    """May read who applied: the employer's people, the programme's manager, the operator."""
    return (
        judges_for(person, posting)
        or organisation_policy.holds(person, posting.programme_id, "manager")
        or organisation_policy.operates(person)
    )


def judges(person: Viewer, application: Application) -> bool:
    """Weighs it for the employer; nobody weighs their own."""
    return not is_own(person, application) and judges_for(person, application.posting)


def owns(person: Viewer, application: Application) -> bool:
    """Offers the employer's seats; nobody offers one to themselves."""
    if is_own(person, application):
        return False
    return organisation_policy.holds(person, application.posting.organisation_id, "owner")


def may_see(person: Viewer, application: Application) -> bool:
    """Its writer; once it is sent, also those who weigh it and the programme's manager."""
    if is_own(person, application):
        return True
    return application.sent_at is not None and watches(person, application.posting)


def may_send(actor: Viewer, application: Application) -> bool:
    """Its writer, who may send it and accept an offer unless they have joined the employer meanwhile."""
    return is_own(actor, application) and posting_policy.may_ever_apply(actor, application.posting)


def is_revealed(application: Application) -> bool:
    """The employer knows the name only of those it shortlisted or offered a seat."""
    return application.shortlisted_at is not None or application.offered_at is not None


def may_know_name(person: Viewer, application: Application) -> bool:
    """Its writer and the programme always; the employer once it has shortlisted."""
    if person is SYSTEM or is_own(person, application) or is_revealed(application):
        return True
    return not judges_for(person, application.posting)
