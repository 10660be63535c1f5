"""What happened, the newest first, a page at a time: the one timeline of all pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from webapp.core.lifecycle import history
from webapp.core.lifecycle.history import HistoryEntry, Root
from webapp.core.web.forms import whole_number
from webapp.core.web.labels import history_sentence

PAGE = 50
Names = Callable[[set[int]], Mapping[int, str]]
"""The names of people, by their ids; one whom the reader may not know by name is left out or called otherwise."""


@dataclass(frozen=True)
class Line:
    """One thing that happened, as this reader may read it; `quote` are a person's own words."""

    when: datetime
    text: str
    quote: str | None = None


@dataclass(frozen=True)
class Timeline:
    """A page of lines. `more` is the number before which the next page begins, None on the last one."""

    lines: Sequence[Line]
    total: int
    more: int | None = None


def older(args: Mapping[str, str]) -> int | None:
    """The entry before which a page of the timeline begins, as the address `args` say it."""
    return whole_number(args.get("older"))


def timeline(
    root: Root,
    *,
    names: Names,
    before: int | None = None,
    subject_kinds: tuple[str, ...] = (),
    quotes: Callable[[HistoryEntry], bool] = lambda entry: False,
) -> Timeline:
    """The newest entries of a root's history, or those before entry number `before`, at most 50.

    `names` gives the names that this reader may see, by a person's id; `quotes` says whether they may read an entry's words.
    """
    entries = history.page_of_root(
        root.kind, root.id, before=before, at_most=PAGE + 1, subject_kinds=subject_kinds
    )
    total = history.count_of_root(root.kind, root.id, subject_kinds=subject_kinds)
    return _timeline(entries, total, names, quotes)


def timeline_of(
    kind: str,
    subject_id: int,
    *,
    names: Names,
    before: int | None = None,
    without: tuple[str, ...] = (),
    quotes: Callable[[HistoryEntry], bool] = lambda entry: False,
) -> Timeline:
    """The same of one thing below a root: an application, a card, a payout.

    `without` are moves of which this reader may not know.
    """
    entries = history.page_of_subject(kind, subject_id, before=before, at_most=PAGE + 1, without=without)
    return _timeline(entries, history.count_of_subject(kind, subject_id, without=without), names, quotes)


def _timeline(
    entries: Sequence[HistoryEntry],
    total: int,
    names: Names,
    quotes: Callable[[HistoryEntry], bool],
) -> Timeline:
    known = names({entry.actor_id for entry in entries if entry.actor_id is not None})
    lines = [
        Line(
            entry.happened_at,
            history_sentence(entry, lambda person_id: known.get(person_id, "–")),
            entry.text.text if entry.text is not None and quotes(entry) else None,
        )
        for entry in entries[:PAGE]
    ]
    return Timeline(lines, total, entries[PAGE - 1].number if len(entries) > PAGE else None)
