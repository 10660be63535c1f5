"""What home's pages send."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from webapp.core.forms import Form


class HatForm(Form):
    """In which role one wants to look at the app."""

    hat = StringField(validators=[InputRequired(), Length(max=20)])
