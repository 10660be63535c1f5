"""The world that these tests look at."""

from __future__ import annotations

from tests.access.doors import doors, matrix_world

__all__ = ["doors", "matrix_world"]
