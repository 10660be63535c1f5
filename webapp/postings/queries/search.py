"""The search for open postings: its filters, its order, and a page of what it finds."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, tuple_

from webapp.core.database.base import db
from webapp.postings.models import Posting
from webapp.postings.queries.postings import free_seats, read_all
from webapp.skills.models import Skill

PER_PAGE = 20


@dataclass(frozen=True)
class Search:
    """What somebody looks for among the open postings; amounts in minor units an hour."""

    words: str = ""
    skill: str = ""
    most_hours: int | None = None
    currency: str = ""
    least_per_hour: int | None = None
    place_kind: str = ""
    after: int | None = None

    @property
    def narrow(self) -> bool:
        return self != Search(after=self.after)


@dataclass(frozen=True)
class Results:
    """One page of open postings, how many there are in all, and how many seats each has free."""

    postings: list[Posting]
    count: int
    free: dict[int, int]
    next_after: int | None


def browse(search: Search) -> Results:
    """The open postings that match, the newest first."""
    wanted = select(Posting).where(Posting.state == "open", *_conditions(search))
    count = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    if search.after is not None:
        opened = select(Posting.opened_at, Posting.id).where(Posting.id == search.after)
        last = db.session.execute(opened).one_or_none()
        if last is not None:
            wanted = wanted.where(tuple_(Posting.opened_at, Posting.id) < tuple_(last[0], last[1]))
    page = read_all(wanted.order_by(Posting.opened_at.desc(), Posting.id.desc()).limit(PER_PAGE + 1))
    shown = page[:PER_PAGE]
    return Results(shown, count, free_seats(shown), shown[-1].id if len(page) > PER_PAGE else None)


def _conditions(search: Search) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if search.words:
        text = func.unaccent(func.lower(Posting.title + " " + Posting.brief))
        words = func.unaccent(func.lower(search.words))
        conditions.append(
            func.to_tsvector("simple", text).op("@@")(func.websearch_to_tsquery("simple", words))
        )
    if search.skill:
        conditions.append(Posting.skills.any(Skill.slug == search.skill))
    if search.most_hours is not None:
        conditions.append(Posting.hours <= search.most_hours)
    if search.currency:
        conditions.append(Posting.currency == search.currency)
    if search.least_per_hour is not None:
        conditions.append(Posting.base >= search.least_per_hour * Posting.hours)
    if search.place_kind:
        conditions.append(Posting.place_kind == search.place_kind)
    return conditions


def currencies_in_use() -> list[str]:
    """The currencies of open postings."""
    return list(
        db.session.scalars(
            select(Posting.currency).where(Posting.state == "open").distinct().order_by(Posting.currency)
        )
    )
