"""The sections of a draft with one value a field, the first page, and the decision to send back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.core.money.amounts import Money, minimum_charge, unit
from webapp.core.web.fields import (
    DayField,
    WholeField,
    choices,
    line_field,
    longest,
    offered,
    optional_text,
    paragraphs,
    text_field,
)
from webapp.core.web.forms import Form, MoneyField
from webapp.organisations.models import Organisation, ProgrammeSettings
from webapp.postings.models import Posting
from workflows import award

MOST_SKILLS, MOST_HOURS, MOST_SEATS = 8, 400, 50
LONGEST_DETAIL, LONGEST_BRIEF = 2_000, 20_000
FURTHEST = timedelta(days=732)
PLACES = (("remote", _l("Remote")), ("hybrid", _l("Partly at a place")), ("on_site", _l("At a place")))
AI_POLICIES = (
    ("forbidden", _l("No AI tools")),
    ("declared", _l("AI tools may be used and are declared")),
    ("free", _l("AI tools may be used freely")),
)


class NewForm(Form):
    """The first page of a posting."""

    title = line_field(_l("Title"))
    programme = RadioField(_l("Programme"), validate_choice=False)
    currency = RadioField(_l("Currency"), validate_choice=False)

    def __init__(self, programmes: Sequence[tuple[Organisation, ProgrammeSettings]]) -> None:
        codes = list(dict.fromkeys(code for _programme, rules in programmes for code in rules.currencies))
        super().__init__(data={"programme": str(programmes[0][0].id), "currency": codes[0]})
        self.programmes = {str(programme.id): programme for programme, _rules in programmes}
        self.programme.choices = choices((number, each.name) for number, each in self.programmes.items())
        self.currency.choices = choices((code, code) for code in codes)

    @property
    def chosen_programme(self) -> Organisation:
        """The programme that was chosen; only of a valid form."""
        return self.programmes[self.programme.data]

    def validate(self, extra_validators: object = None) -> bool:
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
    skills: Sequence[tuple[str, str]]
    """Ids as text, and names in the reader's order."""
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
        form.skills.choices = choices(page.skills)
        return form

    def validate(self, extra_validators: object = None) -> bool:
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
    posting: Posting

    @classmethod
    def of(cls, page: Page) -> PayForm:
        posting = page.posting
        form = cls(data={"currency": posting.currency, "hours": str(posting.hours or "")})
        form.posting = posting
        form.currency.choices = choices((code, code) for code in posting.settings.currencies)
        chosen = form.currency.data if form.currency.data in posting.settings.currencies else posting.currency
        for name in cls.amounts:
            field = form[name]
            field.currency = chosen
            if not field.raw_data:
                field.show(getattr(posting, name))
        return form

    def validate(self, extra_validators: object = None) -> bool:
        good = super().validate(extra_validators)
        if self.currency.data not in offered(self.currency):
            self.fault("currency", _("The programme doesn't pay in this currency. Choose another."))
        for name in self.amounts:
            field = self[name]
            if field.minor is not None and field.minor % unit(field.currency, "payout"):
                step = Money(unit(field.currency, "payout"), field.currency).format(str(get_locale()))
                self.fault(name, _("Enter a multiple of %(step)s.", step=step))
        if self.base.minor == 0:
            self.fault("base", _("The base fee must be more than 0."))
        base, guaranteed = self.base.minor, self.guaranteed.minor
        if base is not None and guaranteed is not None and guaranteed > base:
            self.fault("guaranteed", _("The guaranteed part cannot be more than the base fee."))
        if not self.errors and self._is_too_small():
            least = Money(minimum_charge(self.currency.data), self.currency.data).format(str(get_locale()))
            self.fault("base", _("Including the fee, the smallest card charge is %(least)s.", least=least))
        return good and not self.errors

    def _is_too_small(self) -> bool:
        """In a currency that the programme takes by Stripe: less than Stripe charges to anybody."""
        code, base, settings = self.currency.data, self.base.minor, self.posting.settings
        if base is None or code not in settings.stripe_currencies:
            return False
        fee = award.platform_fee(base, settings.fee_bp, unit(code, "charge"))
        return base + (self.bonus_pot.minor or 0) + fee < minimum_charge(code)

    def values(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if self.currency.errors:
            return values
        values["currency"] = self.currency.data
        if not self.hours.errors:
            values["hours"] = self.hours.number
        for name in self.amounts:
            if not self[name].errors:
                values[name] = self[name].minor
            elif self.currency.data != self.posting.currency:
                values[name] = None  # what is stored is an amount of the other currency
        if "bonus_pot" in values:
            values["bonus_pot"] = values["bonus_pot"] or 0
        return values


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

    def validate(self, extra_validators: object = None) -> bool:
        good = super().validate(extra_validators)
        starts, ends = self.starts_on.day, self.ends_on.day
        if not (self.seats.data or "").strip():
            self.fault(
                "seats", _("Enter a whole number from %(least)s to %(most)s.", least=1, most=MOST_SEATS)
            )
        if starts and starts < self.today:
            self.fault("starts_on", _("The first day has already passed."))
        for name, day in (("starts_on", starts), ("ends_on", ends)):
            if day and day > self.today + FURTHEST:
                self.fault(name, _("That is more than two years away."))
        if starts and ends and ends < starts:
            self.fault("ends_on", _("The end can't be before the start."))
        return good and not self.errors

    def values(self) -> dict[str, Any]:
        values: dict[str, Any] = {} if self.seats.errors else {"seats": self.seats.number}
        return values | {name: self[name].day for name in ("starts_on", "ends_on") if not self[name].errors}


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


class SendBackForm(Form):
    """Why a posting is sent back."""

    reason = TextAreaField(
        _l("What has to change"),
        [InputRequired(_l("Enter what has to change.")), longest(LONGEST_DETAIL)],
        filters=[paragraphs],
    )


class NothingForm(Form):
    """A button: nothing is typed."""


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
