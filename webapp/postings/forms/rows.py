"""The sections of a draft that have rows: deliverables, the priced rubric, questions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field

from webapp.core.errors import BadInput
from webapp.core.web.fields import PercentField, line_field, optional_text, percent, text_field
from webapp.postings.forms.sections import LONGEST_DETAIL, Page, SectionForm
from webapp.postings.models import Criterion, Deliverable, Question

MOST_DELIVERABLES, MOST_CRITERIA, MOST_QUESTIONS = 10, 10, 3
LONGEST_LEVEL = 500
LEVELS = range(5)
LEVEL_NAMES = (_l("Missing"), _l("Started"), _l("Usable"), _l("Good"), _l("Excellent"))
OFFERED_LEVELS = (
    _l("Missing, or it can't be used."),
    _l("Started: the idea is visible, but most of the work is still to do."),
    _l("Usable after changes that someone else has to make."),
    _l("Good: it can be used as it is, with small flaws."),
    _l("Excellent: it does everything that was asked for, and with care."),
)


Row = Deliverable | Criterion | Question


class RowsForm(SectionForm):
    """A section of several rows, each with the same fields: `title_0`, `title_1` …"""

    rows_name: str
    row_fields: tuple[str, ...]
    most: int
    at_first: int
    count: int

    @classmethod
    def of(cls, page: Page) -> RowsForm:
        stored = getattr(page.posting, cls.rows_name)
        count = page.rows if page.rows is not None else len(stored) or cls.at_first
        form_class = _with_rows(cls, count)  # type: ignore[arg-type]  # a class is hashable
        data: dict[str, str] = {}
        for number in range(count):
            row = stored[number] if number < len(stored) else None
            data |= {f"{name}_{number}": cls.shown(row, name) for name in cls.row_fields}
        form: RowsForm = form_class(data=data)
        form.count = count
        return form

    @classmethod
    def shown(cls, row: Row | None, name: str) -> str:
        return "" if row is None else str(getattr(row, name))

    @classmethod
    def field(cls, name: str, number: int) -> Field:
        raise NotImplementedError

    def cell(self, name: str, number: int) -> Field:
        return self[f"{name}_{number}"]

    def rows(self) -> Iterator[dict[str, Any]]:
        """For the template: the fields of each row by their short names."""
        for number in range(self.count):
            yield {name: self.cell(name, number) for name in self.row_fields}

    def stored_rows(self) -> list[dict[str, Any]]:
        return [
            {name: "" if field.errors else field.data or "" for name, field in row.items()}
            for row in self.rows()
        ]

    def values(self) -> dict[str, Any]:
        return {self.rows_name: self.stored_rows()}

    @classmethod
    def empty_row(cls) -> dict[str, Any]:
        """A new row as it is stored."""
        return dict.fromkeys(cls.row_fields, "")

    def blank(self, number: int) -> bool:
        """Nothing was written into this row."""
        return not any(self.cell(name, number).data for name in self.row_fields)

    def drop_blank(self) -> list[dict[str, Any]]:
        """The rows to keep when the section is saved; a row without its first field is a fault."""
        kept = [number for number in range(self.count) if not self.blank(number)]
        for number in kept:
            if not self.cell(self.row_fields[0], number).data:
                self.fault(f"{self.row_fields[0]}_{number}", _("Enter some text here, or remove the row."))
        stored = self.stored_rows()
        return [stored[number] for number in kept]


class DeliverablesForm(RowsForm):
    rows_name, row_fields, most, at_first = "deliverables", ("title", "detail"), MOST_DELIVERABLES, 1

    @classmethod
    def field(cls, name: str, number: int) -> Field:
        if name == "title":
            return line_field(_l("Deliverable %(number)s", number=number + 1))
        return optional_text(_l("Details of deliverable %(number)s", number=number + 1), LONGEST_DETAIL)


class QuestionsForm(RowsForm):
    rows_name, row_fields, most, at_first = "questions", ("text",), MOST_QUESTIONS, 0

    @classmethod
    def field(cls, name: str, number: int) -> Field:
        return line_field(_l("Question %(number)s", number=number + 1), 300)


class RubricForm(RowsForm):
    rows_name, most, at_first = "criteria", MOST_CRITERIA, 3
    row_fields = ("title", "weight", *(f"level_{level}" for level in LEVELS))

    @classmethod
    def field(cls, name: str, number: int) -> Field:
        if name == "title":
            return line_field(_l("Criterion %(number)s", number=number + 1))
        if name == "weight":
            return PercentField(_l("Weight of criterion %(number)s", number=number + 1))
        level = int(name[-1])
        return text_field(
            _l("Criterion %(number)s, level %(level)s", number=number + 1, level=level), LONGEST_LEVEL
        )

    @classmethod
    def shown(cls, row: Row | None, name: str) -> str:
        assert row is None or isinstance(row, Criterion)
        if name == "weight":
            return "" if row is None or not row.weight_bp else percent(row.weight_bp)
        if row is None or (not row.title and name.startswith("level_") and not getattr(row, name)):
            return str(OFFERED_LEVELS[int(name[-1])]) if name.startswith("level_") else ""
        return str(getattr(row, name))

    @classmethod
    def empty_row(cls) -> dict[str, Any]:
        levels = {f"level_{level}": str(OFFERED_LEVELS[level]) for level in LEVELS}
        return {"title": "", "weight_bp": 0, **levels}

    def blank(self, number: int) -> bool:
        # The offered level texts are in every row, so they do not count.
        return not (self.cell("title", number).data or self.cell("weight", number).data)

    def drop_blank(self) -> list[dict[str, Any]]:
        kept = super().drop_blank()
        for number in range(self.count):
            if not self.blank(number) and not (self.cell("weight", number).data or "").strip():
                self.fault(f"weight_{number}", _("Enter a weight above 0 and up to 100, for example 30."))
        total = sum(row["weight_bp"] for row in kept)
        if total != 10_000 and not self.errors and self.count:
            self.fault(
                f"weight_{self.count - 1}",
                _("The weights add up to %(sum)s %%. They must add up to 100 %%.", sum=percent(total)),
            )
        return kept

    def stored_rows(self) -> list[dict[str, Any]]:
        stored = []
        for number, row in enumerate(super().stored_rows()):
            weight = self.cell("weight", number)
            del row["weight"]
            stored.append({**row, "weight_bp": 0 if weight.errors else weight.basis_points or 0})
        return stored


@lru_cache(maxsize=64)
def _with_rows(kind: type[RowsForm], count: int) -> type[RowsForm]:
    fields = {
        f"{name}_{number}": kind.field(name, number) for number in range(count) for name in kind.row_fields
    }
    return type(kind.__name__, (kind,), fields)


def rows_posted(kind: type[SectionForm], names: Mapping[str, Any]) -> int | None:
    """How many rows the posted form had, from its field names; None for a section without rows."""
    if not issubclass(kind, RowsForm):
        return None
    first = kind.row_fields[0]
    return next((number for number in range(kind.most) if f"{first}_{number}" not in names), kind.most)


def change_rows(wish: str, form: RowsForm, rows: list[dict[str, Any]]) -> int:
    """Add a row, or move or remove one: `add`, `up-2`, `down-2`, `remove-2`. Returns the row to look at next."""
    if wish == "add":
        if len(rows) >= form.most:
            form.form_errors = [*form.form_errors, _("There can be at most %(most)s.", most=form.most)]
        rows.append(form.empty_row())
        return len(rows) - 1
    change = re.fullmatch("(remove|up|down)-([0-9]{1,2})", wish)
    number = int(change[2]) if change else -1
    if change is None or number >= len(rows):
        raise BadInput(_l("The form was incomplete. Open the page again and send it once more."))
    row = rows.pop(number)
    if change[1] == "remove":
        return min(number, len(rows) - 1)
    target = max(0, number - 1) if change[1] == "up" else min(len(rows), number + 1)
    rows.insert(target, row)
    return target
