"""The words for states, moves and reasons: history and notices hold codes; the features' labels say what they mean."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _

from webapp.core.lifecycle.history import HistoryEntry
from webapp.core.slice import slices


def reason_label(code: str) -> str:
    """The sentence for a reason, in the reader's language. Raises KeyError for a code that no feature declares."""
    return str(slices().reasons[code])


def state_label(kind: str, state: str) -> str:
    """The word for a state, in the reader's language. Raises KeyError for a state that no feature declares."""
    return str(slices().states[kind][state])


def history_sentence(entry: HistoryEntry, name_of: Callable[[int], str]) -> str:
    """What happened, as a sentence; `name_of` gives the name this reader may see for a person's id."""
    who = name_of(entry.actor_id) if entry.actor_id is not None else _("Stint")
    sentences = slices().history
    sentence = (
        sentences.get(f"{entry.subject_kind}.{entry.move}") or sentences[f"{entry.root_kind}.{entry.move}"]
    )
    return str(sentence % {**entry.params, "who": who})
