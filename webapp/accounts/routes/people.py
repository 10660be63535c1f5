"""People and their accounts, for those who run the installation."""

from __future__ import annotations

from flask import g, request, url_for
from flask.wrappers import Response
from flask_babel import gettext as _

from webapp.accounts import policy, queries
from webapp.accounts.actions import accounts as account_actions
from webapp.accounts.forms import SearchForm
from webapp.accounts.models import Person
from webapp.accounts.routes.blueprint import bp
from webapp.core.security import access
from webapp.core.web import responses
from webapp.core.web.forms import clean, whole_number
from webapp.core.web.timeline import older, timeline


@bp.get("/people")
@access.allow(may=policy.operates)
def people() -> Response:
    search = SearchForm(data={"search": clean(request.args.get("search", ""))[:100]})
    start = whole_number(request.args.get("before"))
    page = queries.people(search.search.data or "", before=start)
    return responses.screen("accounts/people", search=search, page=page, may=policy)


@bp.get("/people/<int:person_id>/history")
@access.allow(load=queries.person_for_operator, may=policy.operates)
def account_history(person: Person) -> Response:
    """What happened to an account, the newest first; `older` pages on. 404 for an account that does not exist."""
    entries = timeline(
        person, names=queries.names, before=older(responses.page_args()), quotes=lambda entry: True
    )
    return responses.screen("accounts/history", person=person, entries=entries)


@bp.post("/people/<int:person_id>/deactivation")
@access.allow(load=queries.person_for_operator, may=policy.may_deactivate)
def deactivate(person: Person) -> Response:
    account_actions.deactivate(person, actor=g.person)
    return responses.done(
        url_for("accounts.people"), say=_("%(name)s cannot sign in any more.", name=person.full_name)
    )


@bp.post("/people/<int:person_id>/reactivation")
@access.allow(load=queries.person_for_operator, may=policy.operates)
def reactivate(person: Person) -> Response:
    account_actions.reactivate(person, actor=g.person)
    return responses.done(
        url_for("accounts.people"), say=_("%(name)s can sign in again.", name=person.full_name)
    )


@bp.post("/people/<int:person_id>/operator")
@access.allow(load=queries.person_for_operator, may=policy.operates, fresh=True)
def make_operator(person: Person) -> Response:
    account_actions.make_operator(person, actor=g.person)
    return responses.done(
        url_for("accounts.people"), say=_("%(name)s is an operator now.", name=person.full_name)
    )
