"""A small application that has nothing but the components, and one desk to try a form on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from flask import Flask, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFProtect
from jinja2 import ChoiceLoader, DictLoader
from wtforms import RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from webapp.core.money.amounts import format_money
from webapp.core.web.assets import STATIC, init_assets
from webapp.core.web.i18n import show_date, show_datetime
from webapp.core.web.kept import init_kept
from webapp.core.web.styleguide import styleguide_context

MAI = SimpleNamespace(is_authenticated=True, preferred_name="Mai")
NOBODY = SimpleNamespace(is_authenticated=False, preferred_name="")
MENU = ("Today", "Board", "Find work", "Earnings", "Portfolio")
MENU_VI = ("Hôm nay", "Bảng việc", "Tìm việc", "Thu nhập", "Hồ sơ")
REFUSAL = {
    "title": "This has changed since you opened it",
    "what_happened": "Linh moved this on in the meantime.",
    "work_is_safe": "Nothing was changed.",
    "way_on_label": "Check the latest version",
    "way_on_url": "/styleguide",
    "reference": "4f1c0a9b22de",
}
DESK = {
    "desk/show.html": """{% extends layout %}{% block title %}{{ heading }}{% endblock %}
{% block main %}
{% import "_base/ui.html" as ui %}
{{ ui.head(heading) }}
{{ ui.error_summary(form) }}
<p id="saved">{{ saved }}</p>
<a id="opener" href="/desk/sheet" hx-get="/desk/sheet" hx-target="#sheet">Move…</a>
{% call ui.form("/desk", version=7, autosave="/desk/draft") %}
  {{ ui.field(form.name, hint="As on your passport") }}
  {{ ui.field(form.note) }}
  {{ ui.field(form.place) }}
  {{ ui.button("Save", id="save") }}{{ ui.button("Finish", kind="quiet") }}
{% endcall %}
{{ ui.action("Refuse", "/desk/refusal", kind="danger", version=7, fields={"reason": "late"}) }}
{% endblock %}""",
    "desk/_sheet.html": """{% import "_base/ui.html" as ui %}<h2>Move the card</h2>
{% call ui.form("/desk/refusal", sheet=true) %}<label>Place <input name="place" class="input"></label>
{{ ui.button("Move") }}<button type="button" class="button" data-close>Cancel</button>{% endcall %}""",
}


class DeskForm(FlaskForm):  # type: ignore[misc]
    name = StringField("Full name", [InputRequired("Enter your name.")])
    note = TextAreaField("Note", [Length(max=20, message="Enter at most 20 characters.")])
    place = RadioField(
        "Where", choices=[SelectChoice("home", "Home"), SelectChoice("office", "Office")], default="home"
    )


class Drafts(list[dict[str, Any]]):
    """What the desk was sent as drafts, in order."""


def small_app() -> Flask:
    """The components alone: /styleguide, /broken, and /desk with its form, drafts, sheet and refusal."""
    root = STATIC.parent
    app = Flask(
        "components", root_path=str(root), template_folder=str(root / "templates"), static_folder=None
    )
    app.config.update(SECRET_KEY="k" * 32, TESTING=True)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_loader = ChoiceLoader([DictLoader(DESK), app.jinja_loader])  # type: ignore[list-item]
    app.jinja_env.globals["new_operation_id"] = lambda: str(uuid4())
    app.jinja_env.filters.update(money=_money, datetime=show_datetime, date=show_date)
    CSRFProtect(app)
    app.jinja_env.globals["layout"] = "_base/layout.html"
    Babel(app, locale_selector=_language, timezone_selector=lambda: "Asia/Ho_Chi_Minh")
    init_assets(app, lambda view: view)
    init_kept(app)
    app.context_processor(_context)
    app.extensions["drafts"] = Drafts()
    _pages(app)
    _desk(app)
    return app


def _language() -> str:
    return "vi" if request.args.get("lang") == "vi" else "en"


def _money(amount: int, currency: str) -> str:
    return format_money(amount, currency, _language())


def _context() -> dict[str, Any]:
    labels = MENU_VI if _language() == "vi" else MENU
    return {
        "current_user": NOBODY if request.args.get("who") == "nobody" else MAI,
        "locale": _language(),
        "theme": request.args.get("theme", "auto"),
        "join_url": "/join",
        "shell_roles": [("intern", "Intern", True), ("operator", "Operator", False)]
        if "shell_roles" in request.args
        else [],
        "demo": request.args.get("demo") == "1",
        "menu": [SimpleNamespace(label=label, url=f"#{n}", current=n == 0) for n, label in enumerate(labels)],
    }


def _pages(app: Flask) -> None:
    def chosen() -> ResponseReturnValue:
        return redirect("/styleguide", 303)

    for endpoint in ("accounts.language", "accounts.theme", "accounts.sign_out", "dashboards.switch_role"):
        app.add_url_rule("/" + endpoint.replace(".", "/"), endpoint, chosen, methods=["POST"])
    for endpoint in ("accounts.sign_in", "accounts.settings", "dashboards.help"):
        app.add_url_rule("/" + endpoint.replace(".", "/"), endpoint, chosen)

    @app.get("/styleguide")
    def styleguide() -> str:
        return render_template("_base/styleguide.html", **styleguide_context())

    @app.get("/broken")
    def broken() -> str:
        flash("The receipt was recorded.", "done")
        return render_template("_base/error.html", **REFUSAL)


def _desk(app: Flask) -> None:
    def screen(
        form: DeskForm, status: int = 200, saved: str = "", heading: str = "Your desk"
    ) -> ResponseReturnValue:
        context = {"form": form, "saved": saved, "heading": heading}
        if request.headers.get("HX-Request") == "true":
            say = "Saved. Linh was told." if saved else None
            return render_template("desk/show.html", layout="_base/answer.html", say=say, **context), status
        return render_template("desk/show.html", **context), status

    @app.get("/desk")
    def desk() -> ResponseReturnValue:
        return screen(DeskForm())

    @app.post("/desk")
    def save() -> ResponseReturnValue:
        form = DeskForm()
        if form.validate():
            return screen(
                form, saved=f"{form.name.data}, version {request.form['version']}", heading="Your tidy desk"
            )
        return screen(form, 422)

    @app.post("/desk/draft")
    def draft() -> ResponseReturnValue:
        app.extensions["drafts"].append(request.form.to_dict())
        return "", 204, {"X-Version": str(7 + len(app.extensions["drafts"]))}

    @app.get("/desk/sheet")
    def sheet() -> ResponseReturnValue:
        return render_template("desk/_sheet.html")

    @app.post("/desk/refusal")
    def refuse() -> ResponseReturnValue:
        return render_template("_base/error_answer.html", **REFUSAL), 409
