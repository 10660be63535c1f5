"""Who may see a posting, and who may make which of its moves."""

from __future__ import annotations

from webapp.accounts.models import Person
from webapp.core.lifecycle.history import SYSTEM, Viewer
from webapp.organisations import policy as organisation_policy
from webapp.organisations.models import Organisation
from webapp.postings.models import Part, Posting

PUBLIC = frozenset({"open", "closing", "closed"})


def may_see(person: Viewer, posting: Posting) -> bool:
    """Everybody once it has been open; before that the employer's people, and the manager who is asked."""
    if posting.state in PUBLIC or posting.opened_at is not None:
        return True
    return is_member(person, posting) or (posting.state == "in_approval" and manages(person, posting))


def is_member(person: Viewer, posting: Posting) -> bool:
    """Anybody of the employer."""
    return organisation_policy.holds(person, posting.organisation_id)


def is_owner(person: Viewer, posting: Posting) -> bool:
    """Writes, publishes and closes for the employer."""
    return organisation_policy.holds(person, posting.organisation_id, "owner")


def manages(person: Viewer, posting: Posting) -> bool:
    """Runs the programme, and is nobody of the employer: nobody approves their own posting."""
    return organisation_policy.holds(person, posting.programme_id, "manager") and not is_member(
        person, posting
    )


def may_begin(person: Viewer, organisation: Organisation) -> bool:
    """An owner of an employer writes its postings."""
    return not organisation.is_programme and organisation_policy.holds(person, organisation.id, "owner")


def is_manager_somewhere(person: Viewer, _subject: object) -> bool:
    """Has a list of postings that wait for approval."""
    return any(role == "manager" for _place, role in organisation_policy.memberships_of(person))


def below_floor(posting: Posting) -> bool:
    """The pay per hour is less than the programme's floor, compared without rounding."""
    floor = int(posting.settings.pay_floor.get(posting.currency, 0))
    return posting.base is not None and posting.hours is not None and posting.base < floor * posting.hours


def needs_approval(posting: Posting) -> bool:
    """The programme wishes to see every posting, or this one pays less than the floor."""
    return posting.settings.approval_needed or below_floor(posting)


def may_send_back(person: Viewer, posting: Posting) -> bool:
    """The manager, or the clock when nobody answered."""
    return person is SYSTEM or manages(person, posting)


def may_close(person: Viewer, posting: Posting) -> bool:
    """The owner, or the clock, or the last seat that was taken."""
    return person is SYSTEM or is_owner(person, posting)


def may_edit(person: Viewer, posting: Posting) -> bool:
    """The owner, while it is a draft."""
    return posting.state == "draft" and is_owner(person, posting)


def owns_part(person: Viewer, part: Part) -> bool:
    """An owner writes every section of the employer's drafts."""
    return is_owner(person, part.posting)


def may_renew(person: Viewer, posting: Posting) -> bool:
    """The owner, while it is open."""
    return posting.state == "open" and is_owner(person, posting)


def may_ever_apply(person: Viewer, posting: Posting) -> bool:
    """Interns apply, but never to a posting of an employer they belong to."""
    return isinstance(person, Person) and person.is_intern and not is_member(person, posting)


def may_apply(person: Viewer, posting: Posting) -> bool:
    """Whoever may ever apply, while the posting is open."""
    return posting.state == "open" and may_ever_apply(person, posting)
