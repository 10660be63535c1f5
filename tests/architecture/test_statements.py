"""A list costs the same number of statements however long it is: every page is read with 4 and with 40 rows.

A new page that lists something is a line in `PAGES`; what it lists is a row in tests/support/lists.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime

from flask import Flask

from tests.support import people as cast
from tests.support.lists import Lists, counted
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.history import SYSTEM
from webapp.fundings.actions import transfers as funding_transfers

MOST = 30
PAGES = (
    ("finance", "/home"),
    ("finance", "/finance"),
    ("finance", "/finance/board"),
    ("second", "/finance/board?view=list"),
    ("finance", "/finance/board?view=csv"),
    ("finance", "/finance/ledger"),
    ("finance", "/finance/ledger/asset:bank:USD"),
    ("finance", "/organisations/{programme}/pipeline"),
    ("operator", "/home"),
    ("operator", "/finance"),
    ("operator", "/finance/board"),
    ("operator", "/people"),
    ("operator", "/organisations"),
    ("operator", "/operations/stripe"),
    ("manager", "/home"),
    ("manager", "/postings/approvals"),
    ("manager", "/organisations/{programme}/pipeline?view=list"),
    ("manager", "/organisations/{programme}/internships"),
    ("manager", "/organisations/{employer}"),
    ("manager", "/postings/{popular}/applications"),
    ("mentor", "/home"),
    ("mentor", "/organisations/{programme}/pipeline"),
    ("owner", "/home"),
    ("owner", "/organisations/{employer}"),
    ("owner", "/organisations/{employer}/postings"),
    ("owner", "/organisations/{employer}/pipeline"),
    ("owner", "/organisations/{employer}/pipeline?view=csv"),
    ("owner", "/organisations/{employer}/internships"),
    ("owner", "/postings/{popular}/applications"),
    ("owner", "/inbox"),
    ("owner", "/settings/calendar"),
    ("intern", "/home"),
    ("intern", "/applications"),
    ("intern", "/earnings"),
    ("intern", "/postings"),
    ("intern", "/tasks"),
    ("intern", "/internships/{board}/board"),
    ("intern", "/internships/{board}/tasks/copy"),
)


def test_a_page_costs_the_same_statements_with_four_rows_and_with_forty(app: Flask) -> None:
    lists = Lists(app)
    lists.grow(4)
    few = {page: lists.cost(*page) for page in PAGES}
    lists.grow(40)
    grown = []
    for page in PAGES:
        many = lists.cost(*page)
        if len(many) > MOST and "csv" not in page[1]:
            grown.append(f"{' '.join(page)}: {len(many)} statements, at most {MOST}")
        more = Counter(many) - Counter(few[page])
        if len(many) != len(few[page]):
            grown += [" ".join(page), *(f"  {times} more: {said}" for said, times in more.items())]
    assert not grown, "\n".join(grown)


def test_a_home_reads_whose_work_it_is_along_with_the_internships(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        lan = cast.intern()
        lan_id = lan.id
    browser, costs = cast.signed_in(app, lan_id), []
    for number in (1, 4):
        for _ in range(number):
            _paid_by_transfer(app, lan_id)
        with counted(app) as said:
            assert cast.visible_text(browser.get("/home")).count("Survey of street-food prices") >= number
        costs.append(
            [statement for statement in said if re.search(r"FROM (organisation|posting) ", statement)]
        )
    assert costs == [[], []], "whose work it is comes with the internships"


def _paid_by_transfer(app: Flask, intern_id: int) -> None:
    """A match of a programme of its own that waits for the finance people of this programme."""
    with app.app_context(), unit_of_work():
        seat = cast.internship("matched", who=db.session.get_one(Person, intern_id))
        funding = funding_transfers.request(seat, actor=SYSTEM)
        lifecycle.advance(funding, "begin", actor=SYSTEM, fields={"begun_at": datetime.now(UTC)})
