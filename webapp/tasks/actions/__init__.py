"""The verbs of a board: begin the work, add, word, tick, talk about and move cards, and take a move back."""

from __future__ import annotations

from webapp.tasks.actions.cards import add, add_check, begin_work, edit, say, seed_board, tick
from webapp.tasks.actions.files import MOST_FILES, add_files, remove_file
from webapp.tasks.actions.limits import set_limits
from webapp.tasks.actions.moves import MOVE_OF, Overtaken, move, undo
from webapp.tasks.actions.templates import copy_cards
from webapp.tasks.models import Task

__all__ = [
    "MOST_FILES",
    "MOVE_OF",
    "Overtaken",
    "Task",
    "add",
    "add_check",
    "add_files",
    "begin_work",
    "copy_cards",
    "edit",
    "move",
    "remove_file",
    "say",
    "seed_board",
    "set_limits",
    "tick",
    "undo",
]
