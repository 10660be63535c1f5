"""What somebody has to do and to watch, in the role in which they look at the app."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _

from webapp.accounts.models import Person
from webapp.dashboards.queries.programme import of_finance, of_manager, of_mentor, of_operator
from webapp.dashboards.queries.sections import AT_MOST, Dashboard, Start
from webapp.dashboards.queries.work import of_employer, of_intern
from webapp.next_steps.queries.steps import link


def dashboard(person: Person, role: str, begin: int = 0) -> Dashboard:
    """The dashboard of a person in one of their roles (`visitor` for somebody who has none).

    Of what waits, enough is read for the page behind the first `begin` next steps.
    """
    return BY_ROLE[role](person, begin + AT_MOST)


def _of_visitor(_person: Person, _at_most: int) -> Dashboard:
    return Dashboard(
        start=Start(
            _("You have no role yet"),
            _("Find work as an intern, register an organisation, or open the invitation we emailed you."),
            _("See how it works"),
            link("dashboards.help"),
        )
    )


BY_ROLE: dict[str, Callable[[Person, int], Dashboard]] = {
    "intern": of_intern,
    "employer": of_employer,
    "manager": of_manager,
    "finance": of_finance,
    "mentor": of_mentor,
    "operator": of_operator,
    "visitor": _of_visitor,
}
