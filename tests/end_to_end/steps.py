"""The ten steps of the way, each told as what people see and do; `tell` plays them in order."""

from __future__ import annotations

from collections.abc import Callable

from tests.end_to_end.matching_steps import (
    both_sign,
    people_arrive,
    posting_is_written,
    seat_is_offered_and_taken,
    visitor_reads_and_intern_applies,
)
from tests.end_to_end.money_steps import finance_pays, money_is_secured_and_work_starts, remainder_goes_back
from tests.end_to_end.people import Story
from tests.end_to_end.work_steps import (
    cards_move,
    intern_hands_in_again,
    reviewer_approves_with_a_bonus,
    reviewer_asks_for_changes,
    work_is_handed_in,
)


def tell(story: Story) -> None:
    """The whole way. After each step the books and the histories are checked."""
    for step in STEPS:
        step(story)
        story.check()


STEPS: tuple[Callable[[Story], None], ...] = (
    people_arrive,
    posting_is_written,
    visitor_reads_and_intern_applies,
    seat_is_offered_and_taken,
    both_sign,
    money_is_secured_and_work_starts,
    cards_move,
    work_is_handed_in,
    reviewer_asks_for_changes,
    intern_hands_in_again,
    reviewer_approves_with_a_bonus,
    finance_pays,
    remainder_goes_back,
)
