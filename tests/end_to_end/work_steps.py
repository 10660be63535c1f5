"""From the board to a review that fixes the amount."""

from __future__ import annotations

from tests.end_to_end.people import Story
from tests.end_to_end.reading import internship, state
from tests.support.http import Walker
from tests.support.screen import words

REPORT = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


# 6. The board


def cards_move(story: Story) -> None:
    """A card goes on by its next step and by the Move… sheet; a new one is added."""
    intern = story.people["Lan Nguyễn"]
    intern.open(f"{internship(story)}/board")
    intern.sees("Table of prices", "One-page summary")
    intern.press("Start Table of prices")
    assert _column(intern, "doing") == ["Table of prices"]
    intern.press("Finish Table of prices")
    assert _column(intern, "done") == ["Table of prices"]
    intern.follow("Move… One-page summary")
    intern.press("Move", to="doing", before="end")
    assert _column(intern, "doing") == ["One-page summary"]
    intern.press("Add the task", title="Proofread")
    assert _column(intern, "todo") == ["Proofread"]


def _column(walker: Walker, state: str) -> list[str]:
    return [words(title) for title in walker.page.soup.select(f"#list-{state} li h3")]


# 7. The work is handed in


def work_is_handed_in(story: Story) -> None:
    """A note, a link and a file; open tasks are asked about once."""
    story.later(days=3)
    intern = story.people["Lan Nguyễn"]
    intern.open(f"{internship(story)}/submission")
    intern.press(
        "Add the files",
        note="All twelve landings.",
        links="https://example.org/table",
        files=[("ferries.pdf", REPORT)],
    )
    intern.sees("ferries.pdf")
    intern.press("Submit the work")
    intern.sees("tasks are still open")
    intern.press("Submit the work", despite_open=True)
    intern.sees("Version 1 was handed in.")
    assert state(story) == "submitted"


# 8. The review


def reviewer_asks_for_changes(story: Story) -> None:
    """Criterion by criterion; one criterion is cited, so the work goes back once."""
    story.later(days=1)
    reviewer = story.people["Ravi Reviewer"]
    reviewer.open(internship(story))
    reviewer.follow("Review the work")
    reviewer.press("Save and see the amount", level_1="4", level_2="2", level_3="2")
    # 100 guaranteed + 75 % of the 200 above it.
    reviewer.sees("$250.00")
    reviewer.press("Request changes…", cited_2=True, comment_2="Two prices are from last year.")
    reviewer.press("Request these changes")
    reviewer.sees("Changes were requested.")
    assert state(story) == "in_progress"


def intern_hands_in_again(story: Story) -> None:
    """The next version begins as a copy of the one before."""
    story.later(days=1)
    intern = story.people["Lan Nguyễn"]
    intern.open(internship(story))
    intern.follow("Hand in the work")
    intern.sees("Changes requested", "Two prices are from last year.", "ferries.pdf")
    intern.press("Submit the work", note="Prices asked again.", despite_open=True)
    intern.sees("Version 2 was handed in.")


def reviewer_approves_with_a_bonus(story: Story) -> None:
    """The amount is shown before it is fixed: 300 × the rubric, and a bonus with its reason."""
    story.later(days=1)
    reviewer = story.people["Ravi Reviewer"]
    reviewer.open(internship(story))
    reviewer.follow("Review the work")
    reviewer.press(
        "Approve…",
        level_1="4",
        level_2="4",
        level_3="2",
        bonus="25",
        bonus_reason="You went twice.",
        comment="Thank you.",
    )
    # 100 + 200 · (50 % + 30 % + 10 %) + 25.
    reviewer.sees("$305.00", "$45.00")
    reviewer.press("Approve and fix the amount")
    reviewer.sees("The work is approved.")
    assert state(story) == "reviewed"
