"""A small application that has nothing but the face: layout, components, assets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect

from webapp.core.assets import STATIC, init_assets
from webapp.core.money import format_money
from webapp.core.styleguide import styleguide_context

MAI = SimpleNamespace(is_authenticated=True, preferred_name="Mai")
NOBODY = SimpleNamespace(is_authenticated=False, preferred_name="")
MENU = ("Today", "Board", "Find work", "Earnings", "Portfolio")
MENU_VI = ("Hôm nay", "Bảng việc", "Tìm việc", "Thu nhập", "Hồ sơ")


def small_app() -> Flask:
    """The face alone: its pages are /styleguide, /broken and /echo (which answers a form)."""
    root = STATIC.parent
    app = Flask("face", root_path=str(root), template_folder=str(root / "templates"), static_folder=None)
    app.config.update(SECRET_KEY="k" * 32, TESTING=True)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    CSRFProtect(app)
    Babel(app, locale_selector=lambda: request.args.get("lang", "en"), timezone_selector=lambda: "Asia/Ho_Chi_Minh")
    _filters(app)
    init_assets(app, lambda view: view)
    app.context_processor(_context)
    _routes(app)
    return app


def _filters(app: Flask) -> None:
    from webapp.core.i18n import show_date, show_datetime

    def money(amount: int, currency: str) -> str:
        return format_money(amount, currency, request.args.get("lang", "en"))

    app.jinja_env.filters.update(money=money, datetime=show_datetime, date=show_date)
    app.jinja_env.globals["new_op"] = lambda: str(uuid4())


def _context() -> dict[str, Any]:
    lang = request.args.get("lang", "en")
    labels = MENU_VI if lang == "vi" else MENU
    return {
        "current_user": NOBODY if request.args.get("who") == "nobody" else MAI,
        "locale": lang,
        "theme": request.args.get("theme", "auto"),
        "demo": request.args.get("demo") == "1",
        "menu": [SimpleNamespace(label=label, url=f"#{n}", current=n == 0) for n, label in enumerate(labels)],
    }


def _routes(app: Flask) -> None:
    def chosen() -> ResponseReturnValue:
        return redirect("/styleguide", 303)

    for endpoint in ("preferences.language", "preferences.theme", "accounts.sign_out"):
        app.add_url_rule("/" + endpoint.replace(".", "/"), endpoint, chosen, methods=["POST"])
    for endpoint in ("accounts.sign_in", "accounts.preferences", "home.help"):
        app.add_url_rule("/" + endpoint.replace(".", "/"), endpoint, chosen)

    @app.get("/styleguide")
    def styleguide() -> str:
        return render_template("_base/styleguide.html", **styleguide_context())

    @app.get("/broken")
    def broken() -> str:
        flash("The receipt was recorded.", "done")
        return render_template("_base/error.html", **WRONG)

    @app.post("/refused")
    def refused() -> ResponseReturnValue:
        return render_template("_base/error_answer.html", **WRONG), 409

    @app.post("/echo")
    def echo() -> ResponseReturnValue:
        g.say = "Saved. Mai was told."
        return render_template("_base/answer.html", partial="_base/_error.html", say=g.say, **WRONG)


WRONG = {
    "title": "This has changed since you opened it",
    "what_happened": "Linh moved this on in the meantime.",
    "work_is_safe": "Nothing was changed.",
    "way_on_label": "Look at it as it is now",
    "way_on_url": "/styleguide",
    "reference": "4f1c0a9b22de",
}


@pytest.fixture
def face() -> Iterator[Flask]:
    app = small_app()
    with app.app_context():
        yield app


@pytest.fixture
def write(face: Flask) -> Callable[..., str]:
    """Render a snippet of a template with the components at hand."""

    def render(snippet: str, **context: Any) -> str:
        from flask import render_template_string

        with face.test_request_context("/?lang=" + context.pop("lang", "en")):
            return render_template_string('{% import "_base/ui.html" as ui with context %}' + snippet, **context)

    return render
