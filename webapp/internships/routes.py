"""Routes of internships: the agreement, which both sides read, accept by name and keep."""

from __future__ import annotations

from flask import Blueprint, Response, g, url_for
from flask_babel import gettext as _

from webapp.core.errors import BadInput
from webapp.core.lifecycle import deadlines
from webapp.core.security import access
from webapp.core.web import responses
from webapp.internships import actions, policy, queries
from webapp.internships.forms import SignForm
from webapp.internships.models import Internship

bp = Blueprint("internships", __name__)


@bp.get("/internships/<int:internship_id>/agreement")
@access.allow(load=queries.with_agreement, may=access.signed_in)
def agreement(internship: Internship) -> Response:
    """The agreement in force, with both signatures."""
    return _agreement(internship, SignForm())


@bp.get("/internships/<int:internship_id>/agreement.txt")
@access.allow(load=queries.with_agreement, may=access.signed_in)
def document(internship: Internship) -> Response:
    """The very bytes that both sides accept, to be kept."""
    signed = queries.agreement_of(internship)
    return Response(
        signed.document.encode(),
        content_type="text/plain; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="agreement-{internship.id}-{signed.number}.txt"',
        },
    )


@bp.post("/internships/<int:internship_id>/agreement/signature")
@access.allow(load=queries.with_agreement, may=policy.may_ever_sign)
def sign(internship: Internship) -> Response:
    """Accept the agreement by name."""
    form = SignForm()
    if form.validate():
        with form.catch_refusals():
            actions.sign(
                queries.agreement_of(internship),
                actor=g.person,
                name=form.name.data or "",
                sha256=form.sha256.data or "",
            )
            return responses.done(
                url_for("internships.agreement", internship_id=internship.id),
                say=_("You accepted the agreement."),
            )
    if form.sha256.errors:
        raise BadInput
    return _agreement(internship, form, status=422)


def _agreement(internship: Internship, form: SignForm, status: int = 200) -> Response:
    shown = queries.agreement_of(internship)
    clock = deadlines.armed(internship).get("sign")
    return responses.screen(
        "internships/agreement",
        status=status,
        internship=internship,
        agreement=shown,
        terms=shown.terms,
        intern_signature=shown.signed_by("intern"),
        employer_signature=shown.signed_by("employer"),
        party=policy.party_of(g.person, internship),
        may_sign=policy.may_sign(g.person, shown),
        sign_by=clock.due_at if clock else None,
        form=form,
    )


def agreement_tab(internship: Internship) -> str | None:
    """The agreement, once there is one."""
    if internship.agreement is None:
        return None
    return url_for("internships.agreement", internship_id=internship.id)
