"""The form with which an owner ends something before it began."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from webapp.core.web.forms import Form
from webapp.core.web.labels import reason_label

CANCEL_REASONS = ("not_needed", "budget", "no_fit", "other")


class CancelForm(Form):
    """A reason that everybody concerned is told, and own words."""

    reason = SelectField(
        _l("Reason"), [InputRequired(_l("Choose a reason. Everyone affected is told the reason."))]
    )
    text = TextAreaField(_l("Your message to the people affected"), [Length(max=1_000)])

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        chosen = [SelectChoice(code, reason_label(code)) for code in CANCEL_REASONS]
        self.reason.choices = [SelectChoice("", _l("Choose a reason")), *chosen]

    def validate_text(self, field: Field) -> None:
        if self.reason.data == "other" and not (field.data or "").strip():
            raise ValidationError(_("Enter the reason in your own words."))
