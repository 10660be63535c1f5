"""The form under the agreement."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length, Regexp

from webapp.core.web.forms import Form
from webapp.internships.actions import LONGEST_NAME


class SignForm(Form):
    """One's full name under exactly the text with this hash."""

    sha256 = HiddenField(validators=[InputRequired(), Regexp("^[0-9a-f]{64}$")])
    name = StringField(
        _l("Your full name"),
        [
            InputRequired(_l("Type your full name to accept.")),
            Length(max=LONGEST_NAME, message=_l("The name is too long.")),
        ],
        render_kw={"autocomplete": "name"},
    )
