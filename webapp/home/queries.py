"""What the shell of every page shows to this person."""

from __future__ import annotations

from typing import Any


def shell() -> dict[str, Any]:
    """Context of every page: language, theme, menu, demo banner."""
    return {}
