"""What the app and the worker need to know of dashboards."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import MenuEntry, Slice
from webapp.dashboards import routes
from webapp.dashboards.queries import shell

SLICE = Slice(
    "dashboards",
    blueprints=(routes.bp,),
    development=(routes.development,),
    context=(shell.shell,),
    menu={role: (MenuEntry(_l("Today"), "dashboards.today", order=0),) for role in shell.ROLE_NAMES},
)
