"""What the app and the worker need to know of dashboards."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import MenuEntry, Slice
from webapp.dashboards import routes
from webapp.dashboards.queries import shell as dashboard_shell

SLICE = Slice(
    "dashboards",
    blueprints=(routes.bp,),
    development=(routes.development,),
    context=(dashboard_shell.shell,),
    menu={
        role: (MenuEntry(_l("Today"), "dashboards.today", order=0),) for role in dashboard_shell.ROLE_NAMES
    },
)
