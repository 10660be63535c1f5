"""Whose turn it is: with one internship or sum, and everything that waits for one person."""

from __future__ import annotations

from webapp.turns.queries.parts import LIVELY, Clocks, Turn, link
from webapp.turns.queries.steps import Around, turn
from webapp.turns.queries.sums import sums_to_move
from webapp.turns.queries.waiting import applicants_waiting, drafts_and_offers, postings_to_approve

__all__ = [
    "LIVELY",
    "Around",
    "Clocks",
    "Turn",
    "applicants_waiting",
    "drafts_and_offers",
    "link",
    "postings_to_approve",
    "sums_to_move",
    "turn",
]
