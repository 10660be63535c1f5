"""What somebody may see of boards of tasks: the cards, what is beside them, and what the live stream asks."""

from __future__ import annotations

from webapp.tasks.queries.beside import (
    LIMITED,
    PastBoard,
    board_to_copy,
    cards_to_copy,
    file_for_viewer,
    limits_of,
    may_copy_from,
    past_boards,
)
from webapp.tasks.queries.boards import (
    Shown,
    blocked_counts,
    blocked_on,
    board_for_viewer,
    check_for_viewer,
    counts,
    due_at,
    first_cards,
    for_viewer,
    lane,
    mentioned,
    move_of,
    open_count,
    own_lane,
    people_to_wait_for,
    shown,
    targets,
    today_of,
)
from webapp.tasks.queries.live import (
    SOURCES,
    newest_of_own,
)

__all__ = [
    "LIMITED",
    "SOURCES",
    "PastBoard",
    "Shown",
    "blocked_counts",
    "blocked_on",
    "board_for_viewer",
    "board_to_copy",
    "cards_to_copy",
    "check_for_viewer",
    "counts",
    "due_at",
    "file_for_viewer",
    "first_cards",
    "for_viewer",
    "lane",
    "limits_of",
    "may_copy_from",
    "mentioned",
    "move_of",
    "newest_of_own",
    "open_count",
    "own_lane",
    "past_boards",
    "people_to_wait_for",
    "shown",
    "targets",
    "today_of",
]
