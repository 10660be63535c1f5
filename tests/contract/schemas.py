"""JSON Schema as Stripe's description needs it, and its refusals as sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Any, cast

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT202012

Json = dict[str, Any]
COMPONENT = "urn:stripe:"


def local(part: Any) -> Any:
    """Each component becomes a document of its own: looked up by name, not walked to."""
    if isinstance(part, dict):
        return {
            name: COMPONENT + value.rpartition("/")[2] if name == "$ref" else local(value)
            for name, value in part.items()
        }
    return [local(value) for value in part] if isinstance(part, list) else part


def whole(_: Any, value: Any) -> bool:
    """12.0 is an integer to JSON Schema, but Stripe never writes one so."""
    return isinstance(value, int) and not isinstance(value, bool)


Checker: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", whole)
)
FORMATS = FormatChecker(formats=())


@FORMATS.checks("unix-time")
def is_in_seconds(value: object) -> bool:
    return not isinstance(value, int) or 10**9 <= value < 10**10


@FORMATS.checks("date-time", raises=ValueError)
def is_an_instant(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@FORMATS.checks("currency")
def is_a_currency(value: object) -> bool:
    return not isinstance(value, str) or re.fullmatch(r"[a-z]{3}", value) is not None


class Schemas:
    """The components, and a checker for each schema, made when first asked for."""

    def __init__(self, components: Json) -> None:
        self.components: Json = local(components)
        self._checkers: dict[int, tuple[Json, Any]] = {}

    @cached_property
    def registry(self) -> Registry[Any]:
        return Registry().with_resources(
            (COMPONENT + name, DRAFT202012.create_resource(schema))
            for name, schema in self.components.items()
        )

    def checker(self, schema: Json) -> Any:
        # By identity: a schema is part of the description, which lives as long as we do.
        if id(schema) not in self._checkers:
            made = Checker(schema, registry=self.registry, format_checker=FORMATS)
            self._checkers[id(schema)] = (schema, made)
        return self._checkers[id(schema)][1]

    def fits(self, value: Any, schema: Json) -> bool:
        return next(self.checker(schema).iter_errors(value), None) is None

    def refusals(self, value: Any, schema: Json) -> list[str]:
        errors = self.checker(schema).iter_errors(value)
        # Once each: of two names that are missing, each comes as an error of its own and both are told.
        return list(dict.fromkeys(sentence for error in errors for sentence in told(error)))


def told(error: ValidationError) -> Iterable[str]:
    """What is wrong at the innermost place: of alternatives, those of the one that was meant."""
    if error.validator in ("anyOf", "oneOf") and error.context:
        meant = alternative(error.context)
        if meant:
            for inner in meant:
                yield from told(inner)
            return
    place, value, wanted = way(error), cast(Any, error.instance), cast(Any, error.validator_value)
    shown = repr(value)
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    match error.validator:
        case "additionalProperties":
            for name in sorted(set(value) - set(cast(Any, error.schema).get("properties", ()))):
                yield f"{way(error, name)} is a name that Stripe does not know"
        case "required":
            for name in wanted:
                if name not in value:
                    yield f"{way(error, name)} is missing"
        case "type":
            kinds = " or ".join([wanted] if isinstance(wanted, str) else wanted)
            yield f"{place} must be {kinds}, not {shown}"
        case "enum":
            yield f"{place} must be one of {', '.join(map(str, wanted[:12]))}, not {shown}"
        case "anyOf" | "oneOf":
            yield f"{place} fits none of the ways in which Stripe writes it: {shown}"
        case _:
            yield f"{place} breaks {error.validator} {wanted}: {shown}"


def alternative(context: Iterable[ValidationError]) -> list[ValidationError]:
    """The refusals of the one alternative that has the right kind of value and, if it says one, the right `object`."""
    by_number: dict[Any, list[ValidationError]] = {}
    for error in context:
        by_number.setdefault(error.schema_path[0], []).append(error)
    meant = [errors for errors in by_number.values() if not any(map(is_another_thing, errors))]
    return min(meant, key=len, default=[])


def is_another_thing(error: ValidationError) -> bool:
    kind = error.validator == "type" and not error.path
    return kind or (error.validator == "enum" and list(error.path) == ["object"])


def way(error: ValidationError, name: str = "") -> str:
    steps = [*error.absolute_path, *([name] if name else [])]
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".") or "the whole"
