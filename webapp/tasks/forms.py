"""Shape and limits of what is typed on a board."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, Regexp

from webapp.core.fields import line, longest, optional_text
from webapp.core.forms import Form
from webapp.tasks.models import Task

NUMBER = r"[1-9][0-9]{0,17}"


class TaskForm(Form):
    """A card's words."""

    title = StringField(
        _l("What is to be done"),
        [DataRequired(_l("Say in a few words what is to be done.")), longest(200)],
        filters=[line],
    )
    detail = optional_text(_l("More about it"), 5_000)


class MoveForm(Form):
    """One intent: this card, into that column, before that neighbour, as it was seen (`seq`)."""

    to = RadioField(
        _l("Column"),
        [DataRequired(_l("Choose a column."))],
        choices={state: state for state in Task.law.states},
    )
    before = SelectField(
        _l("Place in the column"),
        [Regexp(rf"(?:top|end|{NUMBER})\Z", message=_l("Choose a place."))],
        default="end",
        validate_choice=False,
    )
    waits_for = SelectField(_l("Who is waited for"), default="", validate_choice=False)
    why = optional_text(_l("What are you waiting for?"), 500)
    seq = HiddenField(validators=[Regexp(rf"{NUMBER}\Z")])
    view = HiddenField(default="page")

    @property
    def waited_for(self) -> int | None:
        """The number of the person who is waited for, if one was chosen."""
        chosen = self.waits_for.data or ""
        return int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) <= 18 else None
