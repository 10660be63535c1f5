"""The words for the states, the history and the reasons of tasks."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Labels

LABELS = Labels(
    kinds={"task": _l("A task on the board")},
    states={
        "task": {"todo": _l("To do"), "doing": _l("Doing"), "blocked": _l("Blocked"), "done": _l("Done")},
    },
    history={
        "internship.limits": _l("%(who)s changed how many tasks a column should hold."),
        "task.create": _l("%(who)s added a task."),
        "task.start": _l("%(who)s started a task."),
        "task.finish": _l("%(who)s finished a task."),
        "task.block": _l("%(who)s marked a task as blocked."),
        "task.unblock": _l("%(who)s unblocked a task."),
        "task.reopen": _l("%(who)s reopened a task."),
        "task.put_back": _l("%(who)s moved a task back to To do."),
        "task.place": _l("%(who)s moved a task within its column."),
        "task.check_added": _l("%(who)s added a checklist item to a task."),
        "task.ticked": _l("%(who)s ticked a checklist item."),
        "task.unticked": _l("%(who)s unticked a checklist item."),
        "task.commented": _l("%(who)s commented on a task."),
        "task.file_added": _l("%(who)s added a file to a task."),
        "task.file_removed": _l("%(who)s removed a file from a task."),
        "task.edit": _l("%(who)s edited a task."),
    },
)
