"""The sections of a draft: good input for each, and where it is sent."""

from __future__ import annotations

from tests.postings.conftest import Read, World, day

LEVELS = {f"level_{level}_{row}": f"Level {level}" for row in range(3) for level in range(5)}
GOOD: dict[str, dict[str, str]] = {
    "brief": {"title": "Another title", "brief": "What needs doing."},
    "deliverables": {"title_0": "A table", "detail_0": "", "title_1": "A page", "detail_1": "Short"},
    "rubric": {
        "title_0": "Whole",
        "weight_0": "33.33",
        "title_1": "Right",
        "weight_1": "33.33",
        "title_2": "Clear",
        "weight_2": "33.34",
        **LEVELS,
    },
    "pay": {"currency": "USD", "hours": "10", "base": "200.00", "guaranteed": "50", "bonus_pot": "25"},
    "dates": {"seats": "3", "starts_on": day(3), "ends_on": day(20)},
    "place": {"place_kind": "hybrid", "place": "Quận 5"},
    "ai-policy": {"ai_policy": "free", "ai_note": "Any tool."},
    "questions": {"text_0": "Which stalls do you know?"},
}


def address(world: World, section: str) -> str:
    return f"/postings/{world.posting}/draft/{section}"


def version(read: Read, world: World) -> str:
    return str(read(world.posting)["version"])
