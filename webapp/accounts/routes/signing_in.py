"""The routes of joining, confirming an address, signing in and out, and new passwords."""

from __future__ import annotations

from collections.abc import Callable

from flask import g, request, session, url_for
from flask.wrappers import Response
from flask_babel import gettext as _

from webapp.accounts import policy, queries
from webapp.accounts.actions import accounts as account_actions
from webapp.accounts.actions.links import LINK_IS_OVER
from webapp.accounts.forms import (
    AddressForm,
    ConfirmAgainForm,
    DemoForm,
    JoinForm,
    NewPasswordForm,
    SignInForm,
)
from webapp.accounts.models import MailToken, Person
from webapp.accounts.routes.blueprint import bp
from webapp.core.errors import BadInput, Gone, Invalid, NotThere
from webapp.core.lifecycle.history import SYSTEM
from webapp.core.security import access, rate_limits, sessions
from webapp.core.web import preferences, responses


@bp.get("/join/intern")
@access.allow(may=access.anyone, public=True)
def join_intern() -> Response:
    return responses.screen("accounts/join", form=JoinForm())


@bp.post("/join/intern")
@access.allow(may=access.anyone, public=True)
def create_intern() -> Response:
    form = JoinForm()
    if not form.validate():
        return responses.screen("accounts/join", status=422, form=form)
    policy.before_sign_up(request.remote_addr)
    policy.before_verification_mail(form.email.data)
    account_actions.sign_up(form.newcomer(), actor=SYSTEM, intern=True)
    return responses.done(url_for("accounts.mail_sent"))


@bp.get("/join/sent")
@access.allow(may=access.anyone, public=True)
def mail_sent() -> Response:
    """The same words for every address: only its owner learns whether it was known."""
    return responses.screen("accounts/check_inbox", for_password=False)


def _live(purpose: str) -> Callable[..., MailToken]:
    """Load a mailed link that still works; for any other the page says so."""

    def load(_person: Person | None, token: str) -> MailToken:
        row = queries.live_token(token, purpose)
        if row is None:
            way_on = (_("Go to the sign-in page"), url_for("accounts.sign_in"))
            raise Gone(LINK_IS_OVER, way_on=way_on)
        return row

    return load


@bp.get("/confirmations/<token>")
@access.allow(load=_live("confirm"), may=access.anyone, public=True)
def confirmation(mail_token: MailToken) -> Response:
    """A page that asks: opening a link does nothing, because mail scanners open links too."""
    return _confirm_screen(mail_token, ConfirmAgainForm())


def _confirm_screen(mail_token: MailToken, form: ConfirmAgainForm, status: int = 200) -> Response:
    person = queries.holder(mail_token)
    return responses.screen("accounts/confirm", status=status, token=_url_token(), person=person, form=form)


@bp.post("/confirmations/<token>")
@access.allow(load=_live("confirm"), may=access.anyone, public=True)
def confirm(mail_token: MailToken) -> Response:
    form = ConfirmAgainForm()
    if form.validate():
        email = queries.holder(mail_token).email
        rate_limits.before_sign_in(email, request.remote_addr)
        with form.catch_refusals():
            account_actions.confirm(_url_token(), form.password.data)
            rate_limits.after_sign_in(email, request.remote_addr)
            say = _("Your address is confirmed. You can sign in now.")
            return responses.done(url_for("accounts.sign_in"), say=say)
    return _confirm_screen(mail_token, form, 422)


# Signing in and out


@bp.get("/sign-in")
@access.allow(may=access.anyone, public=True)
def sign_in() -> Response:
    if sessions.current_person() is not None:
        return responses.redirect_to(preferences.safe_redirect(request.args.get("next")) or "/")
    return _sign_in_screen(SignInForm(next=preferences.next_url()))


def _sign_in_screen(form: SignInForm, status: int = 200) -> Response:
    return responses.screen(
        "accounts/sign_in",
        status=status,
        form=form,
        demo_people=queries.demo_people(preferences.demo_accounts()),
    )


@bp.post("/sign-in")
@access.allow(may=access.anyone, public=True)
def begin_session() -> Response:
    form = SignInForm()
    if not form.validate():
        return _sign_in_screen(form, 422)
    rate_limits.before_sign_in(form.email.data, request.remote_addr)
    person = account_actions.authenticate(form.email.data, form.password.data)
    if person is None or person.deactivated_at is not None:
        form.refuse(Invalid(_("That email and password don't match, or the account is closed.")))
        return _sign_in_screen(form, 422)
    rate_limits.after_sign_in(form.email.data, request.remote_addr)
    if person.confirmed_at is None:
        policy.before_verification_mail(person.email)
        account_actions.ask_to_confirm(person)
        return responses.done(url_for("accounts.mail_sent"))
    return _enter(person, form.next.data)


def _enter(person: Person, wish: str | None) -> Response:
    target = preferences.safe_redirect(wish) or preferences.next_url() or "/"
    sessions.start(person)
    return responses.leave(target)


@bp.post("/sign-in/demo")
@access.allow(may=access.anyone, public=True)
def begin_demo_session() -> Response:
    """One click in a demo, whose passwords are public anyway."""
    form, people = DemoForm(), preferences.demo_accounts()
    if not people:
        raise NotThere
    if not form.validate() or form.role.data not in people:
        raise BadInput
    person = queries.by_email(people[form.role.data])
    if person is None or not person.is_active:
        raise NotThere
    return _enter(person, None)


@bp.post("/sign-out")
@access.allow(may=access.anyone, public=True)
def sign_out() -> Response:
    sessions.end()
    return responses.leave("/")


@bp.get("/sign-in/again")
@access.allow(may=access.signed_in)
def prove_again() -> Response:
    return responses.screen("accounts/again", form=ConfirmAgainForm())


@bp.post("/sign-in/again")
@access.allow(may=access.signed_in)
def renew_proof() -> Response:
    form = ConfirmAgainForm()
    if not form.validate():
        return responses.screen("accounts/again", status=422, form=form)
    rate_limits.before_sign_in(g.person.email, request.remote_addr)
    if account_actions.authenticate(g.person.email, form.password.data) is None:
        form.password.errors = [_("That isn't your password.")]
        return responses.screen("accounts/again", status=422, form=form)
    rate_limits.after_sign_in(g.person.email, request.remote_addr)
    sessions.confirm()
    target = preferences.next_url() or "/"
    preferences.forget_next_url()
    return responses.leave(target)


@bp.get("/resets")
@access.allow(may=access.anyone, public=True)
def forgotten() -> Response:
    return responses.screen("accounts/forgotten", form=AddressForm())


@bp.post("/resets")
@access.allow(may=access.anyone, public=True)
def ask_reset() -> Response:
    form = AddressForm()
    if not form.validate():
        return responses.screen("accounts/forgotten", status=422, form=form)
    policy.before_sign_up(request.remote_addr)
    policy.before_reset(form.email.data)
    account_actions.ask_reset(form.email.data)
    return responses.done(url_for("accounts.reset_sent"))


@bp.get("/resets/sent")
@access.allow(may=access.anyone, public=True)
def reset_sent() -> Response:
    return responses.screen("accounts/check_inbox", for_password=True)


@bp.get("/resets/<token>")
@access.allow(load=_live("reset"), may=access.anyone, public=True)
def new_password(_mail_token: MailToken) -> Response:
    return responses.screen("accounts/reset", token=_url_token(), form=NewPasswordForm())


@bp.post("/resets/<token>")
@access.allow(load=_live("reset"), may=access.anyone, public=True)
def set_password(_mail_token: MailToken) -> Response:
    form = NewPasswordForm()
    if form.validate():
        policy.before_sign_up(request.remote_addr)
        with form.catch_refusals():
            account_actions.reset(_url_token(), form.new_password.data)
            session.clear()
            say = _("Your password is changed. Please sign in with it.")
            return responses.done(url_for("accounts.sign_in"), say=say)
    return responses.screen("accounts/reset", status=422, token=_url_token(), form=form)


def _url_token() -> str:
    return str((request.view_args or {})["token"])
