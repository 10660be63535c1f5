"""Shape and limits of what is asked of a pipeline."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from webapp.core.boards.filters import BoardFilterForm


class PipelineForm(BoardFilterForm):
    """What of a pipeline is shown."""

    due = SelectField(
        _l("Deadline"),
        choices=[SelectChoice("", _l("Any day")), SelectChoice("week", _l("Within seven days"))],
        default="",
        validate_choice=False,
    )
    late = SelectField(
        _l("Work handed in"),
        choices=[SelectChoice("", _l("In time or late")), SelectChoice("late", _l("Late only"))],
        default="",
        validate_choice=False,
    )
