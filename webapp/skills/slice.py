"""What the app and the worker need to know of skills."""

from __future__ import annotations

from webapp.core.slice import Slice

SLICE = Slice(
    "skills",
)
