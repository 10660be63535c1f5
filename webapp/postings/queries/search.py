"""The search for open postings: its filters, its order, and a page of what it finds."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, literal_column, select

from webapp.core.database.base import db
from webapp.core.database.pages import Page, read_page
from webapp.core.database.words import plain
from webapp.postings.models import Posting
from webapp.postings.queries.postings import WITH_RELATED, free_seats
from webapp.skills.models import Skill

PER_PAGE = 20


# Written as in the index, which is found by it.
SIMPLE: ColumnElement[str] = literal_column("'simple'::regconfig")


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
    """One page of open postings, and how many seats each has free."""

    page: Page[Posting]
    free: dict[int, int]


def browse(search: Search) -> Results:
    """The open postings that match, the newest first."""
    query = select(Posting).where(Posting.state == "open", *_conditions(search)).options(*WITH_RELATED)
    order = (Posting.opened_at, Posting.id)
    page = read_page(query, Posting, order, search.after, newest_first=True, at_most=PER_PAGE)
    return Results(page, free_seats(page.rows))


def _conditions(search: Search) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if search.words:
        text = func.to_tsvector(SIMPLE, plain(Posting.title + literal_column("' '") + Posting.brief))
        conditions.append(text.op("@@")(func.websearch_to_tsquery(SIMPLE, plain(search.words))))
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
