"""Shape and limits of what is typed on a board."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import (
    DateField,
    HiddenField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Optional, Regexp, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.core.boards.filters import BoardFilterForm
from webapp.core.files.blobs import ACCEPT
from webapp.core.web.fields import WholeField, line, longest, optional_text, text_field
from webapp.core.web.forms import NUMBER, Form, whole_number
from webapp.tasks.models import Task

FIRST_YEAR, LAST_YEAR = 2000, 2199
MOST_LABELS, LONGEST_LABEL = 8, 24


def _in_our_time(_form: object, field: DateField) -> None:
    """A day that every zone has: with the year 9999 it would already be the year 10000 somewhere."""
    if field.data is not None and not FIRST_YEAR <= field.data.year <= LAST_YEAR:
        raise ValidationError(_("Enter a date between 2000 and 2199."))


class NewTaskForm(Form):
    """The first words of a card."""

    title = StringField(
        _l("What needs doing"),
        [DataRequired(_l("Enter a short description of what needs doing.")), longest(200)],
        filters=[line],
    )
    detail = optional_text(_l("Details"), 5_000)


class TaskForm(NewTaskForm):
    """All that is worded on a card."""

    due_on = DateField(_l("Due on"), [Optional(), _in_our_time])
    labels = StringField(_l("Labels"), [Optional(), longest(200)], filters=[line], default="")

    @property
    def label_list(self) -> tuple[str, ...]:
        """The labels as they were typed, each once."""
        return tuple(
            dict.fromkeys(part.strip() for part in (self.labels.data or "").split(",") if part.strip())
        )

    def validate_labels(self, field: StringField) -> None:
        if len(self.label_list) > MOST_LABELS or any(len(label) > LONGEST_LABEL for label in self.label_list):
            raise ValidationError(
                _(
                    "Enter at most %(most)s labels of at most %(long)s characters, separated by commas.",
                    most=MOST_LABELS,
                    long=LONGEST_LABEL,
                )
            )


class CheckForm(Form):
    """A line for a checklist."""

    item = StringField(
        _l("New checklist item"),
        [DataRequired(_l("Enter a checklist item.")), longest(200)],
        filters=[line],
    )


class CommentForm(Form):
    """Something said about a card."""

    text = text_field(_l("Your comment"), 5_000, validators=[DataRequired(_l("Enter some text first."))])


class FilesForm(Form):
    """Files for a card."""

    files = MultipleFileField(_l("Files"), render_kw={"accept": ACCEPT})


class LimitsForm(Form):
    """How many cards each column should hold at most; empty: as many as there are."""

    todo = WholeField(_l("To do"), 1, 99, validators=[Optional()])
    doing = WholeField(_l("Doing"), 1, 99, validators=[Optional()])
    blocked = WholeField(_l("Blocked"), 1, 99, validators=[Optional()])

    @property
    def limits(self) -> dict[str, int]:
        """The limits that were given, by column."""
        fields = (self.todo, self.doing, self.blocked)
        return {field.name: field.number for field in fields if field.number is not None}


class CopyForm(Form):
    """Which cards to take over, and from which board."""

    board = HiddenField()
    cards = SelectMultipleField(
        _l("Tasks"),
        [DataRequired(_l("Choose at least one task."))],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        choices=[],
        validate_choice=False,
    )

    @property
    def chosen(self) -> list[int]:
        """The numbers of the cards that were chosen; 0, which no card has, for what is no number."""
        return [whole_number(value) or 0 for value in dict.fromkeys(self.cards.data or [])]


DAYS = (
    SelectChoice("", _l("Any day")),
    SelectChoice("overdue", _l("Overdue")),
    SelectChoice("week", _l("Within seven days")),
    SelectChoice("none", _l("No due date")),
)


class BoardForm(BoardFilterForm):
    """What of an internship's board is shown, and in which order."""

    due = SelectField(_l("Due"), choices=list(DAYS), default="", validate_choice=False)
    label = StringField(_l("Label"), [Optional(), longest(LONGEST_LABEL)], filters=[line], default="")
    sort = SelectField(
        _l("Order"),
        choices=[
            SelectChoice("manual", _l("Your own order")),
            SelectChoice("due", _l("By due date")),
        ],
        default="manual",
        validate_choice=False,
    )


class OwnBoardForm(BoardFilterForm):
    """What of the intern's own board over all internships is shown."""

    due = SelectField(_l("Due"), choices=list(DAYS), default="", validate_choice=False)
    label = StringField(_l("Label"), [Optional(), longest(LONGEST_LABEL)], filters=[line], default="")
    of = SelectField(_l("Internship"), default="", validate_choice=False)

    def __init__(self, args: Mapping[str, Any], internships: Mapping[str, str]) -> None:
        choices = [SelectChoice("", _l("All"))]
        choices += [SelectChoice(number, title) for number, title in internships.items()]
        self.of_choices = choices
        super().__init__(args)

    def process(self, *args: object, **kwargs: object) -> None:
        """The choices are there before an address is read against them."""
        self.of.choices = self.of_choices
        super().process(*args, **kwargs)


class MoveForm(Form):
    """One intent: this card, into that column, before that neighbour, as it was seen (`move_version`).

    A card's own button says both in one value: `step` is "doing.3".
    """

    class Meta(Form.Meta):
        def wrap_formdata(self, form: Form, formdata: Any) -> Any:
            sent = super().wrap_formdata(form, formdata)
            if not sent or "step" not in sent:
                return sent
            to, _dot, move_version = sent["step"].partition(".")
            return MultiDict([*sent.items(multi=True), ("to", to), ("move_version", move_version)])

    to = RadioField(
        _l("Column"),
        [DataRequired(_l("Choose a column."))],
        choices={state: state for state in Task.law.states},
    )
    before = SelectField(
        _l("Place in the column"),
        [Regexp(rf"(?:top|end|(?:after-)?{NUMBER})\Z", message=_l("Choose a place."))],
        default="end",
        validate_choice=False,
    )
    waits_for = SelectField(_l("Who you're waiting for"), default="", validate_choice=False)
    why = optional_text(_l("What are you waiting for?"), 500)
    move_version = HiddenField(validators=[Regexp(rf"{NUMBER}\Z")])
    view = HiddenField(default="page")

    @property
    def waited_for(self) -> int | None:
        """The number of the person who is waited for, if one was chosen."""
        return whole_number(self.waits_for.data)
