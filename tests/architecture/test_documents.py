"""What the documents say is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask

from webapp.core.config import settings_table
from webapp.core.security import access
from workflows import LAWS, diagram

ROOT = Path(__file__).resolve().parents[2]


def test_the_readme_has_every_setting_once_and_no_other() -> None:
    readme = (ROOT / "README.md").read_text()
    for variable, default, meaning in settings_table():
        shown = f"`{default}`" if default else "–"
        assert f"| `{variable}` | {shown} | {meaning} |" in readme, variable
    section = readme.split("## Settings")[1].split("## ")[0]
    assert len(re.findall(r"^\| `", section, re.MULTILINE)) == len(settings_table())


def test_the_readme_draws_every_machine_as_it_is() -> None:
    readme = (ROOT / "README.md").read_text()
    for law in LAWS.values():
        assert diagram(law) in readme, law.name


def test_urls_are_read_or_posted_and_nothing_else(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        assert methods in ({"GET"}, {"POST"}), f"{rule}: {methods}"


def test_every_endpoint_declares_who_may_use_it(app: Flask) -> None:
    assert all(access.of_endpoint(app, rule.endpoint) for rule in app.url_map.iter_rules())
