"""What people type about themselves: shapes and limits."""

from __future__ import annotations

import re

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, Field, HiddenField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from webapp.accounts.actions.accounts import Newcomer
from webapp.core.errors import Sentence
from webapp.core.security import passwords
from webapp.core.web import i18n, preferences
from webapp.core.web.forms import Form

# What every mail server takes; letters beyond ASCII before the @ are still refused by most of them.
ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
REGIONS = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
LONGEST_NAME = 120


def one_line(value: str | None) -> str | None:
    """Words parted by single spaces: no line ends in a name."""
    return " ".join(value.split()) if value else value


def address(_form: object, field: Field) -> None:
    """Validator: something that a mail can be sent to."""
    if len(field.data) > 254 or ADDRESS.fullmatch(field.data) is None:
        raise ValidationError(_("Enter an email address like name@example.com."))


def email_field(label: Sentence, **attributes: str) -> EmailField:
    """An e-mail address, checked and without spaces around it."""
    shown = {"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none", **attributes}
    return EmailField(
        label,
        [InputRequired(_l("Enter an email address.")), address],
        filters=[lambda value: value.strip() if value else value],
        render_kw=shown,
    )


def name_field(label: Sentence, autocomplete: str, missing: Sentence) -> StringField:
    """A name of a person or of an organisation, in any script."""
    return StringField(
        label,
        [InputRequired(missing), Length(max=LONGEST_NAME, message=_l("Enter at most 120 characters."))],
        filters=[one_line],
        render_kw={"autocomplete": autocomplete},
    )


def country_choices() -> list[SelectChoice]:
    """Every country by its name in the reader's language; the empty choice first."""
    choices = [SelectChoice(code, name) for code, name in i18n.countries(str(get_locale() or "en"))]
    return [SelectChoice("", _("Choose a country")), *choices]


def zone_choices(present: str | None = None) -> list[SelectChoice]:
    """Time zones by place, and the one somebody has already, whatever it is."""
    zones = {zone for zone in i18n.ZONES if zone.startswith(REGIONS)} | {"UTC"}
    if present in i18n.ZONES:
        zones.add(present)
    return [SelectChoice(zone, zone.replace("_", " ")) for zone in sorted(zones)]


def locale_choices() -> list[SelectChoice]:
    return [SelectChoice(code, name) for code, name in i18n.LOCALE_NAMES.items()]


class PersonForm(Form):
    """Who somebody is: shared by everybody who joins."""

    full_name = name_field(_l("Full name"), "name", _l("Enter your full name."))
    preferred_name = name_field(
        _l("What should we call you?"), "nickname", _l("Enter the name we should use for you.")
    )
    password = PasswordField(
        _l("Password"),
        [InputRequired(_l("Choose a password."))],
        render_kw={"autocomplete": "new-password"},
    )
    country = SelectField(_l("Country"), render_kw={"autocomplete": "country"})
    locale = RadioField(_l("Language"))
    zone = SelectField(_l("Time zone"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = country_choices()
        self.locale.choices = locale_choices()
        if self.locale.data is None:
            self.locale.data = str(get_locale() or "en")
        if self.zone.data is None:
            self.zone.data = i18n.choose_zone()
        self.zone.choices = zone_choices(self.zone.data)

    def validate_country(self, field: SelectField) -> None:
        if not field.data:
            raise ValidationError(_("Choose the country you live in."))

    def validate_password(self, field: PasswordField) -> None:
        problem = passwords.password_problem(
            field.data, email=self.address_typed(), name=self.full_name.data or ""
        )
        if problem:
            raise ValidationError(problem)

    def address_typed(self) -> str:
        """The address the account will have."""
        return str(self.email.data or "") if "email" in self._fields else ""

    def newcomer(self, email: str | None = None) -> Newcomer:
        """What was typed, as the action wants it."""
        return Newcomer(
            email=email or self.address_typed(),
            full_name=self.full_name.data,
            preferred_name=self.preferred_name.data,
            password=self.password.data,
            locale=self.locale.data,
            zone=self.zone.data,
            country=self.country.data,
        )


class JoinForm(PersonForm):
    """Sign up with an address that will be confirmed by mail."""

    email = email_field(_l("Email address"))


class SignInForm(Form):
    """Address and password."""

    email = email_field(_l("Email address"), autocomplete="username")
    password = PasswordField(_l("Password"), [InputRequired(_l("Enter your password."))])
    next = HiddenField()


class ConfirmAgainForm(Form):
    """The password once more, before something that cannot be taken back."""

    password = PasswordField(_l("Password"), [InputRequired(_l("Enter your password."))])


class AddressForm(Form):
    """An address to which the link for a new password goes."""

    email = email_field(_l("Email address"), autocomplete="username")


class NewPasswordForm(Form):
    """A new password, by a mailed link."""

    new_password = PasswordField(
        _l("New password"),
        [InputRequired(_l("Choose a password.")), Length(max=passwords.LONGEST)],
        render_kw={"autocomplete": "new-password"},
    )


class ChangePasswordForm(NewPasswordForm):
    """A new password, knowing the old one."""

    current_password = PasswordField(
        _l("Current password"), [InputRequired(_l("Enter your current password."))]
    )


class SettingsForm(Form):
    """How somebody wants to be called and to read."""

    full_name = name_field(_l("Full name"), "name", _l("Enter your full name."))
    preferred_name = name_field(
        _l("What should we call you?"), "nickname", _l("Enter the name we should use for you.")
    )
    locale = RadioField(_l("Language"))
    zone = SelectField(_l("Time zone"))
    theme = RadioField(
        _l("Colours"),
        choices=[
            SelectChoice("auto", _l("As on this device")),
            SelectChoice("light", _l("Light")),
            SelectChoice("dark", _l("Dark")),
        ],
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.locale.choices = locale_choices()
        self.zone.choices = zone_choices(self.zone.data)


class ChoiceForm(Form):
    """A switch in the head of every page."""

    next = HiddenField()

    def back(self) -> str:
        """The page on which the switch was, or the start page."""
        return preferences.safe_redirect(self.next.data) or "/"


class LanguageForm(ChoiceForm):
    language = SelectField(choices=locale_choices(), validators=[InputRequired()])


class ThemeForm(ChoiceForm):
    theme = SelectField(
        choices=[SelectChoice(name, name) for name in preferences.THEMES], validators=[InputRequired()]
    )


class DemoForm(Form):
    """One click in a demo: sign in as one of its people."""

    role = StringField(validators=[InputRequired(), Length(max=40)])


class SearchForm(Form):
    """Find people."""

    class Meta(Form.Meta):
        csrf = False

    search = StringField(_l("Name or email address"), [Optional(), Length(max=100)], filters=[one_line])
