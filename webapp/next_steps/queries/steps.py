"""What every next step is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from webapp.core.lifecycle.deadlines import Deadline
from webapp.core.web.assets import url_if
from webapp.internships.models import Internship
from webapp.postings.queries import postings as posting_queries

LIVELY = ("matched", "in_progress", "submitted")
Clocks = dict[str, Deadline]


@dataclass(frozen=True)
class NextStep:
    """Whose turn it is with one thing, in words: `who` acts (nobody when empty), `until` when, what `otherwise`.

    `label` and `url` are the one next button, only for the person who acts; with `post` it is a form with `version`.
    """

    title: str
    page: str
    what: str
    who: str = ""
    mine: bool = False
    until: datetime | None = None
    otherwise: str = ""
    label: str = ""
    url: str = ""
    post: bool = False
    version: int | None = None


@dataclass(frozen=True)
class Waiting:
    """The first next steps of one kind, the nearest deadline first and last what has none; `total`: of how many."""

    steps: list[NextStep]
    total: int


def link(endpoint: str, **values: int | str) -> str:
    """The address of a page, or nothing where the installation does not have it."""
    return url_if(endpoint, **values) or ""


def due_time(clocks: Clocks, kind: str) -> datetime | None:
    return clocks[kind].due_at if kind in clocks else None


def make_step(
    internship: Internship,
    mine: bool,
    what: str,
    who: str,
    until: datetime | None = None,
    otherwise: str = "",
    button: tuple[str, str] = ("", ""),
    post: bool = False,
) -> NextStep:
    """A next step with its button only for the person who acts, and a consequence only where a clock runs."""
    label, url = button
    return NextStep(
        title=posting_queries.posting_of(internship).title,
        page=link("next_steps.show", internship_id=internship.id),
        what=what,
        who=who,
        mine=mine,
        until=until,
        otherwise=otherwise if until else "",
        label=label if mine and url else "",
        url=url if mine else "",
        post=post,
        version=internship.version,
    )


def finance_of(internship: Internship) -> str:
    return str(_("the finance people of %(programme)s", programme=internship.programme.name))
