"""How the simulator says no: one exception that carries Stripe's error envelope."""

from __future__ import annotations

from typing import Any

Body = dict[str, Any]


class Refused(Exception):
    """A request that is answered with an error of Stripe's shape."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        type: str = "invalid_request_error",  # noqa: A002 - Stripe's own word
        **details: object,
    ) -> None:
        super().__init__(message)
        self.status = status
        values = {"type": type, "code": code, "message": message, "param": param, **details}
        self.error: Body = {name: value for name, value in values.items() if value is not None}

    def body(self, version: int) -> Body:
        """v2 wants a code in every error; v1 leaves out what it has not."""
        if version == 2:
            return {"error": {"code": self.error.get("code", self.error["type"]), **self.error}}
        return {"error": self.error}


def invalid(param: str, message: str, code: str | None = None, **details: Any) -> Refused:
    """A parameter that Stripe would refuse."""
    return Refused(400, message, code=code, param=param, **details)


def missing(noun: str, id: str, *, param: str | None = None, status: int = 400) -> Refused:
    """An id that leads nowhere: 404 when it is the address, 400 when it is a parameter."""
    return Refused(status, f"No such {noun}: '{id[:80]}'", code="resource_missing", param=param or "id")


def broken() -> Refused:
    """What a client hears of a failure on our side."""
    return Refused(500, "An error of the simulator's own; the outcome is not known.", type="api_error")
