"""What the shell of every page shows to this person, and what is new for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.accounts.models import Person
from webapp.core import config
from webapp.core.security import sessions
from webapp.core.slice import MenuEntry, slices
from webapp.core.web import preferences, responses
from webapp.core.web.assets import url_if
from webapp.core.web.labels import state_label
from webapp.notifications import labels as notification_labels
from webapp.notifications import queries as notification_queries
from webapp.organisations import policy as organisation_policy
from webapp.organisations import queries as organisation_queries
from webapp.organisations.models import DEFAULT_CLOCKS, Organisation
from webapp.postings.queries import search as posting_search
from workflows import LAWS
from workflows.machine import Move

ROLE_NAMES: dict[str, Any] = {
    "intern": _l("Intern"),
    "employer": _l("Employer"),
    "manager": _l("Programme manager"),
    "finance": _l("Finance"),
    "mentor": _l("Mentor"),
    "operator": _l("Operator"),
}
ACTORS: dict[str, Any] = {
    "intern": _l("the intern"),
    "owner": _l("the employer's owner"),
    "reviewer": _l("the employer's reviewer"),
    "programme_manager": _l("the programme manager"),
    "finance": _l("finance"),
    "finance_second": _l("the second finance person"),
    "timer": _l("a deadline"),
    "system": _l("Stint itself"),
}


def shell() -> dict[str, Any]:
    """Context of every page: language, theme, menu, roles, demo banner."""
    person = sessions.current_person()
    context: dict[str, Any] = {
        "locale": str(get_locale() or "en"),
        "theme": preferences.theme(),
        "demo": preferences.is_demo(),
        "stripe_test": config.stripe_is_on() and not config.current().stripe_is_live,
        "join_url": url_if("organisations.join"),
    }
    if responses.wants_partial():
        return context  # a part of a page has no head
    if person is None:
        return {**context, "menu": _menu(_declared("visitor"))}
    worn = roles(person)
    present = role_of(person)
    return {
        **context,
        "menu": _menu(_entries(person, present)),
        "shell_roles": [(role, ROLE_NAMES[role], role == present) for role in worn] if len(worn) > 1 else [],
        "settings_links": _settings_links(person),
    }


def roles(person: Person) -> list[str]:
    """The roles in which this person may look at the app."""
    roles = {role for _place, role in organisation_policy.memberships_of(person)}
    held = {
        "intern": person.is_intern,
        "employer": bool(roles & {"owner", "reviewer"}),
        "manager": "manager" in roles,
        "finance": "finance" in roles,
        "mentor": "mentor" in roles,
        "operator": person.is_operator,
    }
    return [role for role in ROLE_NAMES if held[role]]


def role_of(person: Person) -> str:
    """The role in which this person looks at the app now: the one they chose, else their first."""
    worn = roles(person)
    chosen = preferences.active_role()
    if chosen in worn:
        return str(chosen)
    return worn[0] if worn else "visitor"


def news(person: Person) -> list[tuple[Any, str, str]]:
    """(notice, subject, sentence) of what this person has not read yet."""
    return [
        (notice, *notification_labels.words(notice.code, notice.params))
        for notice in notification_queries.unread(person.id, at_most=3)
    ]


def sample() -> dict[str, Any]:
    """The newest open posting, for the front page: real work with a real price; nothing when none is open."""
    results = posting_search.browse(posting_search.Search())
    posting = results.page.rows[0] if results.page.rows else None
    return {
        "posting": posting,
        "free": results.free.get(posting.id, 0) if posting else 0,
        "open_count": results.page.total,
    }


def help_page() -> dict[str, Any]:
    """The states of everything as the law book has them, in words, and the clocks of the default programme."""
    programme = organisation_queries.default_programme()
    settings = organisation_queries.settings_of(programme.id) if programme else None
    clocks = {name: settings.clock(name) if settings else days for name, days in DEFAULT_CLOCKS.items()}
    return {
        "programme": programme,
        "clocks": clocks,
        "fee": settings.fee_bp if settings else None,
        "lives": [(slices().kinds[name], _moves(name)) for name in LAWS],
    }


def _moves(name: str) -> list[tuple[str, str, str]]:
    """(from, to, sentence) of every move of a thing that people can meet today."""
    return [
        (
            _either([state_label(name, state) for state in move.sources]),
            state_label(name, move.target),
            _sentence(name, move),
        )
        for move in LAWS[name].moves.values()
        if move.name in slices().guards.get(name, {})  # help promises only what runs
    ]


def _sentence(name: str, move: Move) -> str:
    who = _either(list(dict.fromkeys(str(ACTORS[kind]) for kind in move.by)))
    sentence = str(slices().history[f"{name}.{move.name}"]) % {"who": who}
    return sentence[0].upper() + sentence[1:]


def _either(words: list[str]) -> str:
    """The words as a choice between them: "a or b or c"."""
    return reduce(lambda first, other: str(_("%(one)s or %(other)s", one=first, other=other)), words)


def _declared(role: str) -> list[MenuEntry]:
    """What all features put into the menu of a role, in order."""
    return sorted(
        (entry for feature in slices() for entry in feature.menu.get(role, ())), key=lambda entry: entry.order
    )


def _entries(person: Person, role: str) -> list[MenuEntry | tuple[Any, str | None]]:
    declared = _declared(role)
    entries: list[MenuEntry | tuple[Any, str | None]] = [
        entry for entry in declared if not entry.per_organisation
    ]
    for organisation in _organisations_of(person, role):
        entries += [
            (
                organisation.name if entry.label is None else entry.label,
                url_if(entry.endpoint, organisation_id=organisation.id),
            )
            for entry in declared
            if entry.per_organisation
        ]
    count = notification_queries.unread_count(person.id)
    words = _("Inbox (%(n)s)", n=count) if count else _("Inbox")
    return [*entries, (words, url_if("notifications.inbox"))]


def _organisations_of(person: Person, role: str) -> Sequence[Organisation]:
    """The organisations that this role has lines of its own for."""
    if role == "employer":
        return organisation_queries.employers_of(person)
    return organisation_queries.programmes_of(person) if role in ("manager", "finance", "mentor") else ()


def _menu(entries: Iterable[MenuEntry | tuple[Any, str | None]]) -> list[dict[str, Any]]:
    """The lines of the menu; one whose page this installation does not have is left out."""
    path = preferences.path()
    links = [
        (entry.label, url_if(entry.endpoint)) if isinstance(entry, MenuEntry) else entry for entry in entries
    ]
    return [{"label": words, "url": url, "current": url == path} for words, url in links if url]


def _settings_links(person: Person) -> list[dict[str, Any]]:
    entries = [entry for feature in slices() for entry in feature.settings_menu]
    links = [(label, url_if(endpoint)) for label, endpoint, shown in entries if shown(person)]
    return [{"label": label, "url": url} for label, url in links if url]
