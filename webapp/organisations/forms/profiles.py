"""What people type about organisations: shapes and limits."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    Field,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from webapp.accounts.forms import (
    JoinForm,
    PersonForm,
    country_choices,
    email_field,
    name_field,
    one_line,
    zone_choices,
)
from webapp.core.web.forms import Form
from webapp.organisations.actions.registration import Profile
from webapp.organisations.models import Organisation
from webapp.organisations.policy import roles_of

ROLE_WORDS: dict[str, Any] = {
    "owner": _l("Owner"),
    "reviewer": _l("Reviewer"),
    "manager": _l("Programme manager"),
    "finance": _l("Finance"),
    "mentor": _l("Mentor"),
}
ROLE_HINTS: dict[str, Any] = {
    "owner": _l("Publishes, offers seats, signs and pays."),
    "reviewer": _l("Reads applications and reviews work."),
    "manager": _l("Runs the programme, its settings and its people."),
    "finance": _l("Records money that arrives, approves and releases payments."),
    "mentor": _l("Accompanies interns."),
}


def website(_form: object, field: Field) -> None:
    """Validator: an address of the web, http or https."""
    address = field.data or ""
    if (
        not address.startswith(("http://", "https://"))
        or " " in address
        or "." not in address
        or len(address) > 200
    ):
        raise ValidationError(_("Enter a web address like https://example.com."))


def website_field() -> StringField:
    return StringField(
        _l("Website"),
        [Optional(), website],
        filters=[one_line],
        render_kw={"type": "url", "autocomplete": "url", "spellcheck": "false"},
    )


class EmployerJoinForm(JoinForm):
    """Sign up together with the employer one speaks for."""

    organisation = name_field(
        _l("Name of the organisation"), "organization", _l("Enter the organisation's name.")
    )
    website = website_field()

    def profile(self) -> Profile:
        """The organisation: in the country and zone of who registers it; its page can change that."""
        return Profile(
            name=self.organisation.data,
            website=self.website.data or "",
            country=self.country.data,
            zone=self.zone.data,
        )


class ProfileForm(Form):
    """What an organisation says of itself."""

    name = name_field(_l("Name"), "organization", _l("Enter the organisation's name."))
    website = website_field()
    about = TextAreaField(_l("About"), [Optional(), Length(max=2000)], render_kw={"maxlength": 2000})
    country = SelectField(_l("Country"), [Optional()])
    zone = SelectField(_l("Time zone"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = country_choices()
        self.zone.data = self.zone.data or "UTC"
        self.zone.choices = zone_choices(self.zone.data)

    def profile(self) -> Profile:
        """What was typed, as the action wants it."""
        return Profile(
            name=self.name.data,
            website=self.website.data or "",
            country=self.country.data or None,
            zone=self.zone.data,
            about=(self.about.data or "").strip(),
        )


class InvitationForm(Form):
    """An address and the role it is invited to."""

    email = email_field(_l("Email address"), autocomplete="off")
    role = RadioField(_l("Role"), [InputRequired(_l("Choose a role."))])

    def __init__(self, organisation: Organisation, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = [SelectChoice(role, ROLE_WORDS[role]) for role in roles_of(organisation)]


class RoleForm(Form):
    """Another role for a member."""

    role = SelectField(_l("Role"))

    def __init__(self, organisation: Organisation, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = [SelectChoice(role, ROLE_WORDS[role]) for role in roles_of(organisation)]


class InvitedForm(PersonForm):
    """Open an account by an invitation, whose address it has."""

    def __init__(self, *args: object, invited: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.invited = invited

    def address_typed(self) -> str:
        return self.invited
