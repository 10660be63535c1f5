"""What the pages of dashboards send."""

from __future__ import annotations

from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length, Regexp

from webapp.core.web.forms import Form


class RoleForm(Form):
    """In which role one wants to look at the app."""

    role = StringField(validators=[InputRequired(), Length(max=20)])


class FoldForm(Form):
    """What to do with a column of a board: "1.task.done" folds it away, "0.task.done" shows it; and the page it was on."""

    fold = StringField(validators=[InputRequired(), Regexp(r"[01]\.[a-z_]{1,20}\.[a-z_]{1,20}\Z")])
    next = HiddenField()
