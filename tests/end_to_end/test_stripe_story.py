"""The ten steps on the Stripe rail, in Chromium, as the different people: our pages and Stripe's two."""

from __future__ import annotations

import pytest

from tests.end_to_end.browser import Axe
from tests.end_to_end.stripe_steps import AtStripe, steps_at
from tests.end_to_end.test_browser_story import BrowserStory, NewPage, _small_dark_and_vietnamese
from tests.support.application import Served, Worker
from tests.support.simulator import Simulator

KEY_PAGES = {
    "Lan Nguyễn": ("/settings/payout-method", "/earnings", "/applications/1"),
    "Oanh Owner": ("/internships/1/funding",),
    "Fay Finance": ("/finance", "/finance/payouts/1", "/finance/attempts/1", "/finance/ledger"),
    "Olu Operator": ("/operations/stripe",),
}


@pytest.mark.point(1)
@pytest.mark.point(24)
def test_the_way_on_the_stripe_rail_leads_over_both_hosted_pages(
    live_server: Served, stripe: Simulator, worker: Worker, new_page: NewPage, axe: Axe
) -> None:
    story = BrowserStory(live_server, worker, new_page, axe)
    for step in steps_at(AtStripe(story, stripe)):
        step(story)
        story.check()
    for name, paths in KEY_PAGES.items():
        _small_dark_and_vietnamese(story.people[name], paths)  # type: ignore[arg-type]
