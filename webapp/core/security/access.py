"""Denied by default: every endpoint declares how its row is found and who may use it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, g

from webapp.core.errors import ConfirmAgain, NotAllowed, NotThere, SignInNeeded
from webapp.core.security import sessions

View = TypeVar("View", bound=Callable[..., Any])
Loader = Callable[..., Any]
May = Callable[[Any, Any], bool]


@dataclass(frozen=True)
class Access:
    """What a route declares. `load(person, **url values)` gives the row or None (404); `may(person, row)`
    says whether this kind of person may ever do it (403). `public` lets people in who are not signed in.
    `fresh` asks for a proof of identity not older than ten minutes (and, later, a second factor).
    `hands_over` marks the only routes that may reach a provider. `share` is from which share of this process it is
    served when there is too much to do, where that cannot be told from the request; "none" costs next to nothing.
    `stateless` routes open no transaction.
    """

    load: Loader | None
    may: May
    public: bool = False
    fresh: bool = False
    hands_over: bool = False
    share: str | None = None
    stateless: bool = False


def anyone(person: object, row: object) -> bool:
    """Policy: everybody, signed in or not."""
    return True


def signed_in(person: object, row: object) -> bool:
    """Policy: everybody with an account."""
    return person is not None


def allow(
    *,
    load: Loader | None = None,
    may: May,
    public: bool = False,
    fresh: bool = False,
    hands_over: bool = False,
) -> Callable[[View], View]:
    """Declare a route's access. The view gets the loaded row as its only argument (none without `load`)."""
    access = Access(load, may, public, fresh, hands_over)

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(**values: object) -> Any:
            person = sessions.current_person()
            if person is None and not public:
                raise SignInNeeded
            row = load(person, **values) if load is not None else None
            if load is not None and row is None:
                raise NotThere
            if not may(person, row):
                raise NotAllowed if person is not None else SignInNeeded
            if fresh and not sessions.is_fresh():
                raise ConfirmAgain
            g.person = person
            return view(row) if load is not None else view()

        guarded.access = access  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return declare


def open_to_all(view: View) -> View:
    """Declare a route that everybody may use, that asks the database nothing, and that is served however much there is to do."""
    declared = public(view)
    declared.access = replace(declared.access, share="none", stateless=True)  # type: ignore[attr-defined]
    return declared


def public(view: View) -> View:
    """Declare a route without a row that everybody may use; its view takes the url values."""

    @wraps(view)
    def guarded(**values: object) -> Any:
        return view(**values)

    guarded.access = Access(None, anyone, public=True)  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def share(name: str) -> Callable[[View], View]:
    """Serve a declared route from this share when there is too much to do (`webapp/core/web/admission.py`)."""

    def mark(view: View) -> View:
        view.access = replace(view.access, share=name)  # type: ignore[attr-defined]
        return view

    return mark


def of_endpoint(app: Flask, endpoint: str) -> Access | None:
    """What an endpoint declared, or None."""
    return getattr(app.view_functions[endpoint], "access", None)


def refuse_undeclared(app: Flask) -> None:
    """Stop the start when a route has no declaration."""
    missing = sorted(
        {rule.endpoint for rule in app.url_map.iter_rules() if of_endpoint(app, rule.endpoint) is None}
    )
    if missing:
        raise RuntimeError(f"These endpoints declare no access: {', '.join(missing)}")
