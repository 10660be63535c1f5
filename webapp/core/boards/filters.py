"""What of a board is shown, and how."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from webapp.core.web.fields import line, longest
from webapp.core.web.forms import Form


class BoardFilterForm(Form):
    """What of a board is shown, and how; the address holds all of it. Boards add their own fields."""

    class Meta(Form.Meta):
        csrf = False

        def wrap_formdata(self, form: object, formdata: object) -> Any:
            return formdata

    q = StringField(_l("Words on the card"), [Optional(), longest(80)], filters=[line], default="")
    view = SelectField(
        _l("Shown as"),
        choices=[SelectChoice("board", _l("Board")), SelectChoice("list", _l("List"))],
        validate_choice=False,
    )

    def process(self, *args: object, **kwargs: object) -> None:
        """A field that the address leaves out, or fills with an unknown choice, has its default."""
        super().process(*args, **kwargs)
        for select in self:
            if isinstance(select, SelectField) and select.data not in [
                choice.value for choice in select.choices
            ]:
                select.data = select.default or ""
        self.chosen_view = self.view.data
        if not self.view.data:
            self.view.data = "list" if request.cookies.get("narrow") == "1" else "board"
        self.validate()

    def _shown(self) -> tuple[Hashable, ...]:
        return (type(self), *((field.name, field.data, *field.errors, *_values(field)) for field in self))

    def __eq__(self, other: object) -> bool:
        """The same shows in both."""
        return isinstance(other, BoardFilterForm) and self._shown() == other._shown()

    def __hash__(self) -> int:
        return hash(self._shown())

    @property
    def plain(self) -> dict[str, str]:
        """Each field as it is on a board that nobody has filtered or sorted."""
        return {field.name: field.default or "" for field in self if field.name not in ("view", "csrf_token")}

    @property
    def address(self) -> dict[str, str]:
        """What differs from a board as it is, for its links."""
        chosen = {
            name: self[name].data for name in self.plain if self[name].data not in ("", self.plain[name])
        }
        return {**chosen, **({"view": self.chosen_view} if self.chosen_view else {})}

    @property
    def is_sorted(self) -> bool:
        """The order was chosen."""
        return "sort" in self.address

    def valid(self, name: str) -> str:
        """What a field asks for; empty where its input is not valid."""
        return "" if self[name].errors else str(self[name].data or "")


def _values(field: Field) -> list[Hashable]:
    """What can be chosen; words in the reader's language are the same for all forms of a class."""
    choices: Iterable[SelectChoice] = getattr(field, "choices", ())
    return [(choice.value, choice.label if isinstance(choice.label, str) else "") for choice in choices]
