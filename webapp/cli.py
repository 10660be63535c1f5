"""Commands of an installation: `flask --app wsgi …`."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask, current_app
from sqlalchemy import create_engine, text

from webapp.core import catalogues
from webapp.core.config import Settings, driver_url

ROOT = Path(__file__).resolve().parent.parent


def init_cli(app: Flask) -> None:
    """Hang our commands on the app."""
    for command in (prepare, check_migrations, check_translations, update_translations):
        app.cli.add_command(command)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


@click.command("prepare")
def prepare() -> None:
    """Migrate the database as its owner; plant the demo world when DEMO is on and the database is empty."""
    from webapp import seeds

    migrate(_settings())
    if _settings().is_demo:
        seeds.plant_if_empty(current_app)


def migrate(settings: Settings) -> None:
    """Bring the schema to the newest revision; a database that has it already costs one query."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config(toml_file=str(ROOT / "pyproject.toml"))
    config.attributes.update(
        owner_url=settings.database_owner_url or settings.database_url, app_url=settings.database_url
    )
    head = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
    engine = create_engine(driver_url(config.attributes["owner_url"]))
    with engine.connect() as connection:
        known = connection.scalar(text("SELECT to_regclass('alembic_version')"))
        current = connection.scalar(text("SELECT version_num FROM alembic_version")) if known else None
    engine.dispose()
    if current != head:
        command.upgrade(config, "head")


@click.command("check-migrations")
def check_migrations() -> None:
    """Fail when the models say something that no migration does. Needs a migrated database."""
    from alembic import command
    from alembic.config import Config

    config = Config(toml_file=str(ROOT / "pyproject.toml"))
    config.attributes.update(owner_url=_settings().database_owner_url, app_url=_settings().database_url)
    command.check(config)


@click.command("check-translations")
def check_translations() -> None:
    """Fail when a catalogue is not complete, or not what the source says."""
    problems = catalogues.problems()
    for problem in problems:
        click.echo(problem)
    if problems:
        raise SystemExit(1)
    click.echo("The catalogues are complete.")


@click.command("update-translations")
def update_translations() -> None:
    """Draw new messages from the source into the catalogues and compile them."""
    catalogues.update()
