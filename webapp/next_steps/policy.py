"""Who may open the lists of internships."""

from __future__ import annotations

from webapp.core.lifecycle.history import Viewer
from webapp.internships.models import Internship
from webapp.organisations import policy as organisation_policy
from webapp.organisations.models import Organisation


def may_list(person: Viewer, organisation: Organisation) -> bool:
    """The people of the employer or programme, and the operator."""
    return organisation_policy.holds(person, organisation.id) or organisation_policy.operates(person)


def may_list_it(person: Viewer, internship: Internship) -> bool:
    """Everyone who may open a pipeline that shows the internship."""
    return any(
        may_list(person, organisation) for organisation in (internship.organisation, internship.programme)
    )
