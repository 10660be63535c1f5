"""What the shell of every page shows to this person, and what is new for them."""

from __future__ import annotations

from functools import reduce
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.accounts.models import Person
from webapp.core import config, sessions, ui, visitor
from webapp.core.assets import url_if
from webapp.core.words import SENTENCES, state_label
from webapp.notifications import mails
from webapp.notifications import queries as notices
from webapp.organisations import policy as belonging
from webapp.organisations import queries as organisations
from webapp.organisations.models import DEFAULT_CLOCKS
from webapp.postings import queries as postings
from workflows import LAWS
from workflows.machine import Move

HATS: dict[str, Any] = {
    "intern": _l("Intern"),
    "employer": _l("Employer"),
    "manager": _l("Programme manager"),
    "finance": _l("Finance"),
    "mentor": _l("Mentor"),
    "operator": _l("Operator"),
}
# Whose lives the help page tells, in the order in which an intern meets them.
LIVES: dict[str, Any] = {
    "posting": _l("A posting"),
    "application": _l("An application"),
    "internship": _l("An internship"),
    "task": _l("A task on the board"),
    "submission": _l("A version of the work"),
    "funding": _l("Money coming in"),
    "payout": _l("Money going out"),
}
KINDS: dict[str, Any] = {
    "intern": _l("the intern"),
    "owner": _l("the employer's owner"),
    "reviewer": _l("the employer's reviewer"),
    "programme_manager": _l("the programme manager"),
    "finance": _l("finance"),
    "finance_second": _l("the second finance person"),
    "timer": _l("a deadline"),
    "system": _l("Stint itself"),
}
# Moves of the law that no page leads to yet: help promises only what runs.
NOT_YET = frozenset(
    {
        "internship.freeze",
        "internship.unfreeze",
        "internship.conclude",
        "internship.abandon",
        "funding.charge_back",
        "funding.win_back",
        "payout.reverse",
    }
)
# (words, endpoint) by role; an entry is shown where the installation has the page.
MENUS: dict[str, tuple[tuple[Any, str], ...]] = {
    "visitor": ((_l("Find work"), "postings.browse"),),
    "intern": (
        (_l("Find work"), "postings.browse"),
        (_l("Applications"), "applications.mine"),
        (_l("Tasks"), "tasks.mine"),
        (_l("Earnings"), "payments.earnings"),
    ),
    "employer": (),
    "manager": ((_l("To approve"), "postings.approvals"),),
    "finance": ((_l("Payments"), "payments.queue"),),
    "mentor": (),
    "operator": (
        (_l("People"), "accounts.people"),
        (_l("Organisations"), "organisations.everyone"),
        (_l("Payments"), "payments.queue"),
        (_l("Stripe"), "stripe_line.line"),
    ),
}


def shell() -> dict[str, Any]:
    """Context of every page: language, theme, menu, roles, demo banner."""
    person = sessions.current_person()
    context: dict[str, Any] = {
        "locale": str(get_locale() or "en"),
        "theme": visitor.theme(),
        "demo": visitor.is_demo(),
        "stripe_test": config.stripe_is_on() and not config.current().stripe_is_live,
        "join_url": url_if("organisations.join"),
    }
    if ui.wants_partial():
        return context  # a part of a page has no head
    if person is None:
        return {**context, "menu": _menu(MENUS["visitor"])}
    worn = hats(person)
    present = hat_of(person)
    return {
        **context,
        "menu": _menu(_entries(person, present)),
        "hats": [(hat, HATS[hat], hat == present) for hat in worn] if len(worn) > 1 else [],
        "settings_links": _settings_links(person),
    }


def hats(person: Person) -> list[str]:
    """The roles in which this person may look at the app."""
    roles = {role for _place, role in belonging.memberships_of(person)}
    held = {
        "intern": person.is_intern,
        "employer": bool(roles & {"owner", "reviewer"}),
        "manager": "manager" in roles,
        "finance": "finance" in roles,
        "mentor": "mentor" in roles,
        "operator": person.is_operator,
    }
    return [hat for hat in HATS if held[hat]]


def hat_of(person: Person) -> str:
    """The role in which this person looks at the app now: the one they chose, else their first."""
    worn = hats(person)
    chosen = visitor.hat()
    if chosen in worn:
        return str(chosen)
    return worn[0] if worn else "visitor"


def news(person: Person) -> list[tuple[Any, str, str]]:
    """(notice, subject, sentence) of what this person has not read yet."""
    return [
        (notice, *mails.words(notice.code, notice.params)) for notice in notices.unread(person.id, at_most=3)
    ]


def sample() -> dict[str, Any]:
    """The newest open posting, for the front page: real work with a real price; nothing when none is open."""
    found = postings.browse(postings.Search())
    posting = found.postings[0] if found.postings else None
    return {
        "posting": posting,
        "free": found.free.get(posting.id, 0) if posting else 0,
        "open_count": found.count,
    }


def help_page() -> dict[str, Any]:
    """The states of everything as the law book has them, in words, and the clocks of the default programme."""
    programme = organisations.default_programme()
    settings = organisations.settings_of(programme.id) if programme else None
    clocks = {name: settings.clock(name) if settings else days for name, days in DEFAULT_CLOCKS.items()}
    return {
        "programme": programme,
        "clocks": clocks,
        "fee": settings.fee_bp if settings else None,
        "lives": [(LIVES[name], _moves(name)) for name in LIVES],
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
        if f"{name}.{move.name}" not in NOT_YET
    ]


def _sentence(name: str, move: Move) -> str:
    who = _either(list(dict.fromkeys(str(KINDS[kind]) for kind in move.by)))
    said = str(SENTENCES[f"{name}.{move.name}"]) % {"who": who}
    return said[0].upper() + said[1:]


def _either(words: list[str]) -> str:
    """The words as a choice between them: "a or b or c"."""
    return reduce(lambda one, other: str(_("%(one)s or %(other)s", one=one, other=other)), words)


def _entries(person: Person, hat: str) -> list[tuple[Any, str | None]]:
    entries: list[tuple[Any, str | None]] = [(_("Today"), url_if("home.today"))]
    entries += [(words, url_if(endpoint)) for words, endpoint in MENUS[hat]]
    if hat == "employer":
        for place in organisations.employers_of(person):
            entries += [
                (_("Postings"), url_if("postings.of_organisation", organisation_id=place.id)),
                (_("Internships"), url_if("workspace.pipeline", organisation_id=place.id)),
                (place.name, _place_url(place.id)),
            ]
    elif hat in ("manager", "finance", "mentor"):
        for place in organisations.programmes_of(person):
            entries += [
                (_("Internships"), url_if("workspace.pipeline", organisation_id=place.id)),
                (place.name, _place_url(place.id)),
            ]
    count = notices.unread_count(person.id)
    words = _("Inbox (%(n)s)", n=count) if count else _("Inbox")
    return [*entries, (words, url_if("notifications.inbox"))]


def _menu(entries: Any) -> list[dict[str, Any]]:
    here = visitor.path()
    found = [
        (words, target if target is None or target.startswith("/") else url_if(target))
        for words, target in entries
    ]
    return [{"label": words, "url": url, "current": url == here} for words, url in found if url]


def _place_url(organisation_id: int) -> str | None:
    return url_if("organisations.show", organisation_id=organisation_id)


def _settings_links(person: Person) -> list[dict[str, Any]]:
    links = [(_("Where your pay goes"), "payments.method")] if person.is_intern else []
    links.append((_("Your dates in your calendar"), "calendars.show"))
    links.append((_("Close your account"), "organisations.leaving"))
    return [{"label": words, "url": url} for words, endpoint in links if (url := url_if(endpoint))]
