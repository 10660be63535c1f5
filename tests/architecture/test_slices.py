"""Features are declared by themselves: nothing below them, and no central file, knows what they are."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Blueprint, Flask

from webapp.app import create_app
from webapp.core.lifecycle.guards import Guard
from webapp.core.security import access
from webapp.core.security.rate_limits import Limit
from webapp.core.slice import Labels, MenuEntry, Slice, Slices, Tab
from webapp.core.web.labels import state_label
from webapp.slices import SLICES
from workflows import LAWS

ROOT = Path(__file__).resolve().parents[2]
NAMES = [one.name for one in SLICES]
KINDS = set(LAWS)
CENTRAL = sorted(
    [
        *(ROOT / "webapp" / "core").rglob("*.py"),
        *(ROOT / "webapp" / "notifications").glob("*.py"),
        ROOT / "webapp" / "app.py",
        ROOT / "webapp" / "worker.py",
    ]
)
# The settings of an installation are one list; the styleguide shows made-up pages; Stripe rounds a payout otherwise.
KNOW_A_NOUN = {"config.py", "styleguide.py", "currencies.py", "amounts.py"}
# Moves of the law that no feature guards yet, and the issue that will reach them.
NOT_REACHED = {
    "internship.abandon": "takeover and silence of an intern",
    "internship.conclude": "disputes",
    "internship.freeze": "disputes",
    "internship.unfreeze": "disputes",
    "funding.charge_back": "issue 14, money that survives",
    "funding.win_back": "issue 14, money that survives",
    "payout.cancel": "issue 14, money that survives",
    "payout.reverse": "issue 14, money that survives",
}


@pytest.mark.parametrize("path", CENTRAL, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_all_features_stand_on_names_none_of_them(path: Path) -> None:
    own = path.parent.name if path.parent.name in NAMES else ""
    nouns = {*NAMES, *KINDS} - {own}
    tree = ast.parse(path.read_text())
    told = {found.value for body in ast.walk(tree) if (found := _docstring(body)) is not None}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("webapp."):
            below = {"core", "slices", own, *NAMES[: NAMES.index(own)]} if own else {"core", "slices", "app"}
            assert (node.module or "").split(".")[1] in below, f"{path}:{node.lineno} imports a feature"
        if path.name not in KNOW_A_NOUN and isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node.value in told:
                continue
            if node.value.startswith("application/"):  # a media type
                continue
            first = re.split(r"[./]", node.value)[0]
            assert first not in nouns, f"{path}:{node.lineno} names a feature: {node.value!r}"


def _docstring(node: ast.AST) -> ast.Constant | None:
    body = getattr(node, "body", None)
    first = body[0] if isinstance(body, list) and body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return first.value
    return None


def test_the_list_of_features_is_the_list_of_folders() -> None:
    others = {"core", "launcher", "seeds", "stripe_simulator", "__pycache__"}
    folders = {path.name for path in (ROOT / "webapp").iterdir() if path.is_dir()} - others
    assert set(NAMES) == folders


def test_every_feature_says_in_a_paragraph_what_it_owns() -> None:
    for name in NAMES:
        text = ast.get_docstring(ast.parse((ROOT / "webapp" / name / "__init__.py").read_text()))
        assert text and len(text.split()) > 12, f"webapp/{name}/__init__.py"


def test_every_move_of_the_law_has_one_guard_or_is_known_to_wait() -> None:
    guards = Slices(SLICES).guards
    without = {
        f"{kind}.{move}"
        for kind, law in LAWS.items()
        for move in law.moves
        if move not in guards.get(kind, {})
    }
    assert without == set(NOT_REACHED)
    for kind, moves in guards.items():
        assert set(moves) <= set(LAWS[kind].moves), f"{kind} has a guard of a move that its law does not know"


def test_two_guards_of_one_move_are_refused() -> None:
    twice = Slice("twice", guards={"payout": {"approve": Guard(lambda actor, row: True)}})
    with pytest.raises(ValueError, match=r"payout\.approve"):
        _ = Slices((*SLICES, twice)).guards


def test_two_features_that_name_the_same_thing_are_refused() -> None:
    twice = Slice(
        "twice", labels=Labels(states={"payout": {"due": "Due"}}, reasons={"sign": "Nobody signed."})
    )
    slices = Slices((*SLICES, twice))
    for labels in ("states", "reasons"):
        with pytest.raises(ValueError, match=f"twice declares {labels}"):
            getattr(slices, labels)


def test_a_new_feature_is_one_manifest_and_one_name(app: Flask) -> None:
    pages = Blueprint("pets", __name__)

    @pages.get("/pets")
    @access.allow(may=access.anyone, public=True)
    def mine() -> str:
        return f"Rex is {state_label('pet', 'asleep')}."

    pets = Slice(
        "pets",
        blueprints=(pages,),
        labels=Labels(states={"pet": {"asleep": "asleep"}}),
        notices={"pet_woke": ("Rex woke", "Rex woke up at %(when)s.")},
        menu={"visitor": (MenuEntry("Pets", "pets.mine"),)},
        tabs={"pet": (Tab("Food", lambda pet: f"/pets/{pet.name}/food"), Tab("Toys", lambda _: None))},
    )
    grown = create_app(app.extensions["settings"], (*SLICES, pets))
    browser = grown.test_client()
    assert browser.get("/pets").get_data(as_text=True) == "Rex is asleep."
    assert 'href="/pets"' in browser.get("/help").get_data(as_text=True)
    rex = SimpleNamespace(kind="pet", name="rex")
    assert grown.extensions["slices"].tabs_of(rex) == [("Food", "/pets/rex/food")]
    assert "pet_woke" in grown.extensions["slices"].notices
    assert app.test_client().get("/pets").status_code == 404


def test_a_feature_declares_every_limit_that_it_counts() -> None:
    for feature in SLICES:
        policy = ROOT / "webapp" / feature.name / "policy.py"
        module = import_module(f"webapp.{feature.name}.policy") if policy.exists() else None
        counted = {value for value in vars(module).values() if isinstance(value, Limit)} if module else set()
        assert counted == set(feature.limits), f"webapp/{feature.name}/slice.py"


def test_the_app_does_not_start_with_two_limits_of_one_name(app: Flask) -> None:
    twice = Slice("twice", limits=(Limit("invitations", 1, timedelta(days=1)),))
    with pytest.raises(ValueError, match="invitations"):
        create_app(app.extensions["settings"], (*SLICES, twice))


def test_each_module_has_one_alias_outside_its_feature() -> None:
    aliases: dict[str, set[str]] = {}
    for path in sorted([*ROOT.glob("webapp/**/*.py"), *ROOT.glob("tests/**/*.py")]):
        own = path.relative_to(ROOT).parts[1] if path.is_relative_to(ROOT / "webapp") else ""
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("webapp."):
                continue
            parts = (node.module or "").split(".")
            if parts[1] not in NAMES or parts[1] == own:
                continue
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                if (ROOT / Path(*module.split("."))).with_suffix(".py").exists():
                    aliases.setdefault(module, set()).add(alias.asname or alias.name)
    several = {module: sorted(names) for module, names in aliases.items() if len(names) > 1}
    assert not several
