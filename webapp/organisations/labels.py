"""The words for the states, the history and the reasons of organisations."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Labels

LABELS = Labels(
    history={
        "organisation.create": _l("%(who)s registered the organisation."),
        "organisation.invite": _l("%(who)s invited someone."),
        "organisation.revoke": _l("%(who)s revoked an invitation."),
        "organisation.join": _l("%(who)s joined."),
        "organisation.leave": _l("A membership ended."),
        "organisation.role": _l("%(who)s changed a role."),
        "organisation.settings": _l("%(who)s changed the settings."),
    },
)
