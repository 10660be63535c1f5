"""Assets: named by their content, kept for ever, small, and not missed when they are missing."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp.core.web.assets import asset, init_assets, module_addresses


def shelf_over(folder: Path) -> Flask:
    app = Flask("shelf")
    init_assets(app, lambda view: view, folder=folder)
    return app


def address_of(app: Flask, name: str) -> str | None:
    with app.test_request_context("/"):
        return asset(name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {
        "_base/tokens.css": ":root { --a: 1 }",
        "_base/layers.css": "/* order */ @layer tokens, screens;",
        "_base/shell.js": "// a comment\nconst a = 'http://here';\n",
        "tasks/tasks.css": "@layer screens { .task {} }",
        "tasks/board.js": "export {};",
        "_vendor/other.js": "no();",
        "notes.txt": "private",
    }.items():
        path = tmp_path / "static" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path / "static"


def test_the_sheet_is_one_file_with_the_layers_first_and_the_slices_last(folder: Path) -> None:
    app = shelf_over(folder)
    sheet = app.test_client().get(address_of(app, "app.css") or "").text
    assert sheet.index("@layer tokens, screens") < sheet.index("--a: 1") < sheet.index(".task")
    assert "order */" not in sheet


def test_an_asset_is_kept_for_ever_under_the_name_of_its_content(folder: Path) -> None:
    app = shelf_over(folder)
    first = address_of(app, "app.css")
    answer = app.test_client().get(first or "")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    (folder / "_base" / "tokens.css").write_text(":root { --a: 2 }", "utf-8")
    second = address_of(app, "app.css")
    assert second != first
    assert "--a: 2" in app.test_client().get(second or "").text


def test_an_address_from_before_a_release_still_answers_but_is_not_kept(folder: Path) -> None:
    app = shelf_over(folder)
    answer = app.test_client().get("/assets/app.000000000000.css")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


def test_a_browser_that_can_unpack_gets_the_same_bytes_packed(folder: Path) -> None:
    app = shelf_over(folder)
    url = address_of(app, "app.css") or ""
    plain = app.test_client().get(url)
    packed = app.test_client().get(url, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_scripts_go_out_without_comment_lines_and_otherwise_unchanged(folder: Path) -> None:
    app = shelf_over(folder)
    script = app.test_client().get(address_of(app, "shell.js") or "")
    assert script.text == "const a = 'http://here';\n"
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert address_of(app, "tasks/board.js")


def test_a_script_names_its_modules_by_their_content(folder: Path) -> None:
    (folder / "tasks" / "board").mkdir()
    (folder / "tasks" / "board" / "page.js").write_text("export const a = 1;\n", "utf-8")
    (folder / "tasks" / "board" / "keys.js").write_text(
        'import { a } from "./page.js";\nexport { a };\n', "utf-8"
    )
    (folder / "tasks" / "board.js").write_text('import "./board/keys.js";\n', "utf-8")
    app = shelf_over(folder)
    client = app.test_client()
    with app.test_request_context("/"):
        page, keys = module_addresses("tasks/board.js")
    first = address_of(app, "tasks/board.js") or ""
    assert client.get(first).text == f'import "./board/{keys.rpartition("/")[2]}";\n'
    assert client.get(keys).text.startswith(f'import {{ a }} from "./{page.rpartition("/")[2]}";')
    assert "immutable" in client.get(page).headers["Cache-Control"]
    (folder / "tasks" / "board" / "page.js").write_text("export const a = 2;\n", "utf-8")
    assert address_of(app, "tasks/board.js") != first, "a changed module is another script"


@pytest.mark.parametrize("name", ["notes.txt", "other.js", "tasks/tasks.css", "htmx.min.js"])
def test_what_is_not_meant_for_browsers_has_no_address(folder: Path, name: str) -> None:
    app = shelf_over(folder)
    assert address_of(app, name) is None
    stem, _, ending = name.rpartition(".")
    assert app.test_client().get(f"/assets/{stem}.000000000000.{ending}").status_code == 404


@pytest.mark.parametrize(
    "path", ["/assets/../pyproject.toml", "/assets/%2e%2e/pyproject.0.toml", "/assets/app", "/assets/.css"]
)
def test_nothing_outside_the_folder_is_served(folder: Path, path: str) -> None:
    assert shelf_over(folder).test_client().get(path).status_code == 404


def test_without_the_vendored_script_the_page_leaves_its_tag_out(
    visitor: FlaskClient, components: Flask
) -> None:
    components.jinja_env.globals["asset"] = lambda name: None if name == "htmx.min.js" else asset(name)
    page = visitor.get("/desk").text
    assert "htmx.min" not in page
    assert "shell." in page and "app." in page


@pytest.mark.point(13)
def test_style_and_script_stay_within_their_budget_of_bytes(visitor: FlaskClient, components: Flask) -> None:
    for name, limit in {"app.css": 20_000, "shell.js": 2_048, "icons.svg": 4_000}.items():
        answer = visitor.get(address_of(components, name) or "", headers={"Accept-Encoding": "gzip"})
        assert len(answer.data) <= limit, name
