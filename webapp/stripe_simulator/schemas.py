"""What a parameter may look like: small checkers that refuse a value as Stripe does, before anything is done."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from .refusals import invalid

INTEGER = re.compile(r"-?[0-9]{1,15}\Z")


class Shape:
    """Checks one value; form values come as text, JSON values as what they are."""

    def take(self, value: object, name: str) -> object:
        raise NotImplementedError


@dataclass(frozen=True)
class Text(Shape):
    """A text; `choices` closes it, `empty` lets "" through (Stripe's way to unset)."""

    most: int = 5000
    choices: Sequence[str] = ()
    empty: bool = False

    def take(self, value: object, name: str) -> str:
        if not isinstance(value, str):
            raise invalid(name, f"Invalid string: {str(value)[:80]}")
        if not value and not self.empty:
            raise invalid(name, f"You passed an empty string for '{name}'.", code="parameter_invalid_empty")
        if len(value) > self.most:
            raise invalid(name, f"Invalid string: {value[:20]}...; must be at most {self.most} characters.")
        if self.choices and value not in self.choices:
            raise invalid(name, f"Invalid {name}: must be one of {', '.join(self.choices)}.")
        return value


@dataclass(frozen=True)
class Address(Shape):
    """A web address with a host. Braces stay: Stripe fills in {CHECKOUT_SESSION_ID}."""

    def take(self, value: object, name: str) -> str:
        text = Text().take(value, name)
        try:
            parts = urlsplit(text)
            port, host = parts.port, parts.hostname or ""
        except ValueError:
            port, host = None, ""
        proper = parts.scheme in ("http", "https") if host else False
        if not proper or port == 0 or not re.fullmatch(r"[a-z0-9.:-]+", host) or re.search(r"[\s\\]", text):
            raise invalid(name, "Not a valid URL", code="url_invalid")
        return text


@dataclass(frozen=True)
class Whole(Shape):
    """An integer, strictly: no decimals, no spaces, no plus sign."""

    least: int = -(10**15)
    most: int = 10**15

    def take(self, value: object, name: str) -> int:
        if isinstance(value, str) and INTEGER.match(value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise invalid(name, f"Invalid integer: {str(value)[:80]}", code="parameter_invalid_integer")
        if not self.least <= value <= self.most:
            limit = (
                f"greater than or equal to {self.least}"
                if value < self.least
                else f"less than or equal to {self.most}"
            )
            raise invalid(name, f"This value must be {limit}.", code="parameter_invalid_integer")
        return value


@dataclass(frozen=True)
class Moment(Shape):
    """An instant as v2 writes it; answers seconds."""

    def take(self, value: object, name: str) -> float:
        try:
            return datetime.fromisoformat(Text(40).take(value, name)).astimezone(UTC).timestamp()
        except (ValueError, OverflowError):
            raise invalid(name, "Invalid timestamp: use RFC 3339, as in 2026-01-31T12:00:00Z.") from None


@dataclass(frozen=True)
class Flag(Shape):
    """true or false."""

    def take(self, value: object, name: str) -> bool:
        if value in (True, "true"):
            return True
        if value in (False, "false"):
            return False
        raise invalid(name, f"Invalid boolean: {str(value)[:80]}")


@dataclass(frozen=True)
class Metadata(Shape):
    """Up to 50 keys of up to 40 characters with values of up to 500. In forms "" removes all, or one key."""

    form: bool = True

    def take(self, value: object, name: str) -> dict[str, str]:
        if value == "" and self.form:
            return {}
        if not isinstance(value, dict):
            raise invalid(name, "Invalid object: metadata is a set of key-value pairs.")
        if len(value) > 50:
            raise invalid(name, "Metadata can have up to 50 keys.")
        for key, item in value.items():
            if len(key) > 40:
                raise invalid(f"{name}[{key[:60]}]", "Metadata keys can have up to 40 characters.")
            if item is not None and not isinstance(item, str):
                raise invalid(f"{name}[{key}]", "Metadata values must be strings.")
            if item is not None and len(item) > 500:
                raise invalid(f"{name}[{key}]", "Metadata values can have up to 500 characters.")
        return {key: item or "" for key, item in value.items()}


@dataclass(frozen=True)
class Items(Shape):
    """A list of things of one shape."""

    of: Shape
    most: int = 100

    def take(self, value: object, name: str) -> list[Any]:
        if isinstance(value, dict) and all(key.isdecimal() for key in value):
            value = [value[key] for key in sorted(value, key=int)]
        if not isinstance(value, list):
            raise invalid(name, "Invalid array")
        if len(value) > self.most:
            raise invalid(name, f"Array must have at most {self.most} entries.")
        return [self.of.take(item, f"{name}[{number}]") for number, item in enumerate(value)]


@dataclass(frozen=True)
class Either(Shape):
    """A plain value, or a set of named ones."""

    plain: Shape
    named: Shape

    def take(self, value: object, name: str) -> object:
        return (self.named if isinstance(value, dict) else self.plain).take(value, name)


@dataclass(frozen=True)
class Fields(Shape):
    """Named values; a name that is not listed is refused."""

    of: Mapping[str, Shape] = field(default_factory=dict)
    needed: Sequence[str] = ()

    def take(self, value: object, name: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise invalid(name, "Invalid object")

        def full(part: str) -> str:
            return f"{name}[{part}]" if name else part

        for part in value:
            if part not in self.of:
                shown = full(part)[:200]
                raise invalid(shown, f"Received unknown parameter: {shown}", code="parameter_unknown")
        for part in self.needed:
            if value.get(part) is None:
                raise invalid(full(part), f"Missing required param: {full(part)}.", code="parameter_missing")
        return {
            part: self.of[part].take(item, full(part)) for part, item in value.items() if item is not None
        }


INSTANTS = Either(Whole(0), Fields({"gt": Whole(0), "gte": Whole(0), "lt": Whole(0), "lte": Whole(0)}))
EXPAND = Items(Text())
PAGES: dict[str, Shape] = {
    "limit": Whole(1, 100),
    "starting_after": Text(),
    "ending_before": Text(),
    "expand": EXPAND,
}
