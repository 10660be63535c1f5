"""Stripe's v1 requests are forms: `line_items[0][price_data][unit_amount]=1200`. Un-nested, and read by their schema."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

Json = dict[str, Any]
NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
WHOLE = re.compile(r"-?\d+")
DECIMAL = re.compile(r"-?\d+(\.\d+)?")


def nested(text: str) -> tuple[Json, list[str]]:
    """The form as objects of texts (lists are objects numbered from 0), and what cannot be read of it."""
    made: Json = {}
    wrong = []
    for name, value in parse_qsl(text, keep_blank_values=True):
        found = NAME.fullmatch(name)
        if not found:
            wrong.append(f"the name {name!r} has no form that Stripe reads")
            continue
        *way, last = [found[1], *re.findall(r"\[([^\[\]]*)\]", found[2])]
        place: Any = made
        for step in way:
            place = place.setdefault(step or str(len(place)), {})
            if not isinstance(place, dict):
                break
        if not isinstance(place, dict) or (last and last in place):
            wrong.append(f"{name!r} is given twice, in ways that do not go together")
            continue
        place[last or str(len(place))] = value
    return made, wrong


def typed(value: Any, schema: Json, fits: Callable[[Any, Json], bool]) -> Any:
    """The value as its schema means it; what cannot be read so stays text, and the schema will refuse it."""
    if "anyOf" in schema:
        ways = [typed(value, one, fits) for one in schema["anyOf"]]
        fitting = (made for made, one in zip(ways, schema["anyOf"], strict=True) if fits(made, one))
        return next(fitting, next((made for made in ways if made is not value), value))
    kind = schema.get("type")
    if isinstance(value, str):
        return scalar(value, kind)
    if kind == "array" and all(WHOLE.fullmatch(name) for name in value):
        items = schema.get("items", {})
        return [typed(value[name], items, fits) for name in sorted(value, key=int)]
    known, others = schema.get("properties", {}), schema.get("additionalProperties", {})
    others = others if isinstance(others, dict) else {}
    return {
        name: typed(part, known.get(name, others), fits)
        for name, part in value.items()
        # An empty value unsets an object or a list, so it is the same as an empty one.
        if not (part == "" and known.get(name, {}).get("type") in ("object", "array"))
    }


def scalar(text: str, kind: str | None) -> Any:
    if kind == "integer" and WHOLE.fullmatch(text):
        return int(text)
    if kind == "number" and DECIMAL.fullmatch(text):
        return float(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text
