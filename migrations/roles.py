"""Which database role the app works as, so that migrations can take rights away from it."""

from __future__ import annotations

import os
from urllib.parse import unquote, urlsplit

from alembic import context, op
from sqlalchemy import text

DEFAULT_APP_ROLE = "stint_app"


def app_role() -> str:
    """Name the role of the running app: told by env.py, else the user of DATABASE_URL, else the default."""
    told = context.config.attributes.get("app_role")
    user = urlsplit(os.environ.get("DATABASE_URL", "")).username
    return str(told or (unquote(user) if user else DEFAULT_APP_ROLE))


def quoted_app_role() -> str | None:
    """Quote the app's role for SQL; None where it does not exist or is the role that migrates.

    A role that owns the tables keeps its rights: only the triggers hold it back.
    """
    role = app_role()
    connection = op.get_bind()
    known = connection.scalar(
        text("SELECT true FROM pg_roles WHERE rolname = :role AND rolname <> current_user"), {"role": role}
    )
    return connection.dialect.identifier_preparer.quote_identifier(role) if known else None
