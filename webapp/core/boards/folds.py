"""Columns that somebody has folded away; their browser remembers it."""

from __future__ import annotations

from collections.abc import Iterable

from flask import request

from webapp.core.boards.filters import BoardFilterForm

FOLDS = "folds"  # the cookie: "task.done~payout.paid"


def folded(kind: str, columns: Iterable[str], filter_form: BoardFilterForm) -> frozenset[str]:
    """The columns of such boards that this browser has folded away; a list has none."""
    if filter_form.view.data == "list" or filter_form.chosen_view == "csv":
        return frozenset()
    cookie = _folds()
    return frozenset(column for column in columns if f"{kind}.{column}" in cookie)


def folds(column: str, *, away: bool) -> str:
    """What the cookie holds once a column ("task.done") is folded away, or shown again; the last 40 are kept."""
    others = [fold for fold in _folds() if fold not in ("", column)]
    return "~".join([*others, column][-40:] if away else others)


def _folds() -> list[str]:
    return request.cookies.get(FOLDS, "")[:1_000].split("~")
