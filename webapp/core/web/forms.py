"""The base of every form: what no text may hold, one value for one name, and the version on screen."""

from __future__ import annotations

import unicodedata
from typing import Any

from flask import g, request
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FileField, MultipleFileField, SelectMultipleField, StringField
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from webapp.core.errors import AppError, BadInput, Invalid
from webapp.core.money.amounts import MoneyError, format_amount, parse
from webapp.core.web import form_rescue
from webapp.core.web.form_messages import FormMessages

NUMBER = r"[1-9][0-9]{0,17}"  # of a row, as forms name it
FILES = (MultipleFileField, FileField)
MANY = (SelectMultipleField, *FILES)


class Form(FlaskForm):  # type: ignore[misc]
    """Every form of the app. Values that cannot be stored are refused at their field, in words."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        def get_translations(self, _form: Form) -> FormMessages:
            return FormMessages()

        def wrap_formdata(self, form: Form, formdata: Any) -> Any:
            if g.get("answering") or request.method != "POST":
                return form_rescue.for_form(set(form._fields)) if request.method == "GET" else None
            for name in request.files:
                if name in form._fields and not isinstance(form._fields[name], FILES):
                    raise BadInput(_l("The form sent a file where text belongs."))
            return super().wrap_formdata(form, formdata)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if request.method == "POST" and not g.get("answering"):
            for name, field in self._fields.items():
                if not isinstance(field, MANY) and len(request.form.getlist(name)) > 1:
                    raise BadInput(_l("The form sent one field twice."))

    def validate(self, extra_validators: object = None) -> bool:
        """Check every field; also that texts hold only characters that can be stored and shown."""
        good = super().validate(extra_validators)
        for field in self:
            if unread := list(field.process_errors):
                # What the validators say of it is more exact than that it could not be read.
                field.errors = list(field.errors)[len(unread) :] or unread
            if isinstance(field.data, str) and field.name != "csrf_token":
                problem = unstorable(field.data)
                if problem:
                    field.errors = [*field.errors, problem]
                    field.data = clean(field.data)
                    good = False
        return bool(good)

    def catch_refusals(self) -> CatchRefusals:
        """Act inside, on a form that is valid: where the action finds the input `Invalid`, the form says so.

        A route that takes a form returns its answer inside, and behind it the page again with status 422, which so
        holds for the form's own errors and for the action's. Other errors pass through: no other input mends them.
        """
        return CatchRefusals(self)

    def refuse(self, error: AppError) -> None:
        """Show a refusal of an action at its field, or above the form."""
        field = getattr(error, "field", None)
        target = self._fields.get(field) if isinstance(error, Invalid) and field else None
        if target is not None:
            target.errors = [*target.errors, error.sentence]
        else:
            self.form_errors: list[Any] = [*self.form_errors, error.sentence]


class CatchRefusals:
    """The block of `Form.catch_refusals`."""

    def __init__(self, form: Form) -> None:
        self.form = form

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> bool:
        if isinstance(error, Invalid):
            self.form.refuse(error)
        return isinstance(error, Invalid)


def unstorable(text: str) -> str | None:
    """A sentence when the text holds what must not be stored: broken characters or control characters."""
    if "\ufffd" in text or any("\ud800" <= c <= "\udfff" for c in text):
        return str(_("Some characters were garbled. Please type them again."))
    if any(unicodedata.category(c) == "Cc" and c not in "\r\n\t" for c in text):
        return str(_("The text contains a control character that can't be shown. Please remove it."))
    if any(c in text for c in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068"):
        return str(
            _("The text contains an invisible mark that reverses the reading direction. Please remove it.")
        )
    return None


def clean(text: str) -> str:
    """The text without what `unstorable` refuses, to be shown again."""
    bad = "\ufffd\u202a\u202b\u202d\u202e\u2066\u2067\u2068"
    return "".join(
        c
        for c in text
        if c not in bad
        and not "\ud800" <= c <= "\udfff"
        and (unicodedata.category(c) != "Cc" or c in "\r\n\t")
    )


def whole_number(text: str | None) -> int | None:
    """The number that a client wrote in plain digits, if the database could hold it."""
    usable = text is not None and text.isascii() and text.isdecimal() and len(text) <= 18
    return int(text) if usable and text is not None else None


def seen_version() -> int:
    """The version of the thing that the person saw when the form was shown. Raises BadInput without one."""
    value = whole_number(request.form.get("version"))
    if value is None:
        raise BadInput(_l("The form was incomplete. Open the page again and send it once more."))
    return value


class MoneyField(StringField):  # type: ignore[misc]
    """An amount as people type it; `minor` is the amount in minor units after validation.

    `currency` is set by the form before validation (a code), because it decides which fractions exist.
    """

    widget = TextInput()

    def __init__(self, *args: object, currency: str = "USD", **kwargs: object) -> None:
        kwargs.setdefault("render_kw", {"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.minor: int | None = None

    def pre_validate(self, form: object) -> None:
        if not self.data or not self.data.strip():
            return
        try:
            self.minor = parse(self.data, self.currency, str(get_locale())).amount
        except MoneyError as error:
            raise ValidationError(str(error.sentence)) from error

    def show(self, minor: int | None) -> None:
        """Fill the field with a stored amount, in the reader's way of writing numbers."""
        self.data = "" if minor is None else format_amount(minor, self.currency, str(get_locale()))
