"""What people say of themselves: name, language, zone, colours, password."""

from __future__ import annotations

from flask import g, request, url_for
from flask.wrappers import Response
from flask_babel import gettext as _

from webapp.accounts.actions import accounts as account_actions
from webapp.accounts.forms import ChangePasswordForm, LanguageForm, SettingsForm, ThemeForm
from webapp.accounts.routes.blueprint import bp
from webapp.core.errors import BadInput
from webapp.core.security import access, rate_limits, sessions
from webapp.core.web import preferences, responses


@bp.get("/settings")
@access.allow(may=access.signed_in)
def settings() -> Response:
    return responses.screen("accounts/settings", form=SettingsForm(obj=g.person))


@bp.post("/settings")
@access.allow(may=access.signed_in)
def change_settings() -> Response:
    form = SettingsForm()
    if not form.validate():
        return responses.screen("accounts/settings", status=422, form=form)
    account_actions.change_settings(
        g.person,
        actor=g.person,
        full_name=form.full_name.data,
        preferred_name=form.preferred_name.data,
        locale=form.locale.data,
        zone=form.zone.data,
        theme=form.theme.data,
    )
    sessions.remember_locale(form.locale.data)
    return responses.done(url_for("accounts.settings"), say=_("Saved."))


@bp.get("/settings/password")
@access.allow(may=access.signed_in)
def password() -> Response:
    return responses.screen("accounts/password", form=ChangePasswordForm())


@bp.post("/settings/password")
@access.allow(may=access.signed_in)
def change_password() -> Response:
    form = ChangePasswordForm()
    if form.validate():
        rate_limits.before_sign_in(g.person.email, request.remote_addr)
        with form.catch_refusals():
            account_actions.change_password(
                g.person, form.current_password.data, form.new_password.data, actor=g.person
            )
            rate_limits.after_sign_in(g.person.email, request.remote_addr)
            return responses.done(
                url_for("accounts.settings"),
                say=_("Your password is changed. Other browsers are signed out."),
            )
    return responses.screen("accounts/password", status=422, form=form)


@bp.post("/language")
@access.allow(may=access.anyone, public=True)
def language() -> Response:
    form = LanguageForm()
    if not form.validate():
        raise BadInput
    if g.person is not None:
        account_actions.choose(actor=g.person, locale=form.language.data)
        sessions.remember_locale(form.language.data)
    response = responses.leave(form.back())
    preferences.remember(response, "locale", form.language.data)
    return response


@bp.post("/theme")
@access.allow(may=access.anyone, public=True)
def theme() -> Response:
    form = ThemeForm()
    if not form.validate():
        raise BadInput
    if g.person is not None:
        account_actions.choose(actor=g.person, theme=form.theme.data)
    response = responses.leave(form.back())
    preferences.remember(response, "theme", form.theme.data)
    return response
