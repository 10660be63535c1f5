"""The words for the states, the history and the reasons of submissions."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Labels

LABELS = Labels(
    kinds={"submission": _l("A version of the work")},
    states={
        "submission": {
            "draft": _l("Draft"),
            "submitted": _l("Submitted"),
            "accepted": _l("Accepted"),
            "partly_accepted": _l("Accepted in part"),
            "changes_requested": _l("Changes requested"),
            "rejected": _l("Rejected"),
            "recalled": _l("Recalled"),
        },
    },
    history={
        "submission.create": _l("%(who)s started a new version of the work."),
        "submission.submit": _l("%(who)s handed in a version of the work."),
        "submission.begin_review": _l("%(who)s started reviewing this version."),
        "submission.recall": _l("%(who)s withdrew a version of the work."),
        "submission.accept": _l("%(who)s accepted the work."),
        "submission.accept_partly": _l("%(who)s accepted the work in part."),
        "submission.request_changes": _l("%(who)s asked for changes to this version."),
        "submission.reject": _l("%(who)s rejected the work."),
    },
)
