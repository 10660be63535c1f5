"""What the app and the worker need to know of organisations."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.accounts.actions.accounts import CLOSING
from webapp.core.slice import MenuEntry, Slice
from webapp.organisations import policy, routes
from webapp.organisations.actions import members as organisation_members
from webapp.organisations.labels import LABELS
from webapp.organisations.models import Organisation
from webapp.organisations.notices import NOTICES

SLICE = Slice(
    "organisations",
    blueprints=(routes.bp,),
    labels=LABELS,
    notices=NOTICES,
    roots=(Organisation,),
    person_facts=policy.PERSON_FACTS,
    hears={"session.is_near_money": policy.is_near_money, CLOSING: organisation_members.refuse_orphaning},
    menu={
        **{
            role: (MenuEntry(None, "organisations.show", per_organisation=True, order=90),)
            for role in ("employer", "manager", "finance", "mentor")
        },
        "operator": (MenuEntry(_l("Organisations"), "organisations.everyone", order=20),),
    },
    settings_menu=((_l("Close your account"), "organisations.leaving", lambda person: True),),
    limits=(policy.INVITATIONS,),
)
