"""Which tests belong to the files that were changed. Standard library and git only."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable

from webapp.launcher.install import ROOT

# What somebody else has seen already, the nearest first.
UPSTREAM = ("@{upstream}", "origin/main", "main", "HEAD")
# What a new move or route reaches outside its feature: each form is attacked, and the help page tells each move.
FORMS = "tests/bad_input/test_forms.py::test_no_form_is_overlooked"
HELP = "tests/dashboards/test_public_pages.py"
MIRRORED = ("webapp", "templates", "static", "tests")


def changed_paths() -> tuple[str, list[str]]:
    """The commit that was left from, and every file that differs from it, with those that git does not know yet."""
    for reference in UPSTREAM:
        base = _git("merge-base", "HEAD", reference)
        if base:
            break
    else:
        raise RuntimeError(
            "test-fast asks git what was changed, and this folder is no checkout; use `make test`."
        )
    changed = [*base, "--"]
    paths = {*_git("diff", "--name-only", *changed), *_git("ls-files", "--others", "--exclude-standard")}
    return base[0][:10], sorted(paths)


def tests_of(paths: Iterable[str]) -> tuple[list[str], list[str]]:
    """The folders of tests that mirror these files, and the Python files and templates that no folder mirrors."""
    chosen: set[str] = set()
    unknown: list[str] = []
    for path in paths:
        top, *inner = path.split("/")
        names: list[str] = []
        if top in MIRRORED and len(inner) > 1:
            names = [inner[0]]
            if top == "webapp" and inner[1].startswith(("routes", "guards")):
                chosen.add(FORMS)
        elif top == "workflows" and inner:
            # A law is named by the one thing, its slice by all of them: submission, submissions.
            name = inner[0].removesuffix(".py")
            names = [f"{name}s", name, "workflows"]
            chosen.add(HELP)
        folders = [f"tests/{name}" for name in names if any((ROOT / "tests" / name).glob("test_*.py"))]
        if folders:
            chosen.update(folders)
        elif path.endswith((".py", ".html", ".css", ".js")):
            unknown.append(path)
    return sorted(chosen), unknown


def _git(*arguments: str) -> list[str]:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.splitlines() if done.returncode == 0 else []
