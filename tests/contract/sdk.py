"""What the installed SDK's generated type modules say, read from their text: names of parameters and fields, values."""

from __future__ import annotations

import ast
from functools import cache
from importlib.util import find_spec
from pathlib import Path


@cache
def module(name: str) -> ast.Module:
    spec = find_spec(name)
    assert spec and spec.origin, f"The SDK has no module {name}."
    return ast.parse(Path(spec.origin).read_text())


def fields(where: str) -> dict[str, str]:
    """`fields("stripe._refund:Refund.DestinationDetails")`: each field with its annotation's text."""
    name, _, way = where.partition(":")
    body = module(name).body
    for step in way.split("."):
        (found,) = (part for part in body if isinstance(part, ast.ClassDef) and part.name == step)
        body = found.body
    return {
        renamed(part.target.id): ast.unparse(part.annotation)
        for part in body
        if isinstance(part, ast.AnnAssign)
        and isinstance(part.target, ast.Name)
        and "ClassVar" not in ast.unparse(part.annotation)
    }


def renamed(field: str) -> str:
    """A word of Python's own carries an underscore in the SDK."""
    return field.removesuffix("_")


def values(where: str, field: str) -> set[str]:
    """The values that a field's annotation lists."""
    listed = texts(fields(where)[field])
    # An open enumeration is written as a forward reference: "Literal['a', 'b']|str".
    return set(next((texts(part) for part in listed if "Literal[" in part), listed))


def texts(expression: str) -> list[str]:
    nodes = ast.walk(ast.parse(expression, mode="eval"))
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
