"""What finance types about money that arrived."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from webapp.core.web.fields import MISSING
from webapp.core.web.forms import Form, MoneyField


class ReceiptForm(Form):
    """Bank money that arrived."""

    amount = MoneyField(_l("Amount that arrived"), validators=[InputRequired(MISSING)])
    received_on = DateField(_l("Date on the bank statement"), validators=[InputRequired(_l("Enter a date."))])
    bank_reference = StringField(
        _l("The bank's own reference"), validators=[DataRequired(MISSING), Length(max=140)]
    )

    def __init__(self, *args: object, currency: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.amount.currency = currency
