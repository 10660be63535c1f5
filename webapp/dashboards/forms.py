"""What the pages of dashboards send."""

from __future__ import annotations

from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length, Regexp

from webapp.core.web.forms import Form


class RoleForm(Form):
    """In which role one wants to look at the app."""

    role = StringField(validators=[InputRequired(), Length(max=20)])


class FoldForm(Form):
    """A column of a board ("task.done"); `fold` is 1 to fold it away, 0 to show it; and the page on which it was."""

    column = StringField(validators=[InputRequired(), Regexp(r"[a-z_]{1,20}\.[a-z_]{1,20}\Z")])
    fold = StringField(validators=[InputRequired(), Regexp(r"[01]\Z")])
    next = HiddenField()
