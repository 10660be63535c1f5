"""Alembic's entry: migrations run as the role that owns the schema."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote, urlsplit

from alembic import context
from sqlalchemy import create_engine, pool, text

from webapp.core.config import driver_url
from webapp.core.database.base import Base

ROOT = Path(__file__).resolve().parent.parent
for models in sorted(ROOT.glob("webapp/*/models.py")):
    import_module(f"webapp.{models.parent.name}.models")
for module in (
    "database.clock",
    "database.installation",
    "lifecycle.deadlines",
    "lifecycle.history",
    "mail.sending",
    "security.idempotency",
    "security.rate_limits",
    "security.sessions",
    "web.form_rescue",
):
    import_module(f"webapp.core.{module}")

OWNER = os.environ.get("DATABASE_OWNER_URL") or os.environ.get("DATABASE_URL", "")
APP = os.environ.get("DATABASE_URL", "")


def ours(name: str | None, kind: str, parent: object) -> bool:
    """Leave procrastinate's tables alone: its own SQL makes them."""
    return not (name or "").startswith("procrastinate")


def run() -> None:
    """Migrate. A lock or statement that takes too long fails the release instead of stopping the app."""
    owner = context.config.attributes.get("owner_url", OWNER)
    app_user = urlsplit(context.config.attributes.get("app_url", APP)).username
    context.config.attributes.setdefault("app_role", unquote(app_user) if app_user else "stint_app")
    engine = create_engine(driver_url(owner), poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text("SET lock_timeout = '4s'"))
        connection.execute(text("SET statement_timeout = '60s'"))
        connection.execute(text("SET timezone = 'UTC'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_name=lambda name, kind, parent: ours(name, kind, parent),
            compare_type=True,
            compare_server_default=False,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
