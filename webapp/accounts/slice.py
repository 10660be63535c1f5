"""What the app and the worker need to know of accounts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.accounts import policy
from webapp.accounts.labels import LABELS
from webapp.accounts.models import Person
from webapp.accounts.routes import blueprint as account_blueprint
from webapp.core.slice import MenuEntry, Slice

SLICE = Slice(
    "accounts",
    blueprints=(account_blueprint.bp,),
    person_model=Person,
    labels=LABELS,
    roots=(Person,),
    menu={"operator": (MenuEntry(_l("People"), "accounts.people", order=10),)},
    limits=(policy.SIGN_UP, policy.RESET, policy.VERIFICATION_MAIL),
)
