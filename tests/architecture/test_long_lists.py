"""A list that is longer than a page is cut, says of how many, and goes on: nothing is lost and nothing comes twice."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Select, func, select, update

from tests.support import people as cast
from tests.support.lists import Lists
from tests.support.pages import every, pages_of
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.database.pages import PAGE
from webapp.core.database.transactions import unit_of_work
from webapp.fundings.models import Funding
from webapp.internships.models import Internship
from webapp.next_steps.queries.of_payouts import of_payout
from webapp.notifications.models import Notice
from webapp.organisations.models import Invitation, Organisation
from webapp.payouts.models import Attempt, Payout
from webapp.postings.models import Posting
from webapp.stripe.models import RefusedDelivery, StripeEvent

ROWS = 52
STEP = r'class="todo-act">.*?(?:href|action)="([^"]+)"'
LISTS = {
    "expected": ("finance", "/finance", "q-expected", r"/internships/(\d+)/funding"),
    "unclear": ("finance", "/finance", "q-unclear", r"/finance/attempts/(\d+)"),
    "withdrawn": ("finance", "/finance", "q-withdrawn", r"/fundings/(\d+)"),
    "paid": ("finance", "/finance", "q-paid", r"/finance/payouts/(\d+)"),
    "due": ("finance", "/finance", "q-due", r"/finance/payouts/(\d+)"),
    "approvals": ("manager", "/postings/approvals", "", r"/postings/(\d+)/approval"),
    "employers": ("operator", "/organisations", "kind-employer", r"/organisations/(\d+)\""),
    "programmes": ("operator", "/organisations", "kind-programme", r"/organisations/(\d+)\""),
    "people": ("operator", "/people", "", r"/people/(\d+)/history"),
    "events": ("operator", "/operations/stripe", "events-title", r"evt_(\d+)<"),
    "refused": ("operator", "/operations/stripe", "refused-title", r"<code>([0-9a-f]+)…"),
    "invitations": ("owner", "/organisations/{employer}", "invite", r'action="[^"]*/invitations/(\d+)/'),
    "inbox": ("owner", "/inbox", "", r'id="notice-(\d+)"'),
    "earnings": ("intern", "/earnings", "", r'scope="row"[^>]*><a href="/internships/(\d+)"'),
}
"""By name: who reads it, where, the heading where a page has several lists, and what names one row."""


def test_lists_and_homes_count_exactly_and_show_each_row_once(app: Flask) -> None:
    lists = Lists(app)
    lists.grow(ROWS)
    with app.app_context(), unit_of_work():
        _add_what_lists_has_not(lists)
        totals = _totals(lists)
    _reads_every_page(app, lists, totals)
    _homes_show_all(app, lists)


def _reads_every_page(app: Flask, lists: Lists, totals: dict[str, int]) -> None:
    wrong = {}
    for name, (role, address, part, pattern) in LISTS.items():
        browser, address = cast.signed_in(app, lists.people[role]), address.format(**vars(lists))
        first = re.sub(r"<[^>]+>", " ", next(pages_of(browser, address, part)))
        shown = every(browser, address, pattern, part)
        assert totals[name] > PAGE, name
        if f"{PAGE} of {totals[name]} entries are shown here." not in first:
            wrong[name] = "the first page does not say of how many"
        elif not len(shown) == len(set(shown)) == totals[name]:
            wrong[name] = f"{len(shown)} shown, {len(set(shown))} different, of {totals[name]}"
    assert not wrong


def _homes_show_all(app: Flask, lists: Lists) -> None:
    """What waits for somebody goes on page by page; of what they only watch, the home says how much there is."""
    with app.test_request_context():
        finance = db.session.get_one(Person, lists.people["finance"])
        mine = [payout for payout in db.session.scalars(select(Payout)) if of_payout(payout, finance).mine]
        running = ("matched", "in_progress", "submitted", "reviewed")
        watched = _count(select(Internship).where(Internship.state.in_(running)))
        own = _count(
            select(Internship).where(
                Internship.intern_id == lists.people["intern"], Internship.state.in_(running)
            )
        )
    for role in ("finance", "manager", "owner", "intern"):
        browser = cast.signed_in(app, lists.people[role])
        steps = every(browser, "/home", STEP, "todo")
        told = re.search(r"(\d+) tasks are waiting for you", cast.visible_text(browser.get("/home")))
        assert told is not None
        assert len(steps) == int(told[1]) > PAGE, role
        if role == "finance":  # what SQL finds is what the policy lets this person do
            assert len(set(steps)) == len(steps) == len(mine)
    for role, total in (("mentor", watched), ("intern", own)):
        page = cast.visible_text(cast.signed_in(app, lists.people[role]).get("/home"))
        assert f"{PAGE} of {total} entries are shown here." in page, role


def _count(query: Select[Any]) -> int:
    return int(db.session.scalar(select(func.count()).select_from(query.subquery())) or 0)


def _totals(lists: Lists) -> dict[str, int]:
    owner, intern = lists.people["owner"], lists.people["intern"]
    paying = Internship.state.not_in(("posted", "cancelled"))
    return {
        "expected": _count(select(Funding).where(Funding.state.in_(("awaiting", "processing")))),
        "unclear": _count(select(Attempt).where(Attempt.state.in_(("sending", "unknown")))),
        "withdrawn": _count(select(Funding).where(Funding.state == "void")),
        "paid": _count(select(Payout).where(Payout.state == "paid")),
        "due": _count(select(Payout).where(Payout.state == "due")),
        "approvals": _count(select(Posting).where(Posting.state == "in_approval")),
        "employers": _count(select(Organisation).where(Organisation.org_kind == "employer")),
        "programmes": _count(select(Organisation).where(Organisation.org_kind == "programme")),
        "people": _count(select(Person)),
        "events": _count(select(StripeEvent)),
        "refused": _count(select(RefusedDelivery)),
        "invitations": _count(select(Invitation)),
        "inbox": _count(select(Notice).where(Notice.person_id == owner)),
        "earnings": _count(select(Internship).where(Internship.intern_id == intern, paying)),
    }


def _add_what_lists_has_not(lists: Lists) -> None:
    now = datetime.now(UTC)
    secured = select(Funding.id).where(Funding.state == "secured").order_by(Funding.id).limit(60)
    db.session.execute(update(Funding).where(Funding.id.in_(secured)).values(state="void"))
    db.session.execute(update(Attempt).where(Attempt.state == "sending").values(problem="key_expired"))
    release = {"approved_by_id": lists.people["finance"], "released_by_id": lists.people["second"]}
    held = update(Payout).where(Payout.state == "held")
    db.session.execute(held.values(state="paid", paid_at=now, **release))
    for number in range(60):
        # Two of one name: the order needs the id.
        cast.organisation(name=f"Baker {number // 2}")
        cast.organisation("programme", name=f"Programme {number // 2}")
        db.session.add(
            Invitation(
                organisation_id=lists.employer,
                email=f"somebody{number}@example.org",
                role="reviewer",
                token_hash=number.to_bytes(32, "big"),
                invited_by_id=lists.people["owner"],
                invited_at=now,
                expires_at=now + timedelta(days=7),
            )
        )
        db.session.add(
            RefusedDelivery(
                destination="platform", reason="signature", sha256=f"{number:016x}{0:048x}", size=1
            )
        )
    db.session.flush()
