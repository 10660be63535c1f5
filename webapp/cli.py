"""Commands of an installation: `flask --app wsgi …`."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import create_engine, select, text

from webapp import seeds
from webapp.accounts.actions import accounts as account_actions
from webapp.accounts.actions.accounts import Newcomer
from webapp.accounts.forms import ADDRESS
from webapp.accounts.models import Person
from webapp.core.config import Settings, driver_url
from webapp.core.database.base import db
from webapp.core.database.transactions import read_only, unit_of_work
from webapp.core.lifecycle import history
from webapp.core.lifecycle.history import SYSTEM
from webapp.core.money.amounts import QUANTA
from webapp.core.security.passwords import password_problem
from webapp.core.slice import slices
from webapp.core.web.i18n import ZONES
from webapp.organisations.actions import registration as organisation_registration
from webapp.organisations.actions.registration import Profile
from webapp.organisations.forms.rules import currency_codes
from webapp.organisations.queries import default_programme
from webapp.skills import actions as skill_actions

ROOT = Path(__file__).resolve().parent.parent


def init_cli(app: Flask) -> None:
    """Hang our commands on the app."""
    for command in (
        prepare,
        setup,
        verify_history,
        check_migrations,
    ):
        app.cli.add_command(command)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


@click.command("prepare")
def prepare() -> None:
    """Migrate the database as its owner; plant the demo world when DEMO is on and the database is empty."""
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


@click.command("setup")
@click.option("--email", prompt="Email address of the first operator")
@click.option("--name", prompt="Full name of the first operator")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
@click.option("--programme", prompt="Name of the first programme")
@click.option("--currencies", default="USD", show_default=True, help="codes with commas between")
@click.option("--zone", default="UTC", show_default=True, help="time zone of the operator and the programme")
@click.option("--locale", type=click.Choice(["en", "vi"]), default="en", show_default=True)
@with_appcontext
def setup(
    email: str, name: str, password: str, programme: str, currencies: str, zone: str, locale: str
) -> None:
    """Make the first operator and the first programme of a real installation, and its list of skills."""
    codes = _checked_setup(email, name, password, currencies, zone)
    newcomer = Newcomer(email, name, name, password, locale, zone)
    with unit_of_work():
        # Two set-ups at the same moment would make two installations in one.
        db.session.execute(text("SELECT pg_advisory_xact_lock(hashtext('stint setup'))"))
        if default_programme() is not None or db.session.scalar(select(Person.id).limit(1)) is not None:
            raise click.ClickException(
                "This installation is set up already: there are people or a programme in it."
            )
        operator = account_actions.sign_up_proved(newcomer, actor=SYSTEM)
        account_actions.make_first_operator(operator, actor=SYSTEM)
        organisation_registration.register_programme(
            Profile(name=programme, zone=zone), codes, actor=operator
        )
        skill_actions.plant()
    click.echo(
        f"{name} is the operator of this installation; sign in as {email} and invite the programme's manager."
    )


def _checked_setup(email: str, name: str, password: str, currencies: str, zone: str) -> list[str]:
    codes = currency_codes(currencies)
    problems = [
        (ADDRESS.fullmatch(email) is None, "This is no e-mail address."),
        (not name.strip(), "The operator needs a name."),
        (zone not in ZONES, f"There is no time zone {zone!r}."),
        (not codes or not set(codes) <= set(QUANTA), "One of the currencies is not supported."),
    ]
    weak = password_problem(password, email=email, name=name)
    sentences = [sentence for wrong, sentence in problems if wrong] + ([weak] if weak else [])
    if sentences:
        raise click.ClickException(" ".join(sentences))
    return codes


@click.command("verify-history")
@with_appcontext
def verify_history() -> None:
    """Read every history and fail when an entry was changed, is missing or was cut off."""
    with read_only():
        roots: list[history.Root] = [
            root
            for feature in slices()
            for model in feature.roots
            for root in db.session.scalars(select(model))
        ]
        broken = history.broken_entries(roots)
        checked = len(roots)
    for sentence in broken:
        click.echo(sentence)
    if broken:
        raise SystemExit(1)
    click.echo(f"All {checked} histories are whole.")


@click.command("check-migrations")
def check_migrations() -> None:
    """Fail when the models say something that no migration does. Needs a migrated database."""
    from alembic import command
    from alembic.config import Config

    config = Config(toml_file=str(ROOT / "pyproject.toml"))
    config.attributes.update(owner_url=_settings().database_owner_url, app_url=_settings().database_url)
    command.check(config)
