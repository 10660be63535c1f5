"""Shape and limits of what finance types, and the filters of its board."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from webapp.core.boards.filters import BoardFilterForm
from webapp.core.web.fields import MISSING
from webapp.core.web.forms import Form


class BoardForm(BoardFilterForm):
    """What of finance's board is shown."""

    due = SelectField(
        _l("Deadline"),
        choices=[
            SelectChoice("", _l("Any day")),
            SelectChoice("overdue", _l("Overdue")),
            SelectChoice("soon", _l("Within three days")),
        ],
        default="",
        validate_choice=False,
    )
    rail = SelectField(
        _l("Paid by"),
        choices=[
            SelectChoice("", _l("Bank or Stripe")),
            SelectChoice("manual", _l("Bank transfer")),
            SelectChoice("stripe", _l("Stripe")),
        ],
        default="",
        validate_choice=False,
    )


class ConfirmationForm(Form):
    """A transfer that the bank made."""

    bank_reference = StringField(
        _l("Reference of the bank transfer"), validators=[DataRequired(MISSING), Length(max=140)]
    )
    happened_on = DateField(_l("Date of the transfer"), validators=[InputRequired(_l("Enter a date."))])


class FailureForm(Form):
    """A transfer that the bank refused or returned."""

    reason = TextAreaField(_l("What the bank said"), validators=[DataRequired(MISSING), Length(max=500)])


class ByBankForm(Form):
    """A payment that is taken away from Stripe."""

    why = TextAreaField(
        _l("Why it can't be paid by Stripe"), validators=[DataRequired(MISSING), Length(max=500)]
    )


class AbsenceForm(Form):
    """Stripe surely does not have a payment."""

    reason = TextAreaField(
        _l("How do you know Stripe doesn't have it?"),
        validators=[DataRequired(MISSING), Length(max=500)],
    )


class HoldForm(Form):
    """A payment to be put on hold."""

    until = DateField(_l("Last day on hold"), validators=[InputRequired(_l("Enter a date."))])
    reason = TextAreaField(_l("Reason"), validators=[DataRequired(MISSING), Length(max=500)])
