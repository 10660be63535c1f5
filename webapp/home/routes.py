"""Doors of home: the landing page, today, the switch between roles, and pages for those who develop."""

from __future__ import annotations

from flask import Blueprint, g, url_for
from flask.wrappers import Response
from sqlalchemy.orm import load_only

from webapp.agendas import queries as agenda_queries
from webapp.core import access, clock, face, ui, visitor
from webapp.core.db import db
from webapp.core.errors import BadInput
from webapp.core.mail import Mail
from webapp.core.styleguide import styleguide_context
from webapp.home import queries
from webapp.home.forms import FoldForm, HatForm

bp = Blueprint("home", __name__)
development = Blueprint("development", __name__)


@bp.get("/")
@access.allow(may=access.anyone, public=True)
def landing() -> Response:
    if g.person is not None:
        return ui.leave(url_for("home.today"))
    return ui.screen("home/landing", **queries.sample())


@bp.get("/home")
@access.allow(may=access.signed_in)
def today() -> Response:
    """What waits for this person in the role in which they look, and what they watch."""
    return ui.screen(
        "home/today",
        agenda=agenda_queries.agenda(g.person, queries.hat_of(g.person)),
        news=queries.news(g.person),
        now=clock.now(),
    )


@bp.get("/help", endpoint="help")
@access.allow(may=access.anyone, public=True)
def explain() -> Response:
    """How it works, in plain words, with the states as the law book has them."""
    return ui.screen("home/help", **queries.help_page())


@bp.post("/home/role")
@access.allow(may=access.signed_in)
def put_on_hat() -> Response:
    """Look at the app in another of one's own roles."""
    form = HatForm()
    if not form.validate() or form.hat.data not in queries.hats(g.person):
        raise BadInput
    visitor.put_on(form.hat.data)
    return ui.leave(url_for("home.today"))


@bp.post("/home/folds")
@access.allow(may=access.signed_in)
def fold() -> Response:
    """Fold a column of a board away in this browser, or show it again."""
    form = FoldForm()
    if not form.validate():
        raise BadInput
    column = str(form.column.data)
    back = visitor.page_of_ours(form.next.data) or url_for("home.today")
    response = ui.leave(f"{back}#fold-{column.partition('.')[2]}")  # the focus stays at the column's head
    visitor.remember(response, face.FOLDS, face.folds(column, away=form.fold.data == "1"))
    return response


@development.get("/development/mail")
@access.allow(may=access.anyone, public=True)
def mails() -> Response:
    """Every mail that was caught instead of sent, the newest first."""
    shown = load_only(Mail.id, Mail.to_address, Mail.subject, Mail.kind, Mail.state, Mail.queued_at)
    caught = db.session.scalars(db.select(Mail).options(shown).order_by(Mail.id.desc()).limit(100)).all()
    return ui.screen("home/mails", mails=caught)


def _mail(_person: object, mail_id: int) -> Mail | None:
    return db.session.get(Mail, mail_id)


@development.get("/development/mail/<int:mail_id>")
@access.allow(load=_mail, may=access.anyone, public=True)
def mail(found: Mail) -> Response:
    return ui.screen("home/mail", mail=found)


@development.get("/styleguide")
@access.allow(may=access.anyone, public=True)
def styleguide() -> Response:
    return ui.screen("_base/styleguide", **styleguide_context())
