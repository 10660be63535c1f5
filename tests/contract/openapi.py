"""One exchange with Stripe, held to Stripe's description: what breaks it, in sentences."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.contract import description, forms
from tests.contract.schemas import Schemas, local

Json = dict[str, Any]
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
REFUSALS = (400, 401, 402, 403, 404, 409, 424, 429)


@dataclass(frozen=True)
class Exchange:
    """What went over the wire. Names of headers in any case; `answer_headers` may be left out."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    answer: bytes
    answer_headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def header(self, name: str) -> str:
        return lower(self.headers).get(name, "")

    @property
    def refused(self) -> bool:
        return 400 <= self.status < 500


def lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


class Operation:
    """One method of one path: the schemas of its parts."""

    def __init__(self, described: Json, version: str) -> None:
        query = [each for each in described.get("parameters", ()) if each["in"] == "query"]
        self.query: Json = local(
            {
                "type": "object",
                "properties": {each["name"]: each["schema"] for each in query},
                "required": [each["name"] for each in query if each.get("required")],
                "additionalProperties": False,
            }
        )
        content: Json
        self.media: str
        self.media, content = next(
            iter(described.get("requestBody", {}).get("content", {}).items()),
            ("", {"schema": {"type": "object", "additionalProperties": False}}),
        )
        self.body: Json = local(content["schema"])
        self.answers: Json = {
            status: local(answer.get("content", {}).get(JSON, {}).get("schema", {}))
            for status, answer in described["responses"].items()
        }
        self.version = version

    @property
    def errors(self) -> set[str]:
        """The components that describe a refusal of a v2 operation."""
        return {one["$ref"] for one in self.answers["default"].get("oneOf", ())}


class Contract:
    def __init__(self, spec: Json) -> None:
        self.version: str = spec["version"]
        self.schemas = Schemas(spec["components"]["schemas"])
        self._tree: Json = {}
        self._operations: dict[int, Operation] = {}
        for path, methods in spec["paths"].items():
            branch = self._tree
            for segment in path.strip("/").split("/"):
                branch = branch.setdefault("{}" if segment.startswith("{") else segment, {})
            branch[""] = methods

    def methods(self, path: str) -> Json:
        """What the description says of a path, by method; a literal segment goes before a name's place."""

        def walk(branch: Json, segments: list[str]) -> Iterator[Json]:
            if not segments:
                if "" in branch:
                    yield branch[""]
                return
            for step in (segments[0], "{}") if segments[0] else ():
                if step in branch:
                    yield from walk(branch[step], segments[1:])

        return next(walk(self._tree, path.removeprefix("/").split("/")), {})

    def operation(self, exchange: Exchange) -> Operation | None:
        described = self.methods(exchange.path).get(exchange.method.lower())
        if described is None:
            return None
        if id(described) not in self._operations:
            self._operations[id(described)] = Operation(described, exchange.path.split("/")[1])
        return self._operations[id(described)]

    def breaches(self, exchange: Exchange) -> list[str]:
        """Everything that breaks the contract, on either side; empty when all is well."""
        return [*self.request_breaches(exchange), *self.answer_breaches(exchange)]

    # -- the request

    def request_breaches(self, exchange: Exchange) -> list[str]:
        operation = self.operation(exchange)
        if operation is None:
            return [f"{exchange.name}: Stripe has no such operation."]
        query, wrong = self._form(exchange.query, operation.query)
        body, wrong_body = self._body(exchange, operation)
        return [
            f"{exchange.name}: the request's {sentence}."
            for sentence in [
                *self._headers(exchange),
                *(f"query: {each}" for each in [*wrong, *self.schemas.refusals(query, operation.query)]),
                *(f"body: {each}" for each in wrong_body),
                *([] if wrong_body else (f"body: {e}" for e in self.schemas.refusals(body, operation.body))),
            ]
        ]

    def _headers(self, exchange: Exchange) -> Iterator[str]:
        if not exchange.header("authorization").startswith("Bearer "):
            yield "headers name no key (Authorization: Bearer ...)"
        version = exchange.header("stripe-version")
        if version and version != self.version:
            yield f"header Stripe-Version says {version}, not {self.version}"
        if len(exchange.header("idempotency-key")) > 255:
            yield "header Idempotency-Key is longer than 255 characters"

    def _form(self, text: str, schema: Json) -> tuple[Any, list[str]]:
        made, wrong = forms.nested(text)
        return forms.typed(made, schema, self.schemas.fits), wrong

    def _body(self, exchange: Exchange, operation: Operation) -> tuple[Any, list[str]]:
        if not exchange.body:
            return {}, []
        media = exchange.header("content-type").partition(";")[0]
        if operation.media and media != operation.media:
            return None, [f"it is {media or 'without a type'}, not {operation.media}"]
        try:
            text = exchange.body.decode()
            return (json.loads(text), []) if media == JSON else self._form(text, operation.body)
        except ValueError:
            return None, ["it cannot be read"]

    # -- the answer

    def answer_breaches(self, exchange: Exchange) -> list[str]:
        operation = self.operation(exchange)
        found = [*self._answer_headers(exchange)]
        try:
            answer = json.loads(exchange.answer)
        except ValueError:
            found.append("is no JSON")
        else:
            found += self._answer(exchange, operation, answer)
        return [f"{exchange.name}: the answer {exchange.status} {sentence}." for sentence in found]

    def _answer_headers(self, exchange: Exchange) -> Iterator[str]:
        if not exchange.answer_headers:
            return
        headers = lower(exchange.answer_headers)
        if not headers.get("request-id"):
            yield "has no Request-Id"
        if headers.get("content-type", "").partition(";")[0] != JSON:
            yield f"has the type {headers.get('content-type')!r}, not {JSON}"
        if "idempotent-replayed" in headers and not exchange.header("idempotency-key"):
            yield "says Idempotent-Replayed, though the request has no key"

    def _answer(self, exchange: Exchange, operation: Operation | None, answer: Any) -> list[str]:
        if exchange.status == 200 and operation:
            schema = operation.answers["200"]
            return [
                *self.schemas.refusals(answer, schema),
                *self._events(answer),
                *self._asked_for(exchange, operation, answer, schema),
            ]
        # A failure is stored and replayed like every other first answer ("Idempotent requests").
        replayed = "idempotent-replayed" in lower(exchange.answer_headers)
        if exchange.status in REFUSALS or (exchange.status == 500 and replayed):
            return self._refusal(operation, exchange, answer)
        return ["is none that Stripe gives here"]

    def _refusal(self, operation: Operation | None, exchange: Exchange, answer: Any) -> list[str]:
        general = self.schemas.components["error"]
        if operation is None or operation.version == "v1":
            return self.schemas.refusals(answer, general)
        error = answer.get("error") if isinstance(answer, dict) else None
        error = error if isinstance(error, dict) else {}
        name = f"v2.error.{error.get('code')}"
        if f"urn:stripe:{name}" not in operation.errors:
            return self.schemas.refusals(answer, general)
        # A v2 operation lists a component for each of its codes; the common fields of a refusal may stand beside.
        described = self.schemas.components[name]["properties"]["error"]["properties"]
        return self.schemas.refusals(
            {"error": {each: value for each, value in error.items() if each in described}},
            self.schemas.components[name],
        )

    def object_refusals(self, value: Any) -> list[str]:
        """An object on its own, as in an event: held to the component that its field `object` names."""
        name = value.get("object") if isinstance(value, dict) else None
        if name not in self.schemas.components:
            return [f"names an object that Stripe does not know: {name!r}"]
        return [*self.schemas.refusals(value, self.schemas.components[name]), *self._events(value)]

    def _events(self, answer: Any) -> list[str]:
        """The description leaves open what an event carries; we do not."""
        if not isinstance(answer, dict):
            return []
        listed = answer.get("data") if answer.get("object") == "list" else None
        events = listed if isinstance(listed, list) else [answer]
        return [
            f"{event.get('type')}: data.object: {sentence}"
            for event in events
            if isinstance(event, dict) and event.get("object") == "event"
            for sentence in self.object_refusals(event.get("data", {}).get("object"))
        ]

    def _asked_for(self, exchange: Exchange, operation: Operation, answer: Any, schema: Json) -> list[str]:
        """Expanded is what was asked to be, and only that."""
        asked = self._asked(exchange, operation)
        found = [
            sentence
            for way in asked.get("expand", [])
            for sentence in unexpanded(answer, way.split("."), way)
        ]
        top = self.schemas.components.get(schema.get("$ref", "").removeprefix("urn:stripe:"), {})
        for name, each in top.get("properties", {}).items():
            if (
                "x-expansionResources" in each
                and isinstance(answer, dict)
                and isinstance(answer.get(name), dict)
            ):
                if not any(way == name or way.startswith(f"{name}.") for way in asked.get("expand", [])):
                    found.append(f"has {name} expanded, though nobody asked for it")
        if isinstance(answer, dict) and answer.get("object") == "v2.core.account":
            found += unasked(answer, operation, asked.get("include", []))
        return found

    def _asked(self, exchange: Exchange, operation: Operation) -> Json:
        query, _ = self._form(exchange.query, operation.query)
        body, _ = self._body(exchange, operation)
        return {**query, **(body if isinstance(body, dict) else {})}


def unexpanded(value: Any, steps: list[str], way: str) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from unexpanded(each, steps, way)
    elif isinstance(value, dict) and steps:
        if steps[0] not in value:
            yield f"lacks {way}, which was to be expanded"
        else:
            yield from unexpanded(value[steps[0]], steps[1:], way)
    elif isinstance(value, str):
        yield f"has an id at {way}, which was to be expanded"


def unasked(account: Json, operation: Operation, include: list[str]) -> Iterator[str]:
    """A v2 account shows its larger parts only when `include` names them (Accounts v2: "Include parameter")."""
    place = operation.query["properties"].get("include") or operation.body.get("properties", {}).get(
        "include"
    )
    for name in place["items"]["enum"] if place else ():
        value: Any = account
        for step in name.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        if value is not None and name not in include:
            yield f"shows {name}, which include does not name"


@cache
def contract() -> Contract:
    """Stripe's description at our SDK's version."""
    return Contract(description.endive())
