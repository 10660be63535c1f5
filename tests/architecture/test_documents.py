"""What the documents say is what the code does."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
from flask import Flask

import dev
from tests.architecture.test_language import BETTER
from webapp.core.config import settings_table
from webapp.core.security import access
from webapp.core.web.catalogues import extract
from webapp.seeds.briefs import BRIEFS
from webapp.seeds.people import DEMO_ROLES, EMPLOYERS_PEOPLE, INTERNS, STAFF
from workflows import LAWS, diagram

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
TOP = ("webapp/", "workflows/", "templates/", "static/", "migrations/", "tests/")
EXAMPLE = re.compile(r"\(`(tests/[\w/]+\.py)`\):\n\n```python\n(.*?)```", re.DOTALL)


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def section(document: str, title: str) -> str:
    """What a document says under one heading."""
    return read(document).split(f"\n## {title}\n")[1].split("\n## ")[0]


def prose(document: str) -> str:
    """A document without its code, and without the name that the settings give the simulator."""
    return re.sub(r"```.*?```|`[^`]*`|stand-in", "", read(document), flags=re.DOTALL)


def test_the_readme_has_every_setting_once_and_no_other() -> None:
    table = section("README.md", "Settings")
    for variable, default, meaning in settings_table():
        shown = f"`{default}`" if default else "–"
        assert f"| `{variable}` | {shown} | {meaning} |" in table, variable
    assert len(re.findall(r"^\| `", table, re.MULTILINE)) == len(settings_table())


def test_the_readme_has_every_make_target_once_and_no_other() -> None:
    words = re.findall(r"^\| `([\w-]+)` \|", section("README.md", "Make targets"), re.MULTILINE)
    assert words == list(dev.COMMANDS)


def test_the_tour_names_people_postings_and_buttons_as_they_are_on_screen() -> None:
    tour = section("README.md", "A tour in five minutes")
    one_click = {
        one.full_name for one in (*INTERNS, *STAFF, *EMPLOYERS_PEOPLE) if one.key in DEMO_ROLES.values()
    }
    assert set(re.findall(r"\*\*(.+?)\*\*", tour)) <= one_click
    assert ">Pay by card<" in read("templates/stripe_simulator/pay.html")
    on_screen = {str(message.id) for message in extract()} | {"English", "Pay by card"}
    pressed = {" ".join(words.split()) for words in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", tour)}
    assert pressed <= on_screen, pressed - on_screen
    told = {brief.title for brief in BRIEFS} | {title for brief in BRIEFS for title, _ in brief.deliverables}
    told |= {level for brief in BRIEFS for _, _, levels in brief.criteria for level in levels}
    quoted = {" ".join(words.split()) for words in re.findall(r"“(.+?)”", tour, re.DOTALL)}
    assert quoted <= told | on_screen, quoted - told - on_screen


def test_the_architecture_draws_every_machine_as_it_is() -> None:
    for law in LAWS.values():
        assert diagram(law) in read("ARCHITECTURE.md"), law.name


def test_the_decisions_are_numbered_without_gaps() -> None:
    numbers = re.findall(r"^\*\*(\d+)\. ", section("ARCHITECTURE.md", "Decisions"), re.MULTILINE)
    assert [int(number) for number in numbers] == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_that_a_document_names_exists(document: str) -> None:
    for name in re.findall(r"`([\w./-]+)`|\]\(([\w./-]+)", read(document)):
        path = (name[0] or name[1]).rstrip("/")
        if path.startswith(TOP) or path.endswith((".md", ".toml", ".lock", ".yaml")):
            assert (ROOT / path).exists(), f"{document}: {path}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_module_that_a_document_names_exists(document: str) -> None:
    for name in re.findall(r"(?:\bpython:|`|-m )((?:webapp|workflows)(?:\.\w+)*)", read(document)):
        import_module(name)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_is_plain_english(document: str) -> None:
    said = prose(document)
    faults = [
        f"“{found.group(0)}”; write: {better}"
        for pattern, better in BETTER.items()
        for found in re.finditer(pattern, said, re.IGNORECASE)
    ]
    assert not faults, faults


def test_each_example_in_contributing_is_the_test_it_names() -> None:
    text = read("CONTRIBUTING.md")
    examples = EXAMPLE.findall(text)
    assert len(examples) == text.count("```python") == 3
    for path, code in examples:
        assert code == read(path), f"CONTRIBUTING.md shows {path} as it no longer is"


def test_urls_are_read_or_posted_and_nothing_else(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        assert methods in ({"GET"}, {"POST"}), f"{rule}: {methods}"


def test_every_endpoint_declares_who_may_use_it(app: Flask) -> None:
    assert all(access.of_endpoint(app, rule.endpoint) for rule in app.url_map.iter_rules())
