"""Doors of organisations: registering them, their people, invitations and a programme's settings."""

from __future__ import annotations

from flask import Blueprint, g, request, session, url_for
from flask.wrappers import Response
from flask_babel import gettext as _

from webapp.accounts import policy as account_policy
from webapp.accounts import queries as account_queries
from webapp.core.config import stripe_is_on
from webapp.core.errors import Gone, Invalid
from webapp.core.lifecycle.history import SYSTEM, Viewer
from webapp.core.security import access, sessions
from webapp.core.web import forms, responses
from webapp.core.web.timeline import older, timeline
from webapp.organisations import actions, policy, queries
from webapp.organisations.forms import (
    ROLE_HINTS,
    ROLE_WORDS,
    EmployerJoinForm,
    InvitationForm,
    InvitedForm,
    ProfileForm,
    ProgrammeForm,
    RoleForm,
    currency_codes,
    rules_form,
)
from webapp.organisations.models import Invitation, Membership, Organisation

bp = Blueprint("organisations", __name__)


# Joining


@bp.get("/join")
@access.allow(may=access.anyone, public=True)
def join() -> Response:
    return responses.screen("organisations/join")


@bp.get("/join/employer")
@access.allow(may=access.anyone, public=True)
def join_employer() -> Response:
    return responses.screen("organisations/join_employer", form=EmployerJoinForm())


@bp.post("/join/employer")
@access.allow(may=access.anyone, public=True)
def create_employer() -> Response:
    form = EmployerJoinForm()
    if not form.validate():
        return responses.screen("organisations/join_employer", status=422, form=form)
    account_policy.before_sign_up(request.remote_addr)
    account_policy.before_verification_mail(form.email.data)
    actions.join_with_employer(form.newcomer(), form.profile(), actor=SYSTEM)
    return responses.done(url_for("accounts.mail_sent"))


# One organisation


def _show(
    organisation: Organisation, *, status: int = 200, invitation: InvitationForm | None = None
) -> Response:
    """The page of an organisation; a refused invitation comes back with what was typed."""
    manages = policy.may_manage(g.person, organisation)
    inside = policy.may_look_inside(g.person, organisation)
    return responses.screen(
        "organisations/show",
        status=status,
        organisation=organisation,
        inside=inside,
        memberships=queries.memberships(
            organisation.id, forms.whole_number(responses.page_args().get("after"))
        )
        if inside
        else None,
        invitations=queries.open_invitations(organisation.id) if manages else [],
        form=(invitation or InvitationForm(organisation)) if manages else None,
        roles=policy.roles_of(organisation),
        role_words=ROLE_WORDS,
        role_hints=ROLE_HINTS,
        timeline=timeline(organisation, names=account_queries.names, before=older(responses.page_args()))
        if inside
        else None,
        may=policy,
    )


@bp.get("/organisations/<int:organisation_id>")
@access.allow(load=queries.for_viewer, may=access.signed_in)
def show(organisation: Organisation) -> Response:
    return _show(organisation)


@bp.get("/organisations/<int:organisation_id>/profile")
@access.allow(load=queries.for_insider, may=policy.may_manage)
def profile(organisation: Organisation) -> Response:
    return responses.screen(
        "organisations/profile", organisation=organisation, form=ProfileForm(obj=organisation)
    )


@bp.post("/organisations/<int:organisation_id>/profile")
@access.allow(load=queries.for_insider, may=policy.may_manage)
def describe(organisation: Organisation) -> Response:
    form = ProfileForm()
    if not form.validate():
        return responses.screen(
            "organisations/profile",
            status=422,
            organisation=organisation,
            form=form,
            stripe_on=stripe_is_on(),
        )
    actions.describe(organisation, form.profile(), actor=g.person, version=forms.seen_version())
    return responses.done(url_for("organisations.show", organisation_id=organisation.id), say=_("Saved."))


@bp.get("/organisations/<int:organisation_id>/settings")
@access.allow(load=queries.for_insider, may=policy.may_set)
def settings(organisation: Organisation) -> Response:
    form = rules_form(queries.settings_of(organisation.id), filled=True)
    return responses.screen(
        "organisations/settings", organisation=organisation, form=form, stripe_on=stripe_is_on()
    )


@bp.post("/organisations/<int:organisation_id>/settings")
@access.allow(load=queries.for_insider, may=policy.may_set, fresh=True)
def change_settings(organisation: Organisation) -> Response:
    form = rules_form(queries.settings_of(organisation.id))
    if not form.validate():
        return responses.screen(
            "organisations/settings",
            status=422,
            organisation=organisation,
            form=form,
            stripe_on=stripe_is_on(),
        )
    actions.change_rules(organisation, form.rules(), actor=g.person, version=forms.seen_version())
    return responses.done(
        url_for("organisations.settings", organisation_id=organisation.id),
        say=_("Saved. Agreements made from now on follow these rules."),
    )


# Its people


@bp.post("/organisations/<int:organisation_id>/invitations")
@access.allow(load=queries.for_insider, may=policy.may_manage)
def invite(organisation: Organisation) -> Response:
    form = InvitationForm(organisation)
    if not form.validate():
        return _show(organisation, status=422, invitation=form)
    policy.before_invitation(organisation.id)
    try:
        actions.invite(organisation, actor=g.person, email=form.email.data, role=form.role.data)
    except Invalid as error:
        form.refuse(error)
        return _show(organisation, status=422, invitation=form)
    said = _("We emailed an invitation to %(email)s. It works once, for 48 hours.", email=form.email.data)
    return responses.done(url_for("organisations.show", organisation_id=organisation.id), say=said)


def _may_manage_its(person: Viewer, part: Membership | Invitation) -> bool:
    return policy.may_manage(person, part.organisation)


@bp.post("/organisations/<int:organisation_id>/invitations/<int:invitation_id>/revocation")
@access.allow(load=queries.invitation_for_viewer, may=_may_manage_its)
def revoke(invitation: Invitation) -> Response:
    actions.revoke(invitation, actor=g.person)
    return responses.done(_page_of(invitation), say=_("The invitation was revoked."))


@bp.post("/organisations/<int:organisation_id>/members/<int:membership_id>/role")
@access.allow(load=queries.membership_for_viewer, may=_may_manage_its)
def change_role(membership: Membership) -> Response:
    form = RoleForm(membership.organisation)
    if not form.validate():
        raise Invalid(_("Choose a role from the list."))
    actions.change_role(membership, actor=g.person, role=form.role.data)
    return responses.done(_page_of(membership), say=_("The role was changed."))


@bp.post("/organisations/<int:organisation_id>/members/<int:membership_id>/end")
@access.allow(load=queries.membership_for_viewer, may=policy.may_end)
def end_membership(membership: Membership) -> Response:
    actions.end_membership(membership, actor=g.person)
    return responses.done(_page_of(membership), say=_("The membership ended."))


def _page_of(part: Membership | Invitation) -> str:
    return url_for("organisations.show", organisation_id=part.organisation_id)


# Invitations, seen by who was invited


def _invitation(_person: Viewer, token: str) -> Invitation | None:
    invitation = queries.invitation_by_token(token)
    if invitation is not None and not queries.is_open(invitation):
        raise Gone(_("This invitation was already used, was revoked, or is older than 48 hours."))
    return invitation


def _invited_screen(invitation: Invitation, form: InvitedForm | None = None, status: int = 200) -> Response:
    token = str((request.view_args or {})["token"])
    known = account_queries.by_email(invitation.email)
    has_account = known is not None and known.confirmed_at is not None
    if g.person is None and has_account:
        session["next"] = url_for("organisations.invitation", token=token)
    return responses.screen(
        "organisations/invitation",
        status=status,
        invitation=invitation,
        token=token,
        role=ROLE_WORDS[invitation.role],
        hint=ROLE_HINTS[invitation.role],
        has_account=has_account,
        theirs=g.person is not None and g.person.email.lower() == invitation.email.lower(),
        form=form or (None if g.person is not None or has_account else InvitedForm(invited=invitation.email)),
    )


@bp.get("/invitations/<token>")
@access.allow(load=_invitation, may=access.anyone, public=True)
def invitation(found: Invitation) -> Response:
    return _invited_screen(found)


@bp.post("/invitations/<token>")
@access.allow(load=_invitation, may=access.signed_in)
def accept(found: Invitation) -> Response:
    actions.accept(found, actor=g.person)
    said = _("Welcome to %(organisation)s.", organisation=found.organisation.name)
    return responses.done(_page_of_invited(found), say=said)


@bp.post("/invitations/<token>/account")
@access.allow(load=_invitation, may=access.anyone, public=True)
def join_invited(found: Invitation) -> Response:
    """The link proves the mailbox, so the account is ready at once and its owner signed in."""
    form = InvitedForm(invited=found.email)
    if not form.validate():
        return _invited_screen(found, form, 422)
    account_policy.before_sign_up(request.remote_addr)
    try:
        person = actions.join_invited(found, form.newcomer(found.email), actor=SYSTEM)
    except Invalid as error:
        form.refuse(error)
        return _invited_screen(found, form, 422)
    sessions.start(person)
    return responses.leave(_page_of_invited(found))


def _page_of_invited(found: Invitation) -> str:
    return url_for("organisations.show", organisation_id=found.organisation_id)


# For operators


@bp.get("/organisations")
@access.allow(may=policy.is_operator)
def everyone() -> Response:
    return responses.screen(
        "organisations/everyone",
        programmes=queries.all_of_kind("programme"),
        employers=queries.all_of_kind("employer"),
    )


@bp.get("/programmes/new")
@access.allow(may=policy.is_operator)
def new_programme() -> Response:
    return responses.screen("organisations/new_programme", form=ProgrammeForm())


@bp.post("/programmes")
@access.allow(may=policy.is_operator)
def register_programme() -> Response:
    form = ProgrammeForm()
    if not form.validate():
        return responses.screen("organisations/new_programme", status=422, form=form)
    made = actions.register_programme(form.profile(), currency_codes(form.currencies.data), actor=g.person)
    said = _("The programme is registered. Invite its manager now.")
    return responses.done(url_for("organisations.show", organisation_id=made.id), say=said)


# Leaving


@bp.get("/settings/leaving")
@access.allow(may=access.signed_in)
def leaving() -> Response:
    return responses.screen("organisations/leaving", alone=queries.led_alone_by(g.person))


@bp.post("/settings/leaving")
@access.allow(may=access.signed_in, fresh=True)
def leave() -> Response:
    actions.close_account(g.person, actor=g.person)
    sessions.end()
    return responses.leave("/")
