"""A list costs the same number of statements however long it is: every page is read with 4 and with 40 rows.

A new page that lists something is a line in `PAGES`; what it lists is a row in tests/support/lists.
"""

from __future__ import annotations

from collections import Counter

from flask import Flask

from tests.support.lists import Lists

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
        more = Counter(many) - Counter(few[page])
        if len(many) != len(few[page]):
            grown += [" ".join(page), *(f"  {times} more: {said}" for said, times in more.items())]
    assert not grown, "\n".join(grown)
