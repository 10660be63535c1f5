"""Connections that lay idle are tried before they are used; those in steady use are not, which saves a way there and back."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

IDLE = 2.0  # seconds; a database that was restarted meanwhile has cut all connections


def try_idle_connections(engine: Engine) -> None:
    """Let this engine's pool replace a connection that was cut while it lay idle."""

    def checked_in(_connection: Any, record: Any) -> None:
        record.info["left"] = time.monotonic()

    def checked_out(connection: Any, record: Any, _proxy: Any) -> None:
        left = record.info.get("left")
        if left is None or time.monotonic() - left < IDLE:
            return
        try:
            if not engine.dialect.do_ping(connection):
                raise DisconnectionError
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool opens another one and asks again

    event.listen(engine, "checkin", checked_in)
    event.listen(engine, "checkout", checked_out)
