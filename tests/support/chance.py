"""Chance that can be had again: a test that acts at random says its seed, and takes another by `STINT_SEED`."""

from __future__ import annotations

import os
import random


def chance(usual: int) -> random.Random:
    """The dice of a test; pytest shows the printed seed with the failure."""
    seed = int(os.environ.get("STINT_SEED", usual))
    print(f"acts at random; again with STINT_SEED={seed}")
    return random.Random(seed)
