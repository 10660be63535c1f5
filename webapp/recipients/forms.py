"""What an intern types about where their money goes."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Regexp

from webapp.core.web.fields import MISSING
from webapp.core.web.forms import Form


class MethodForm(Form):
    """Where an intern wants their money."""

    country = SelectField(_l("Country of the bank"), validators=[InputRequired(MISSING)])
    bank_name = StringField(_l("Bank"), validators=[DataRequired(MISSING), Length(max=120)])
    account_holder = StringField(
        _l("Account holder, as the bank writes it"), validators=[DataRequired(MISSING), Length(max=120)]
    )
    account_number = StringField(
        _l("Account number or IBAN"),
        validators=[
            DataRequired(MISSING),
            Regexp(
                r"^[A-Za-z0-9][A-Za-z0-9 .\-]{3,38}[A-Za-z0-9]$",
                message=_l("Use letters and digits, 5 to 40."),
            ),
        ],
    )
