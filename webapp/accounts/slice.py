"""What the app and the worker need to know of accounts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.accounts import policy, routes
from webapp.accounts.labels import LABELS
from webapp.accounts.models import Person
from webapp.core.slice import MenuEntry, Slice

SLICE = Slice(
    "accounts",
    blueprints=(routes.bp,),
    person_model=Person,
    labels=LABELS,
    roots=(Person,),
    menu={"operator": (MenuEntry(_l("People"), "accounts.people", order=10),)},
    limits=(policy.SIGN_UP, policy.RESET, policy.VERIFICATION_MAIL),
)
