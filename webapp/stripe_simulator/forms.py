"""What arrives on the wire: nested form names (`a[b][0]=c`) and JSON, made into plain values or refused."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from .refusals import Refused

NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)\Z")
DEEPEST = 8


def _unreadable(problem: str) -> Refused:
    return Refused(400, f"Invalid request: {problem}", code=None)


def clean(text: str) -> str:
    """Text that can be stored: no NUL, nothing that is not Unicode."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _unreadable("a text is not valid UTF-8.") from None
    if "\0" in text:
        raise Refused(400, "Invalid request: a text contains a NUL.", code="invalid_characters")
    return text


def _clean_all(value: object, depth: int = 0) -> None:
    if depth > 40:
        raise _unreadable("too deeply nested.")
    if isinstance(value, str):
        clean(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            clean(key)
            _clean_all(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _clean_all(item, depth + 1)


def from_form(raw: bytes) -> dict[str, Any]:
    """A query or a form body as nested dicts and texts; lists by number stay dicts of numbers."""
    try:
        pairs = parse_qsl(
            raw.decode(), keep_blank_values=True, max_num_fields=2000, strict_parsing=False, errors="strict"
        )
    except ValueError:
        raise _unreadable("the form cannot be read.") from None
    values: dict[str, Any] = {}
    for name, value in pairs:
        match = NAME.match(clean(name))
        if not match:
            raise _unreadable(f"the parameter name “{name[:80]}” cannot be read.")
        parts = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
        if len(parts) > DEEPEST:
            raise _unreadable("too deeply nested.")
        target = values
        for number, part in enumerate(parts[:-1]):
            inner = target.setdefault(part or str(len(target)), {})
            if not isinstance(inner, dict):
                raise _unreadable(
                    f"“{'.'.join(parts[: number + 1])[:80]}” is both a value and a set of values."
                )
            target = inner
        last = parts[-1] or str(len(target))
        if isinstance(target.get(last), dict):
            raise _unreadable(f"“{name[:80]}” is both a value and a set of values.")
        target[last] = clean(value)
    return values


def _no_constant(name: str) -> None:
    raise ValueError(name)


def from_json(raw: bytes) -> dict[str, Any]:
    """A JSON object; an empty body is an empty object."""
    if not raw.strip():
        return {}
    try:
        value = json.loads(raw.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise _unreadable("the body is not JSON.") from None
    if not isinstance(value, dict):
        raise _unreadable("the body is not a JSON object.")
    _clean_all(value)
    return value
