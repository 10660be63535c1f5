"""What a programme is founded with, and its rules: money, clocks, countries, bank details."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    IntegerField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from webapp.accounts.forms import country_choices
from webapp.core.money.amounts import QUANTA
from webapp.core.web.fields import percent
from webapp.core.web.forms import Form, MoneyField
from webapp.organisations.actions.registration import Rules
from webapp.organisations.forms.profiles import ProfileForm
from webapp.organisations.models import DEFAULT_CLOCKS, ProgrammeSettings

CLOCK_WORDS: dict[str, Any] = {
    "approval_days": _l("Days to approve a posting"),
    "open_days": _l("Days a posting stays open"),
    "unfilled_days": _l("Days until an unfilled seat is cancelled"),
    "answer_days": _l("Days to answer an application"),
    "answer_more_days": _l("Extra days to answer a shortlisted application"),
    "offer_days": _l("Days to accept an offer"),
    "sign_days": _l("Days to accept the agreement"),
    "pay_days": _l("Days to start the payment"),
    "secure_days": _l("Days for the money to arrive"),
    "start_hours": _l("Hours to start the work"),
    "review_days": _l("Days to review before automatic approval"),
    "review_more_days": _l("Extra days a reviewer can take once"),
    "revision_days": _l("Days for a revision"),
    "revision_rounds": _l("Rounds of revision"),
    "grace_hours": _l("Hours after the deadline until work counts as late"),
    "no_submission_days": _l("Days without a submission before the internship ends"),
    "object_days": _l("Days to object to a result"),
    "payout_days": _l("Working days to pay a due payment"),
}


LONGEST_CLOCK = 365


def currency_codes(text: str) -> list[str]:
    """The codes in a list like "USD, VND", each once."""
    return list(dict.fromkeys(text.replace(",", " ").upper().split()))


def currencies(_form: object, field: Field) -> None:
    """Validator: codes of currencies that can be counted here."""
    unknown = [code for code in currency_codes(field.data) if code not in QUANTA]
    if unknown:
        raise ValidationError(
            _("These currencies are not supported: %(codes)s.", codes=", ".join(unknown)[:80])
        )
    if not currency_codes(field.data):
        raise ValidationError(_("Enter at least one currency, like USD."))


def currencies_field() -> StringField:
    return StringField(
        _l("Currencies"),
        [InputRequired(_l("Enter at least one currency, like USD.")), Length(max=200), currencies],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )


CODES = {"autocomplete": "off", "spellcheck": "false"}


def stripe_currency_codes(form: RulesForm, field: Field) -> None:
    """Validator: some of the programme's own currencies."""
    unknown = set(currency_codes(field.data or "")) - set(currency_codes(form.currencies.data or ""))
    if unknown:
        codes = ", ".join(sorted(unknown))[:80]
        raise ValidationError(_("The programme does not use these currencies: %(codes)s.", codes=codes))


def country_codes(_form: object, field: Field) -> None:
    """Validator: codes of countries."""
    known = {str(choice.value) for choice in country_choices()} - {""}
    unknown = [code for code in currency_codes(field.data or "") if code not in known]
    if unknown:
        codes = ", ".join(unknown)[:80]
        raise ValidationError(_("These country codes don't exist: %(codes)s.", codes=codes))


class ProgrammeForm(ProfileForm):
    """Register a programme."""

    currencies = currencies_field()


class FeeField(StringField):  # type: ignore[misc]
    """A fee in per cent as people type it, at most two decimals; `basis_points` after validation."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, render_kw={"inputmode": "decimal", "autocomplete": "off"}, **kwargs)
        self.basis_points = 0

    def pre_validate(self, form: object) -> None:
        number = re.fullmatch(r"([0-9]{1,3})(?:[.,]([0-9]{1,2}))?", (self.data or "").strip(" %"))
        self.basis_points = int(number[1]) * 100 + int((number[2] or "").ljust(2, "0")) if number else -1
        if self.data and not 0 <= self.basis_points <= 10_000:
            raise ValidationError(_("Enter a number from 0 to 100 with at most two decimals."))


class RulesForm(Form):
    """A programme's settings; the fields of its currencies and clocks are added by `rules_form`."""

    fee = FeeField(_l("Platform fee"), [InputRequired(_l("Enter the fee as a percentage."))])
    currencies = currencies_field()
    stripe_currencies = StringField(
        _l("Currencies paid by Stripe"), [Optional(), Length(max=200), stripe_currency_codes], render_kw=CODES
    )
    stripe_countries = StringField(
        _l("Countries whose interns are paid by Stripe"),
        [Optional(), Length(max=1000), country_codes],
        render_kw=CODES,
    )
    unpaid_countries = StringField(
        _l("Countries whose interns cannot be paid"),
        [Optional(), Length(max=1000), country_codes],
        render_kw=CODES,
    )
    approval_needed = BooleanField(_l("A programme manager approves each posting before it opens"))
    holidays = TextAreaField(_l("Holidays"), [Optional(), Length(max=4000)])

    def validate_unpaid_countries(self, field: StringField) -> None:
        both = set(currency_codes(field.data or "")) & set(currency_codes(self.stripe_countries.data or ""))
        if both:
            codes = ", ".join(sorted(both))[:80]
            raise ValidationError(
                _("These countries are among those paid by Stripe: %(codes)s.", codes=codes)
            )

    def validate_holidays(self, field: TextAreaField) -> None:
        try:
            self.days()
        except ValueError:
            raise ValidationError(_("Enter one date per line, like 2026-12-25.")) from None

    def days(self) -> list[date]:
        """The holidays; ValueError when a line is no day."""
        return sorted({date.fromisoformat(line) for line in (self.holidays.data or "").split()})

    def per_currency(self) -> list[tuple[str, MoneyField, TextAreaField]]:
        """(code, pay floor, bank details) fields of the currencies the programme has now."""
        codes = [name.removeprefix("floor_") for name in self._fields if name.startswith("floor_")]
        return [(code, self._fields[f"floor_{code}"], self._fields[f"bank_{code}"]) for code in codes]

    def clocks(self) -> list[IntegerField]:
        """The fields of the clocks, in the order of an internship's life."""
        return [self._fields[f"clock_{name}"] for name in CLOCK_WORDS]

    def rules(self) -> Rules:
        """What was typed, as the action wants it; a currency that is new has no floor yet."""
        codes = currency_codes(self.currencies.data)
        typed = {code: (floor, bank) for code, floor, bank in self.per_currency()}
        return Rules(
            fee_bp=self.fee.basis_points,
            currencies=codes,
            pay_floor={code: (typed[code][0].minor or 0) if code in typed else 0 for code in codes},
            approval_needed=bool(self.approval_needed.data),
            clocks={name: self._fields[f"clock_{name}"].data for name in CLOCK_WORDS},
            holidays=self.days(),
            bank_details={code: _lines(typed[code][1].data) if code in typed else [] for code in codes},
            stripe_currencies=currency_codes(self.stripe_currencies.data or ""),
            stripe_countries=currency_codes(self.stripe_countries.data or ""),
            unpaid_countries=currency_codes(self.unpaid_countries.data or ""),
        )


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def rules_form(settings: ProgrammeSettings, *, filled: bool = False) -> RulesForm:
    """The form of a programme's settings; `filled` shows what is in force."""
    fields: dict[str, Any] = {}
    for code in settings.currencies:
        fields[f"floor_{code}"] = MoneyField(
            _l("Minimum pay per hour in %(code)s", code=code), [Optional()], currency=code
        )
        fields[f"bank_{code}"] = TextAreaField(
            _l("Where employers transfer %(code)s", code=code), [Optional(), Length(max=1000)]
        )
    for name in DEFAULT_CLOCKS:
        fields[f"clock_{name}"] = IntegerField(
            CLOCK_WORDS[name],
            [
                InputRequired(_l("Enter a number.")),
                NumberRange(
                    0 if name == "revision_rounds" else 1, LONGEST_CLOCK, _l("Enter a number from 1 to 365.")
                ),
            ],
            render_kw={"inputmode": "numeric"},
        )
    form = type("ProgrammeRulesForm", (RulesForm,), fields)()
    assert isinstance(form, RulesForm)
    if filled:
        _fill(form, settings)
    return form


def _fill(form: RulesForm, settings: ProgrammeSettings) -> None:
    form.fee.data = percent(settings.fee_bp)
    form.currencies.data = ", ".join(settings.currencies)
    form.approval_needed.data = settings.approval_needed
    for name in ("stripe_currencies", "stripe_countries", "unpaid_countries"):
        form._fields[name].data = ", ".join(getattr(settings, name))
    form.holidays.data = "\n".join(day.isoformat() for day in settings.holidays)
    for code, floor, bank in form.per_currency():
        floor.show(settings.pay_floor.get(code))
        bank.data = "\n".join(settings.bank_details.get(code, []))
    for name in CLOCK_WORDS:
        form._fields[f"clock_{name}"].data = settings.clock(name)
