"""The routes of organisations: registering them, their people, invitations and a programme's settings."""

from __future__ import annotations

from flask import g, request, url_for
from flask.wrappers import Response
from flask_babel import gettext as _

from webapp.accounts import policy as account_policy
from webapp.accounts import queries as account_queries
from webapp.accounts.actions import accounts as account_actions
from webapp.core.config import stripe_is_on
from webapp.core.errors import Invalid
from webapp.core.lifecycle.history import SYSTEM, Viewer
from webapp.core.security import access, sessions
from webapp.core.web import forms, responses
from webapp.core.web.timeline import older, timeline
from webapp.organisations import policy, queries
from webapp.organisations.actions import members as organisation_members
from webapp.organisations.actions import registration as organisation_registration
from webapp.organisations.forms.profiles import (
    ROLE_HINTS,
    ROLE_WORDS,
    EmployerJoinForm,
    InvitationForm,
    ProfileForm,
    RoleForm,
)
from webapp.organisations.forms.rules import ProgrammeForm, currency_codes, rules_form
from webapp.organisations.models import Invitation, Membership, Organisation
from webapp.organisations.routes.blueprint import bp

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
    organisation_registration.join_with_employer(form.newcomer(), form.profile(), actor=SYSTEM)
    return responses.done(url_for("accounts.mail_sent"))


# One organisation


def _show(
    organisation: Organisation, *, status: int = 200, invitation: InvitationForm | None = None
) -> Response:
    """The page of an organisation; a refused invitation comes back with what was typed."""
    manages = policy.may_manage(g.person, organisation)
    inside = policy.may_look_inside(g.person, organisation)
    args = responses.page_args()
    return responses.screen(
        "organisations/show",
        status=status,
        organisation=organisation,
        inside=inside,
        memberships=queries.memberships(organisation.id, forms.whole_number(args.get("after")))
        if inside
        else None,
        invitations=queries.open_invitations(organisation.id, forms.whole_number(args.get("invited_after")))
        if manages
        else None,
        form=(invitation or InvitationForm(organisation)) if manages else None,
        roles=policy.roles_of(organisation),
        role_words=ROLE_WORDS,
        role_hints=ROLE_HINTS,
        timeline=timeline(
            organisation,
            names=account_queries.names,
            before=older(args),
            quotes=lambda entry: policy.may_read_words(g.person, organisation, entry),
        )
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
        return responses.screen("organisations/profile", status=422, organisation=organisation, form=form)
    organisation_registration.describe(
        organisation, form.profile(), actor=g.person, version=forms.seen_version()
    )
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
    organisation_registration.change_rules(
        organisation, form.rules(), actor=g.person, version=forms.seen_version()
    )
    return responses.done(
        url_for("organisations.settings", organisation_id=organisation.id),
        say=_("Saved. Agreements made from now on follow these rules."),
    )


# Its people


@bp.post("/organisations/<int:organisation_id>/invitations")
@access.allow(load=queries.for_insider, may=policy.may_manage)
def invite(organisation: Organisation) -> Response:
    form = InvitationForm(organisation)
    if form.validate():
        email = form.email.data
        policy.before_invitation(organisation.id)
        with form.catch_refusals():
            organisation_members.invite(organisation, actor=g.person, email=email, role=form.role.data)
            message = _("We emailed an invitation to %(email)s. It works once, for 48 hours.", email=email)
            return responses.done(url_for("organisations.show", organisation_id=organisation.id), say=message)
    return _show(organisation, status=422, invitation=form)


def _may_manage_its(person: Viewer, part: Membership | Invitation) -> bool:
    return policy.may_manage(person, part.organisation)


@bp.post("/organisations/<int:organisation_id>/invitations/<int:invitation_id>/revocation")
@access.allow(load=queries.invitation_for_viewer, may=_may_manage_its)
def revoke(invitation: Invitation) -> Response:
    organisation_members.revoke(invitation, actor=g.person)
    return responses.done(_page_of(invitation), say=_("The invitation was revoked."))


@bp.post("/organisations/<int:organisation_id>/members/<int:membership_id>/role")
@access.allow(load=queries.membership_for_viewer, may=_may_manage_its)
def change_role(membership: Membership) -> Response:
    form = RoleForm(membership.organisation)
    if not form.validate():
        raise Invalid(_("Choose a role from the list."))
    organisation_members.change_role(membership, actor=g.person, role=form.role.data)
    return responses.done(_page_of(membership), say=_("The role was changed."))


@bp.post("/organisations/<int:organisation_id>/members/<int:membership_id>/end")
@access.allow(load=queries.membership_for_viewer, may=policy.may_end)
def end_membership(membership: Membership) -> Response:
    organisation_members.end_membership(membership, actor=g.person)
    return responses.done(_page_of(membership), say=_("The membership ended."))


def _page_of(part: Membership | Invitation) -> str:
    return url_for("organisations.show", organisation_id=part.organisation_id)


# For operators


@bp.get("/organisations")
@access.allow(may=policy.is_operator)
def everyone() -> Response:
    """All programmes and all employers, a page of each."""
    args = responses.page_args()
    pages = {
        kind: queries.page_of_kind(kind, forms.whole_number(args.get(f"{kind}_after")))
        for kind in ("programme", "employer")
    }
    return responses.screen("organisations/everyone", pages=pages)


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
    programme = organisation_registration.register_programme(
        form.profile(), currency_codes(form.currencies.data), actor=g.person
    )
    message = _("The programme is registered. Invite its manager now.")
    return responses.done(url_for("organisations.show", organisation_id=programme.id), say=message)


# Leaving


@bp.get("/settings/leaving")
@access.allow(may=access.signed_in)
def leaving() -> Response:
    return responses.screen("organisations/leaving", alone=queries.led_alone_by(g.person))


@bp.post("/settings/leaving")
@access.allow(may=access.signed_in, fresh=True)
def leave() -> Response:
    account_actions.deactivate(g.person, actor=g.person)
    sessions.end()
    return responses.leave("/")
