"""Whom an application's moves tell what; the employer learns no name before the shortlist."""

from __future__ import annotations

from datetime import datetime

from webapp.applications.models import Application
from webapp.core.lifecycle import deadlines
from webapp.notifications import actions as notification_actions
from webapp.organisations import queries as organisation_queries


def due(application: Application, kind: str) -> datetime:
    """When a clock of the application rings, as it is armed: only that may be promised."""
    deadline = deadlines.armed(application).get(kind)
    if deadline is None:
        raise LookupError(f"the clock {kind} does not run")
    return deadline.due_at


def tell_intern(application: Application, code: str, **params: object) -> None:
    """Tell the applicant."""
    notification_actions.tell(
        application.intern,
        code,
        key=_key(application, code),
        path=f"/applications/{application.id}",
        title=application.posting.title,
        **params,
    )


def tell_rejected(application: Application) -> None:
    """Tell the applicant that they were not chosen, and why."""
    tell_intern(application, "application_rejected", employer=application.posting.organisation.name)


def tell_employer(application: Application, code: str, *, event: str = "", **params: object) -> None:
    """Tell those who weigh applications for the employer."""
    notification_actions.tell_all(
        organisation_queries.members(application.posting.organisation_id, "owner", "reviewer"),
        code,
        key=_key(application, event or code),
        path=f"/applications/{application.id}",
        title=application.posting.title,
        **params,
    )


def tell_owners(application: Application, code: str, *, path: str = "", **params: object) -> None:
    """Tell those who offer the employer's seats; they know the name, for they offered one."""
    notification_actions.tell_all(
        organisation_queries.members(application.posting.organisation_id, "owner"),
        code,
        key=_key(application, f"{code}-owners"),
        path=path or f"/postings/{application.posting_id}/applications",
        title=application.posting.title,
        name=application.intern.full_name,
        **params,
    )


def _key(application: Application, event: str) -> str:
    # A second offer to the same applicant is told again: the version tells the two apart.
    return f"application-{application.id}-{event}-{application.version}"
