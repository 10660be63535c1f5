"""What may be typed into a posting, section by section, into a rehearsal and into the search."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form as PlainForm
from wtforms import RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.core.errors import BadInput, Sentence
from webapp.core.fields import (
    DayField,
    PercentField,
    WholeField,
    choices,
    line,
    line_field,
    longest,
    offered,
    optional_text,
    paragraphs,
    percent,
    text_field,
)
from webapp.core.forms import Form, MoneyField, clean
from webapp.core.money import Money, unit
from webapp.organisations.models import Organisation
from webapp.postings.models import Posting
from webapp.postings.queries import Search
from webapp.skills.models import Skill

MOST_DELIVERABLES, MOST_CRITERIA, MOST_QUESTIONS, MOST_SKILLS = 10, 10, 3, 8
MOST_HOURS, MOST_SEATS = 400, 50
LONGEST_DETAIL, LONGEST_LEVEL, LONGEST_BRIEF = 2_000, 500, 20_000
FURTHEST = timedelta(days=366)
LEVELS = range(5)
PLACES = (("remote", _l("Remote")), ("hybrid", _l("Partly at a place")), ("on_site", _l("At a place")))
AI_POLICIES = (
    ("forbidden", _l("No AI tools")),
    ("declared", _l("AI tools may be used and are declared")),
    ("free", _l("AI tools may be used freely")),
)
LEVEL_NAMES = (_l("Missing"), _l("Begun"), _l("Usable"), _l("Good"), _l("Excellent"))
OFFERED_LEVELS = (
    _l("Not there, or it cannot be used."),
    _l("Begun: the idea can be seen, most of the work is still to do."),
    _l("Usable after changes that somebody else has to make."),
    _l("Good: it can be used as it is, with small flaws."),
    _l("Excellent: it does everything that was asked for, and with care."),
)


class NewForm(Form):
    """The first page of a posting."""

    title = line_field(_l("Title"))
    programme = RadioField(_l("Programme"), validate_choice=False)
    currency = RadioField(_l("Currency"), validate_choice=False)

    def __init__(self, programmes: Sequence[tuple[Organisation, Sequence[str]]]) -> None:
        codes = list(dict.fromkeys(code for _programme, codes in programmes for code in codes))
        super().__init__(data={"programme": str(programmes[0][0].id), "currency": codes[0]})
        self.programme.choices = choices(
            (str(programme.id), programme.name) for programme, _codes in programmes
        )
        self.currency.choices = choices((code, code) for code in codes)

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        for field in (self.programme, self.currency):
            if field.data not in offered(field):
                field.errors = [*field.errors, _("Choose one from the list.")]
                good = False
        return good


@dataclass(frozen=True)
class Page:
    """What a section's form has to know: the posting, the rows on the page, the skills, the day today."""

    posting: Posting
    skills: Sequence[Skill]
    today: date
    rows: int | None = None
    """How many rows were posted; None to show what is stored."""


class SectionForm(Form):
    """One section of a draft. `values` are the stored names of all fields without an error."""

    @classmethod
    def of(cls, page: Page) -> SectionForm:
        return cls(data={name: getattr(page.posting, name) or "" for name in cls.columns()})

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        return ()

    def values(self) -> dict[str, Any]:
        return {name: self[name].data or "" for name in self.columns() if not self[name].errors}

    def fault(self, name: str, sentence: str) -> None:
        self[name].errors = [*self[name].errors, sentence]


class BriefForm(SectionForm):
    title = line_field(_l("Title"))
    brief = text_field(_l("Brief"), LONGEST_BRIEF)

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        return ("title", "brief")


class SkillsForm(SectionForm):
    skills = SelectMultipleField(
        _l("Skills"),
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    @classmethod
    def of(cls, page: Page) -> SkillsForm:
        form = cls(data={"skills": [str(skill.id) for skill in page.posting.skills]})
        locale = str(get_locale())
        form.skills.choices = choices((str(skill.id), skill.name(locale)) for skill in page.skills)
        return form

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if not set(self.skills.data or []) <= offered(self.skills):
            self.fault("skills", _("Choose from the skills on the list."))
        elif len(self.skills.data or []) > MOST_SKILLS:
            self.fault("skills", _("Choose at most %(most)s skills.", most=MOST_SKILLS))
        return good and not self.skills.errors

    def values(self) -> dict[str, Any]:
        return {} if self.skills.errors else {"skills": [int(value) for value in self.skills.data or []]}


class PayForm(SectionForm):
    currency = SelectField(_l("Currency"), validate_choice=False)
    hours = WholeField(_l("Hours of work"), 1, MOST_HOURS)
    base = MoneyField(_l("Base fee"))
    guaranteed = MoneyField(_l("Guaranteed part"))
    bonus_pot = MoneyField(_l("Bonus pot"), [Optional()])
    amounts = ("base", "guaranteed", "bonus_pot")

    @classmethod
    def of(cls, page: Page) -> PayForm:
        posting = page.posting
        form = cls(data={"currency": posting.currency, "hours": str(posting.hours or "")})
        form.currency.choices = choices((code, code) for code in posting.settings.currencies)
        chosen = form.currency.data if form.currency.data in posting.settings.currencies else posting.currency
        for name in cls.amounts:
            field = form[name]
            field.currency = chosen
            if not field.raw_data:
                field.show(getattr(posting, name))
        return form

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if self.currency.data not in offered(self.currency):
            self.fault("currency", _("The programme does not pay in this currency. Choose another."))
        for name in self.amounts:
            field = self[name]
            if field.minor is not None and field.minor % unit(field.currency, "payout"):
                step = Money(unit(field.currency, "payout"), field.currency).format(str(get_locale()))
                self.fault(name, _("Banks are paid in steps of %(step)s only.", step=step))
        if self.base.minor == 0:
            self.fault("base", _("The base fee must be more than 0."))
        base, guaranteed = self.base.minor, self.guaranteed.minor
        if base is not None and guaranteed is not None and guaranteed > base:
            self.fault("guaranteed", _("The guaranteed part cannot be more than the base fee."))
        return good and not self.errors

    def values(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.currency.errors:
            return found
        found["currency"] = self.currency.data
        if not self.hours.errors:
            found["hours"] = self.hours.number
        for name in self.amounts:
            if not self[name].errors:
                found[name] = self[name].minor
        if "bonus_pot" in found:
            found["bonus_pot"] = found["bonus_pot"] or 0
        return found


class DatesForm(SectionForm):
    seats = WholeField(_l("Seats"), 1, MOST_SEATS)
    starts_on = DayField(_l("First day"))
    ends_on = DayField(_l("Last day"))
    today: date

    @classmethod
    def of(cls, page: Page) -> DatesForm:
        posting = page.posting
        days = {name: _iso(getattr(posting, name)) for name in ("starts_on", "ends_on")}
        form = cls(data={"seats": str(posting.seats), **days})
        form.today = page.today
        return form

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        starts, ends = self.starts_on.day, self.ends_on.day
        if not (self.seats.data or "").strip():
            self.fault(
                "seats", _("Write a whole number from %(least)s to %(most)s.", least=1, most=MOST_SEATS)
            )
        if starts and starts < self.today:
            self.fault("starts_on", _("The first day has already passed."))
        for name, day in (("starts_on", starts), ("ends_on", ends)):
            if day and day > self.today + 2 * FURTHEST:
                self.fault(name, _("That is more than two years away."))
        if starts and ends and ends < starts:
            self.fault("ends_on", _("The end cannot lie before the start."))
        return good and not self.errors

    def values(self) -> dict[str, Any]:
        found: dict[str, Any] = {} if self.seats.errors else {"seats": self.seats.number}
        return found | {name: self[name].day for name in ("starts_on", "ends_on") if not self[name].errors}


class PlaceForm(SectionForm):
    place_kind = RadioField(
        _l("Where the work is done"), [AnyOf([value for value, _label in PLACES], _l("Choose one from the list."))],
        choices=choices(PLACES), validate_choice=False,
    )  # fmt: skip
    place = line_field(_l("Place"))

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        return ("place_kind", "place")


class AiForm(SectionForm):
    ai_policy = RadioField(
        _l("May AI tools be used?"),
        [
            InputRequired(_l("Choose one from the list.")),
            AnyOf([value for value, _label in AI_POLICIES], _l("Choose one from the list.")),
        ],
        choices=choices(AI_POLICIES),
        validate_choice=False,
    )
    ai_note = optional_text(_l("What applicants should know about it"), LONGEST_DETAIL)

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        return ("ai_policy", "ai_note")


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
        made = _with_rows(cls, count)  # type: ignore[arg-type]  # a class is hashable
        data: dict[str, str] = {}
        for number in range(count):
            row = stored[number] if number < len(stored) else None
            data |= {f"{name}_{number}": cls.shown(row, name) for name in cls.row_fields}
        form: RowsForm = made(data=data)
        form.count = count
        return form

    @classmethod
    def shown(cls, row: Any, name: str) -> str:
        return "" if row is None else str(getattr(row, name))

    @classmethod
    def field(cls, name: str, number: int) -> Any:
        raise NotImplementedError

    def cell(self, name: str, number: int) -> Any:
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
                self.fault(f"{self.row_fields[0]}_{number}", _("Write something here, or remove the row."))
        stored = self.stored_rows()
        return [stored[number] for number in kept]


class DeliverablesForm(RowsForm):
    rows_name, row_fields, most, at_first = "deliverables", ("title", "detail"), MOST_DELIVERABLES, 1

    @classmethod
    def field(cls, name: str, number: int) -> Any:
        if name == "title":
            return line_field(_l("Deliverable %(number)s", number=number + 1))
        return optional_text(_l("Details of deliverable %(number)s", number=number + 1), LONGEST_DETAIL)


class QuestionsForm(RowsForm):
    rows_name, row_fields, most, at_first = "questions", ("text",), MOST_QUESTIONS, 0

    @classmethod
    def field(cls, name: str, number: int) -> Any:
        return line_field(_l("Question %(number)s", number=number + 1), 300)


class RubricForm(RowsForm):
    rows_name, most, at_first = "criteria", MOST_CRITERIA, 3
    row_fields = ("title", "weight", *(f"level_{level}" for level in LEVELS))

    @classmethod
    def field(cls, name: str, number: int) -> Any:
        if name == "title":
            return line_field(_l("Criterion %(number)s", number=number + 1))
        if name == "weight":
            return PercentField(_l("Weight of criterion %(number)s", number=number + 1))
        level = int(name[-1])
        return text_field(
            _l("Criterion %(number)s, level %(level)s", number=number + 1, level=level), LONGEST_LEVEL
        )

    @classmethod
    def shown(cls, row: Any, name: str) -> str:
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
                self.fault(f"weight_{number}", _("Write a weight above 0 and up to 100, for example 30."))
        total = sum(row["weight_bp"] for row in kept)
        if total != 10_000 and not self.errors and self.count:
            self.fault(
                f"weight_{self.count - 1}",
                _("The weights sum to %(sum)s %%. They must sum to 100 %%.", sum=percent(total)),
            )
        return kept

    def stored_rows(self) -> list[dict[str, Any]]:
        found = []
        for number, row in enumerate(super().stored_rows()):
            weight = self.cell("weight", number)
            del row["weight"]
            found.append({**row, "weight_bp": 0 if weight.errors else weight.basis_points or 0})
        return found


@lru_cache(maxsize=64)
def _with_rows(kind: type[RowsForm], count: int) -> Any:
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
    found = re.fullmatch("(remove|up|down)-([0-9]{1,2})", wish)
    number = int(found[2]) if found else -1
    if found is None or number >= len(rows):
        raise BadInput(_l("The form was incomplete. Open the page again and send it once more."))
    row = rows.pop(number)
    if found[1] == "remove":
        return min(number, len(rows) - 1)
    target = max(0, number - 1) if found[1] == "up" else min(len(rows), number + 1)
    rows.insert(target, row)
    return target


@dataclass(frozen=True)
class Section:
    """One line of the task list: its page, and the codes of what may be missing there."""

    name: str
    label: Sentence
    form: type[SectionForm]
    missing: Mapping[str, Sentence]


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


SECTIONS: dict[str, Section] = {
    section.name: section
    for section in (
        Section(
            "brief",
            _l("Title and brief"),
            BriefForm,
            {"title": _l("A title is missing."), "brief": _l("The brief is missing.")},
        ),
        Section(
            "deliverables",
            _l("Deliverables"),
            DeliverablesForm,
            {
                "deliverables": _l("Name at least one deliverable."),
                "deliverable_title": _l("A deliverable has no name."),
            },
        ),
        Section(
            "rubric",
            _l("Priced rubric"),
            RubricForm,
            {
                "rubric": _l("Name at least one criterion."),
                "criterion_title": _l("A criterion has no name."),
                "weights": _l("The weights do not sum to 100 %."),
                "levels": _l("A level is not described."),
            },
        ),
        Section("skills", _l("Skills"), SkillsForm, {"skills": _l("Choose at least one skill.")}),
        Section(
            "pay",
            _l("Hours and pay"),
            PayForm,
            {
                "hours": _l("The hours are missing."),
                "base": _l("The base fee is missing."),
                "guaranteed": _l("Say which part is guaranteed; it may be 0."),
            },
        ),
        Section(
            "dates",
            _l("Seats and dates"),
            DatesForm,
            {"dates": _l("The dates are missing."), "dates_past": _l("The first day has already passed.")},
        ),
        Section("place", _l("Place"), PlaceForm, {"place": _l("Say where the place is.")}),
        Section(
            "ai-policy", _l("Use of AI tools"), AiForm, {"ai_policy": _l("Say whether AI tools may be used.")}
        ),
        Section(
            "questions",
            _l("Questions for applicants"),
            QuestionsForm,
            {"question_text": _l("A question is empty.")},
        ),
    )
}


class SendBackForm(Form):
    """Why a posting is sent back."""

    reason = TextAreaField(
        _l("What has to change"),
        [InputRequired(_l("Say what has to change.")), longest(LONGEST_DETAIL)],
        filters=[paragraphs],
    )


class NothingForm(Form):
    """A button: nothing is typed."""


@lru_cache(maxsize=32)
def _rehearsal_class(count: int) -> Any:
    fields: dict[str, Any] = {
        f"level_{number}": RadioField(
            choices=choices((str(level), str(level)) for level in LEVELS), validate_choice=False, default="3"
        )
        for number in range(count)
    }
    fields["bonus"] = MoneyField(_l("Bonus"))
    return type("RehearsalForm", (PlainForm,), fields)


def rehearsal_form(posting: Posting, typed: Any) -> Any:
    """The calculator's form: one level for each criterion, and a bonus. `typed`: the query of the page."""
    form = _rehearsal_class(len(posting.criteria))(formdata=typed)
    form.bonus.currency = posting.currency
    return form


def rehearsed(posting: Posting, form: Any) -> tuple[tuple[int, ...], int]:
    """The levels and the bonus (minor units) that were chosen; what cannot be read is an error at its field."""
    form.validate()
    levels = []
    for number in range(len(posting.criteria)):
        field = form[f"level_{number}"]
        if field.data not in {str(level) for level in LEVELS}:
            field.errors = [*field.errors, _("Choose a level from 0 to 4.")]
            field.data = "3"
        levels.append(int(field.data))
    bonus = form.bonus.minor or 0
    if bonus > posting.bonus_pot:
        most = Money(posting.bonus_pot, posting.currency).format(str(get_locale()))
        form.bonus.errors = [*form.bonus.errors, _("The bonus pot holds %(most)s.", most=most)]
    elif bonus % unit(posting.currency, "payout"):
        form.bonus.errors = [*form.bonus.errors, _("Banks cannot be paid this fraction.")]
    return tuple(levels), 0 if form.bonus.errors else bonus


class SearchForm(PlainForm):  # type: ignore[misc]
    """The filters of the list of postings; they live in the address."""

    q = StringField(_l("Words"), filters=[lambda text: clean(line(text))[:200]])
    skill = SelectField(_l("Skill"), validate_choice=False)
    hours = WholeField(_l("At most so many hours"), 1, MOST_HOURS)
    currency = SelectField(_l("Currency"), validate_choice=False)
    pay = MoneyField(_l("At least so much per hour"))
    place = SelectField(_l("Place"), choices=choices([("", _l("Anywhere")), *PLACES]), validate_choice=False)


def search_form(typed: Any, skills: Sequence[Skill], currencies: Sequence[str]) -> SearchForm:
    """The filters with the choices that exist now."""
    form = SearchForm(formdata=typed)
    locale = str(get_locale())
    form.skill.choices = choices(
        [("", _("Any skill")), *((skill.slug, skill.name(locale)) for skill in skills)]
    )
    form.currency.choices = choices([("", _("Any currency")), *((code, code) for code in currencies)])
    for field in (form.skill, form.currency, form.place):
        if field.data not in offered(field):
            field.data = ""
    form.pay.currency = form.currency.data or (currencies[0] if len(currencies) == 1 else "USD")
    return form


def search_of(form: SearchForm, after: str) -> Search:
    """What is looked for; a filter with an error is left out, and says so at its field."""
    form.validate()
    if form.pay.minor is not None and not form.currency.data:
        if len(form.currency.choices) == 2:
            form.currency.data = form.currency.choices[1].value
        else:
            form.pay.errors = [*form.pay.errors, _("Choose the currency of this amount too.")]
    return Search(
        words=form.q.data or "",
        skill=form.skill.data,
        most_hours=form.hours.number,
        currency=form.currency.data,
        least_per_hour=None if form.pay.errors else form.pay.minor,
        place_kind=form.place.data,
        after=int(after) if re.fullmatch("[0-9]{1,15}", after) else None,
    )
