"""The machines draw themselves, and the pages that show the drawings are in step."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from workflows import LAWS, diagram
from workflows.machine import Law

ROOT = Path(__file__).parents[2]
SHOWN = re.compile(r"<!-- diagram:(\w+) -->.*?<!-- /diagram -->", re.DOTALL)


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_a_drawing_shows_every_move_and_nothing_else(law: Law) -> None:
    head, *lines = [line.strip() for line in law.mermaid().splitlines()]
    drawn = {
        (path, name)
        for path, _, names in (line.partition(": ") for line in lines)
        for name in names.split(" | ")
    }
    moves = {(f"{state} --> {m.target}", m.name) for m in law.moves.values() for state in m.sources}
    ends = {(f"{state} --> [*]", "") for state in law.terminal}
    assert head == "stateDiagram-v2"
    assert drawn == {(f"[*] --> {law.initial}", "")} | moves | ends


def test_the_module_prints_every_diagram_as_the_pages_show_it() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "workflows"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert [found[0] for found in SHOWN.finditer(printed)] == [diagram(law) for law in LAWS.values()]


def test_a_page_is_drawn_as_the_machines_are_now(tmp_path: Path) -> None:
    law = next(iter(LAWS.values()))
    page = tmp_path / "page.md"
    page.write_text(f"before\n<!-- diagram:{law.name} -->\nold\n<!-- /diagram -->\nafter\n", encoding="utf-8")
    subprocess.run([sys.executable, "-m", "workflows", str(page)], cwd=ROOT, check=True)
    assert page.read_text(encoding="utf-8") == f"before\n{diagram(law)}\nafter\n"


def test_every_page_at_the_root_shows_the_diagrams_of_today() -> None:
    for page in sorted(ROOT.glob("*.md")):
        shown = {found[1]: found[0] for found in SHOWN.finditer(page.read_text(encoding="utf-8"))}
        today = {name: diagram(LAWS[name]) for name in shown}
        assert shown == today, f"{page.name} is out of step; `make fix` draws it"
