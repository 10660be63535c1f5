"""The verbs of a board: begin the work, add, word, tick, talk about and move cards, and take a move back."""

from __future__ import annotations

from webapp.tasks.actions.cards import add, add_check, begin_work, edit, say, seed_board, tick
from webapp.tasks.actions.moves import MOVE_OF, Overtaken, move, undo
from webapp.tasks.models import Task

__all__ = [
    "MOVE_OF",
    "Overtaken",
    "Task",
    "add",
    "add_check",
    "begin_work",
    "edit",
    "move",
    "say",
    "seed_board",
    "tick",
    "undo",
]
