"""What the app and the worker need to know of postings."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import MenuEntry, Slice
from webapp.postings import routes
from webapp.postings.actions import moves as posting_moves
from webapp.postings.guards import GUARDS
from webapp.postings.labels import LABELS
from webapp.postings.models import Posting
from webapp.postings.notices import NOTICES

SLICE = Slice(
    "postings",
    blueprints=(routes.bp,),
    guards={"posting": GUARDS},
    labels=LABELS,
    notices=NOTICES,
    roots=(Posting,),
    on_expiry={
        ("posting", "close"): posting_moves.close_by_time,
        ("posting", "send_back"): posting_moves.send_back_by_time,
    },
    on_reminder={
        ("posting", "close"): posting_moves.remind_close,
        ("posting", "send_back"): posting_moves.remind_send_back,
    },
    menu={
        "visitor": (MenuEntry(_l("Find work"), "postings.browse", order=10),),
        "intern": (MenuEntry(_l("Find work"), "postings.browse", order=10),),
        "employer": (MenuEntry(_l("Postings"), "postings.of_organisation", per_organisation=True, order=10),),
        "manager": (MenuEntry(_l("To approve"), "postings.approvals", order=10),),
    },
)
