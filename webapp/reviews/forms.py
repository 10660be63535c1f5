"""The rubric as a form: level, comment and citation for each criterion of this agreement."""

from __future__ import annotations

from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, RadioField
from wtforms.validators import ValidationError

from webapp.core.money.amounts import Money, format_amount
from webapp.core.web.fields import optional_text
from webapp.core.web.forms import Form, MoneyField
from webapp.internships.models import Internship
from webapp.reviews.actions import Mark
from webapp.reviews.models import Review
from workflows.award import LEVELS


class ReviewForm(Form):
    """What every review says apart from its criteria; `for_internship` adds those."""

    comment = optional_text(_l("To the intern"), 5_000)
    bonus = MoneyField(_l("Bonus"))
    bonus_reason = optional_text(_l("What the bonus is for"), 1_000)

    def prepare(self, internship: Internship) -> None:
        """Know the agreement's currency, pot and criteria."""
        self.criteria = len(internship.terms.criteria)
        self.pot = internship.terms.bonus_pot
        self.unit = internship.terms.unit
        self.bonus.currency = internship.terms.currency

    def validate_bonus(self, field: MoneyField) -> None:
        """The bonus lies within the pot, and is a sum that banks can be paid."""
        if (field.minor or 0) > self.pot:
            raise ValidationError(_("The bonus is larger than the bonus pot."))
        if (field.minor or 0) % self.unit:
            example = Money(max((field.minor or 0) // self.unit, 1) * self.unit, field.currency)
            raise ValidationError(
                _("Enter a whole amount, for example %(example)s.", example=example.format(str(get_locale())))
            )

    @property
    def bonus_minor(self) -> int:
        """The bonus in minor units; nothing typed is none."""
        return self.bonus.minor or 0

    @property
    def marks(self) -> list[Mark]:
        """What was said about each criterion, in the agreement's order."""
        return [
            Mark(
                _level(self[f"level_{position}"].data),
                self[f"comment_{position}"].data or "",
                bool(self[f"cited_{position}"].data),
            )
            for position in range(1, self.criteria + 1)
        ]

    @property
    def levels(self) -> list[int | None]:
        """The levels alone."""
        return [mark.level for mark in self.marks]


class DecisionForm(Form):
    """The work that was on screen, named by its fingerprint."""

    sha256 = HiddenField()


def _level(chosen: str | None) -> int | None:
    return int(chosen) if chosen is not None and chosen in _choices() else None


def _choices() -> list[str]:
    return [str(level) for level in LEVELS]


def _known(_form: object, field: Field) -> None:
    if field.data and field.data not in _choices():
        raise ValidationError(_("Choose one of the levels."))


def noted(review: Review | None, internship: Internship) -> dict[str, Any]:
    """What a stored draft says, as the form's fields hold it."""
    if review is None:
        return {}
    currency = internship.terms.currency
    data: dict[str, Any] = {"comment": review.comment, "bonus_reason": review.bonus_reason}
    if review.bonus:
        data["bonus"] = format_amount(review.bonus, currency, str(get_locale()))
    for line in review.lines:
        data[f"level_{line.position}"] = None if line.level is None else str(line.level)
        data[f"comment_{line.position}"] = line.comment
        data[f"cited_{line.position}"] = line.cited
    return data


def for_internship(internship: Internship, data: dict[str, Any] | None = None) -> ReviewForm:
    """The form for the criteria of this agreement."""
    fields: dict[str, Any] = {}
    for position, criterion in enumerate(internship.terms.criteria, start=1):
        fields[f"level_{position}"] = RadioField(
            criterion.title,
            [_known],
            choices={level: criterion.levels[int(level)] for level in _choices()},
            validate_choice=False,
        )
        fields[f"comment_{position}"] = optional_text(
            _l("Comment on %(criterion)s", criterion=criterion.title), 2_000
        )
        fields[f"cited_{position}"] = BooleanField(
            _l("Request a change: %(criterion)s", criterion=criterion.title)
        )
    form: ReviewForm = type("ReviewFormOfAgreement", (ReviewForm,), fields)(data=data)
    form.prepare(internship)
    return form
