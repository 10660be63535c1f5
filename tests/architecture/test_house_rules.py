"""The house rules of HOUSE.md, as tests that print their reason."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SLICE_FILES = {
    "__init__", "slice", "routes", "webhooks", "jobs", "checks", "forms", "actions", "guards", "policy", "queries",
    "labels", "notices", "mails", "models", "gateway", "files",
}  # fmt: skip
CODE = sorted([*ROOT.glob("webapp/**/*.py"), *ROOT.glob("workflows/*.py")])
SLICES = sorted(
    p
    for p in (ROOT / "webapp").iterdir()
    if p.is_dir() and p.name not in ("core", "launcher", "seeds", "stripe_simulator", "__pycache__")
)
TEMPLATES = sorted(ROOT.glob("templates/**/*.html"))
# Verbs of nobody whom we know yet, or of a provider, the clock and the machines themselves.
NOBODY_ACTS = {
    "ask_reset", "authenticate", "confirm", "new_link", "reset", "use_link", "void_links",
    "arm_unfilled", "close_if_full", "finish_if_answered", "schedule_poll", "settle_open", "update_account",
    "asked_since", "plant", "prune", "refuse", "store_event", "store_polled",
}  # fmt: skip
# Columns called `state` of rows that are no thing of a machine: clocks, mails, attempts of a transfer.
OWN_STATES = {
    "webapp/core/lifecycle/deadlines.py",
    "webapp/core/mail/sending.py",
    "webapp/payouts/actions/sending.py",
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls(path: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted end of the callee) of every call of a module."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.lineno, node.func.attr
            elif isinstance(node.func, ast.Name):
                yield node.lineno, node.func.id


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_only_the_unit_of_work_commits() -> None:
    commits = {name_of(p) for p in CODE for _, name in calls(p) if name == "commit"}
    assert commits == {"webapp/core/database/transactions.py"}, (
        "one request or job is one transaction; nobody else commits"
    )


def test_only_the_door_writes_a_state() -> None:
    writers = set()
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text())):
            targets = (
                node.targets
                if isinstance(node, ast.Assign)
                else [node.target]
                if isinstance(node, ast.AugAssign)
                else []
            )
            for target in targets:
                for part in target.elts if isinstance(target, ast.Tuple) else [target]:
                    if isinstance(part, ast.Attribute) and part.attr == "state":
                        writers.add(name_of(path))
    assert writers <= OWN_STATES | {"webapp/core/lifecycle/transitions.py", "workflows/machine.py"}, (
        "states move through lifecycle.advance"
    )


def test_an_attempt_is_the_only_state_that_payments_write() -> None:
    tree = ast.parse((ROOT / "webapp/payouts/actions/sending.py").read_text())
    owners = {
        ast.unparse(part.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        for part in (target.elts if isinstance(target, ast.Tuple) else [target])
        if isinstance(part, ast.Attribute) and part.attr == "state"
    }
    assert owners <= {"attempt"}


def test_machines_are_made_in_one_place() -> None:
    makers = {name_of(p) for p in CODE for _, name in calls(p) if name in ("Machine", "GraphMachine")}
    assert makers == {"workflows/machine.py"}, "one machine a kind of thing, never one a row"


@pytest.mark.parametrize(
    "path", sorted([*ROOT.glob("webapp/*/actions.py"), *ROOT.glob("webapp/*/actions/*.py")]), ids=name_of
)
def test_actions_take_the_actor_by_keyword_and_say_their_sentence(path: Path) -> None:
    for node in ast.parse(path.read_text()).body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        assert ast.get_docstring(node), f"{node.name}: the first line is the business sentence"
        named = {argument.arg for argument in node.args.kwonlyargs}
        if "actor" in named:
            used = any(
                isinstance(part, ast.Name) and part.id == "actor"
                for line in node.body
                for part in ast.walk(line)
            )
            assert used, f"{node.name} takes an actor and does not say what they did"
            continue
        by_clock = node.name.endswith("_by_time") or node.name.startswith(("remind_", "mark_", "report_"))
        only_row = len(node.args.args) == 1 and not named  # handlers of clocks and facts
        tells = path.parent.name == "notifications"
        assert by_clock or only_row or tells or node.name in NOBODY_ACTS, f"{node.name} does not say who acts"


@pytest.mark.parametrize("path", [p for p in CODE if p.parent in SLICES], ids=name_of)
def test_what_stands_below_the_routes_knows_no_request(path: Path) -> None:
    if (
        path.stem in ("routes", "webhooks", "forms", "slice")
        or name_of(path) == "webapp/dashboards/queries/shell.py"
    ):
        return
    known = {
        module for module in imports(path) if module.split(".")[0] in ("flask", "flask_login", "werkzeug")
    }
    allowed = {
        "flask.current_app",
        "flask",
        "flask.url_for",
        "flask.render_template",
        "werkzeug.datastructures",
    }
    assert not {
        m for m in known if m.startswith(("flask.request", "flask.session", "flask.g", "flask_login"))
    }, path
    assert known <= allowed | {m for m in known if m.startswith("werkzeug.datastructures")}, (
        f"{path}: {known - allowed}"
    )


@pytest.mark.parametrize("folder", SLICES, ids=name_of)
def test_a_slice_has_only_the_files_of_the_house(folder: Path) -> None:
    names = {path.stem for path in folder.glob("*.py")}
    assert names <= SLICE_FILES, f"{sorted(names - SLICE_FILES)}: a drawer, not a role"


def test_no_module_is_longer_than_one_can_read() -> None:
    pages = [p for p in ROOT.glob("static/**/*") if p.suffix in {".js", ".css"} and "_vendor" not in p.parts]
    ours = [*CODE, ROOT / "dev.py", *ROOT.glob("tests/**/*.py"), *pages]
    long = {name_of(p): n for p in ours if (n := len(p.read_text("utf-8").splitlines())) > 300}
    assert not long, f"{long} lines, at most 300: move one concern out, as a module or a folder of its role"


def test_the_stripe_sdk_and_smtp_have_one_door_each() -> None:
    stripe = {name_of(p) for p in CODE if any(m.split(".")[0] == "stripe" for m in imports(p))}
    smtp = {name_of(p) for p in CODE if "smtplib" in imports(p)}
    assert stripe <= {"webapp/stripe/gateway/__init__.py"}
    assert smtp == {"webapp/core/mail/sending.py"}


@pytest.mark.abuse(20)
def test_headers_of_htmx_are_set_in_one_place() -> None:
    writers = {
        name_of(p)
        for p in CODE
        if re.search(r"""["']HX-(Redirect|Location|Push-Url|Trigger|Reswap)""", p.read_text())
    }
    assert writers <= {"webapp/core/web/responses.py"}


def test_markup_is_never_trusted() -> None:
    for path in CODE:
        assert not {name for _, name in calls(path) if name == "Markup"}, name_of(path)
    for path in TEMPLATES:
        text = path.read_text()
        assert not re.search(r"\|\s*safe\b", text), name_of(path)
        assert not re.search(r"""\s(style|on[a-z]+)\s*=\s*["']""", text), (
            f"{name_of(path)}: the content policy forbids it"
        )
        assert "hx-on" not in text, name_of(path)
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), f"{name_of(path)}: no inline script"


def test_every_partial_is_part_of_a_page() -> None:
    text = "\n".join(p.read_text() for p in [*TEMPLATES, *CODE])
    lonely = [
        name_of(p) for p in TEMPLATES if p.name.startswith("_") and f"{p.parent.name}/{p.name}" not in text
    ]
    assert not lonely


def test_a_page_is_one_file_that_the_request_gives_its_layout() -> None:
    pages = set()
    for path in CODE:
        for name in re.findall(r"""screen\(\s*["']([a-z_]+/[a-z_]+)["']""", path.read_text()):
            page = ROOT / f"templates/{name}.html"
            assert page.exists(), f"{name_of(path)} shows {name}"
            pages.add(page)
    for page in pages:
        assert page.read_text().startswith("{% extends layout %}"), f"{name_of(page)} chooses its own layout"
        assert not page.with_name(f"_{page.name}").exists(), f"{name_of(page)} has a second file"


def test_forms_are_posts_with_a_token() -> None:
    for path in TEMPLATES:
        for form in re.findall(r"<form\b[^>]*>", path.read_text()):
            assert 'method="post"' in form or 'method="get"' in form, f"{name_of(path)}: {form}"
