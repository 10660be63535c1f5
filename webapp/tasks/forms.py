"""Shape and limits of what is typed on a board."""

from __future__ import annotations

from typing import Any

from flask import g, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Optional, Regexp, ValidationError

from webapp.core.fields import line, longest, optional_text, text_field
from webapp.core.forms import Form, whole_number
from webapp.tasks.models import Task

MOST_LABELS, LONGEST_LABEL = 8, 24
NUMBER = r"[1-9][0-9]{0,17}"


class NewTaskForm(Form):
    """The first words of a card."""

    title = StringField(
        _l("What is to be done"),
        [DataRequired(_l("Say in a few words what is to be done.")), longest(200)],
        filters=[line],
    )
    detail = optional_text(_l("More about it"), 5_000)


class TaskForm(NewTaskForm):
    """All that is worded on a card."""

    due_on = DateField(_l("Due on"), [Optional()])
    labels = StringField(_l("Labels"), [Optional(), longest(200)], filters=[line], default="")

    @property
    def label_list(self) -> tuple[str, ...]:
        """The labels as they were typed, each once."""
        return tuple(
            dict.fromkeys(part.strip() for part in (self.labels.data or "").split(",") if part.strip())
        )

    def validate_labels(self, field: StringField) -> None:
        if len(self.label_list) > MOST_LABELS or any(len(one) > LONGEST_LABEL for one in self.label_list):
            raise ValidationError(
                _(
                    "Write at most %(most)s labels of at most %(long)s characters, with commas between.",
                    most=MOST_LABELS,
                    long=LONGEST_LABEL,
                )
            )


class CheckForm(Form):
    """A line for a checklist."""

    item = StringField(
        _l("What is to be ticked off"),
        [DataRequired(_l("Write a line for the checklist.")), longest(200)],
        filters=[line],
    )


class CommentForm(Form):
    """Something said about a card."""

    text = text_field(_l("Your comment"), 5_000, validators=[DataRequired(_l("Write something first."))])


class ShownForm(Form):
    """What of a board is shown, and how; all of it stands in the address."""

    class Meta(Form.Meta):
        csrf = False

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            return {} if g.get("answering") else request.args

    q = StringField(_l("Words in the title"), [Optional(), longest(80)], filters=[line], default="")
    due = SelectField(
        _l("Due"),
        choices=[
            SelectChoice("", _l("Any day")),
            SelectChoice("overdue", _l("Overdue")),
            SelectChoice("week", _l("Within seven days")),
            SelectChoice("none", _l("Without a day")),
        ],
        default="",
        validate_choice=False,
    )
    label = StringField(_l("Label"), [Optional(), longest(LONGEST_LABEL)], filters=[line], default="")
    sort = SelectField(
        _l("Order"),
        choices=[
            SelectChoice("manual", _l("As you put them")),
            SelectChoice("due", _l("By the day they are due")),
        ],
        default="manual",
        validate_choice=False,
    )
    view = SelectField(
        _l("Shown as"),
        choices=[SelectChoice("board", _l("Board")), SelectChoice("list", _l("List"))],
        default="board",
        validate_choice=False,
    )

    def process(self, *args: Any, **kwargs: Any) -> None:
        """What an address does not say, or says in words that nobody knows, is as on a board as it is."""
        super().process(*args, **kwargs)
        for field in (self.due, self.sort, self.view):
            if field.data not in [choice.value for choice in field.choices]:
                field.data = field.default

    @property
    def address(self) -> dict[str, str]:
        """What differs from a board as it is, for its links."""
        plain = {"q": "", "due": "", "label": "", "sort": "manual", "view": "board"}
        return {name: self[name].data for name in plain if self[name].data not in (None, "", plain[name])}


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
        return whole_number(self.waits_for.data)
