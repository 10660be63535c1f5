"""Routes of dashboards: the landing page, today, the switch between roles, and pages for those who develop."""

from __future__ import annotations

from flask import Blueprint, g, url_for
from flask.wrappers import Response
from sqlalchemy.orm import load_only

from webapp.core.boards import folds as board_folds
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.errors import BadInput
from webapp.core.mail.sending import Mail
from webapp.core.security import access
from webapp.core.web import preferences, responses
from webapp.core.web.forms import whole_number
from webapp.core.web.styleguide import styleguide_context
from webapp.dashboards.forms import FoldForm, RoleForm
from webapp.dashboards.queries import by_role as dashboard_by_role
from webapp.dashboards.queries import shell as dashboard_shell

bp = Blueprint("dashboards", __name__)
development = Blueprint("development", __name__)


@bp.get("/")
@access.allow(may=access.anyone, public=True)
def landing() -> Response:
    if g.person is not None:
        return responses.leave(url_for("dashboards.today"))
    return responses.screen("dashboards/landing", **dashboard_shell.sample())


@bp.get("/home")
@access.allow(may=access.signed_in)
def today() -> Response:
    """What waits for this person in the role in which they look, and what they watch."""
    begin = whole_number(responses.page_args().get("begin")) or 0
    dashboard = dashboard_by_role.dashboard(g.person, dashboard_shell.role_of(g.person), begin)
    return responses.screen(
        "dashboards/today",
        dashboard=dashboard,
        steps=dashboard.steps(begin),
        begin=begin,
        news=dashboard_shell.news(g.person),
        now=clock.now(),
    )


@bp.get("/help", endpoint="help")
@access.allow(may=access.anyone, public=True)
def explain() -> Response:
    """How it works, in plain words, with the states as the law book has them."""
    return responses.screen("dashboards/help", **dashboard_shell.help_page())


@bp.post("/home/role")
@access.allow(may=access.signed_in)
def switch_role() -> Response:
    """Look at the app in another of one's own roles."""
    form = RoleForm()
    if not form.validate() or form.role.data not in dashboard_shell.roles(g.person):
        raise BadInput
    preferences.switch_role(form.role.data)
    return responses.leave(url_for("dashboards.today"))


@bp.post("/home/folds")
@access.allow(may=access.signed_in)
def fold() -> Response:
    """Fold a column of a board away in this browser, or show it again."""
    form = FoldForm()
    if not form.validate():
        raise BadInput
    away, _, column = str(form.fold.data).partition(".")
    back = preferences.own_page(form.next.data) or url_for("dashboards.today")
    response = responses.leave(
        f"{back}#fold-{column.partition('.')[2]}"
    )  # the focus stays at the column's head
    preferences.remember(response, board_folds.FOLDS, board_folds.folds(column, away=away == "1"))
    return response


@development.get("/development/mail")
@access.allow(may=access.anyone, public=True)
def mails() -> Response:
    """Every mail that was caught instead of sent, the newest first."""
    shown = load_only(Mail.id, Mail.to_address, Mail.subject, Mail.kind, Mail.state, Mail.queued_at)
    caught = db.session.scalars(db.select(Mail).options(shown).order_by(Mail.id.desc()).limit(100)).all()
    return responses.screen("dashboards/mails", mails=caught)


def _mail(_person: object, mail_id: int) -> Mail | None:
    return db.session.get(Mail, mail_id)


@development.get("/development/mail/<int:mail_id>")
@access.allow(load=_mail, may=access.anyone, public=True)
def mail(caught: Mail) -> Response:
    return responses.screen("dashboards/mail", mail=caught)


@development.get("/styleguide")
@access.allow(may=access.anyone, public=True)
def styleguide() -> Response:
    return responses.screen("_base/styleguide", **styleguide_context())
