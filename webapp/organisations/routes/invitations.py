"""An invitation by its link: read, accepted, or the way to an account."""

from __future__ import annotations

from flask import g, request, session, url_for
from flask.wrappers import Response
from flask_babel import gettext as _

from webapp.accounts import policy as account_policy
from webapp.accounts import queries as account_queries
from webapp.core.errors import Gone
from webapp.core.lifecycle.history import SYSTEM, Viewer
from webapp.core.security import access, sessions
from webapp.core.web import responses
from webapp.organisations import queries
from webapp.organisations.actions import members as organisation_members
from webapp.organisations.forms.profiles import (
    ROLE_HINTS,
    ROLE_WORDS,
    InvitedForm,
)
from webapp.organisations.models import Invitation
from webapp.organisations.routes.blueprint import bp


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
def invitation(invited: Invitation) -> Response:
    return _invited_screen(invited)


@bp.post("/invitations/<token>")
@access.allow(load=_invitation, may=access.signed_in)
def accept(invited: Invitation) -> Response:
    organisation_members.accept(invited, actor=g.person)
    message = _("Welcome to %(organisation)s.", organisation=invited.organisation.name)
    return responses.done(_page_of_invited(invited), say=message)


@bp.post("/invitations/<token>/account")
@access.allow(load=_invitation, may=access.anyone, public=True)
def join_invited(invited: Invitation) -> Response:
    """The link proves the mailbox, so the account is ready at once and its owner signed in."""
    form = InvitedForm(invited=invited.email)
    if form.validate():
        account_policy.before_sign_up(request.remote_addr)
        with form.catch_refusals():
            person = organisation_members.join_invited(invited, form.newcomer(invited.email), actor=SYSTEM)
            sessions.start(person)
            return responses.leave(_page_of_invited(invited))
    return _invited_screen(invited, form, 422)


def _page_of_invited(invited: Invitation) -> str:
    return url_for("organisations.show", organisation_id=invited.organisation_id)
