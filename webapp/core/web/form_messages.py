"""What the form library itself says of input, in our words and in the reader's language; it brings no Vietnamese."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.errors import Sentence

# By the library's own English, which a test looks up in it.
MESSAGES: dict[str, Sentence] = {
    "Not a valid integer value.": _l("Enter a whole number."),
    "Not a valid decimal value.": _l("Enter a number."),
    "Not a valid float value.": _l("Enter a number."),
    "Not a valid date value.": _l("Enter a date, as in 2026-12-31."),
    "Not a valid datetime value.": _l("Enter a date and a time."),
    "Not a valid time value.": _l("Enter a time, as in 14:30."),
    "Not a valid choice.": _l("Choose one of the options."),
    "Invalid Choice: could not coerce.": _l("Choose one of the options."),
    "Invalid choice(s): one or more data inputs could not be coerced.": _l("Choose from the options."),
    "This field is required.": _l("Enter something here."),
    "Invalid input.": _l("This is not in the expected form."),
    "Invalid email address.": _l("Enter an email address, as in name@example.org."),
    "Invalid URL.": _l("Enter a web address, as in https://example.org."),
    "Number must be at least %(min)s.": _l("Enter a number of at least %(min)s."),
    "Number must be at most %(max)s.": _l("Enter a number of at most %(max)s."),
    "Number must be between %(min)s and %(max)s.": _l("Enter a number from %(min)s to %(max)s."),
    "Field must be between %(min)d and %(max)d characters long.": _l("Enter %(min)d to %(max)d characters."),
    "Field cannot be longer than %(max)d character.": _l("Enter at most %(max)d characters."),
    "Field must be at least %(min)d character long.": _l("Enter at least %(min)d characters."),
    "Field must be exactly %(max)d character long.": _l("Enter exactly %(max)d characters."),
    "'%(value)s' is not a valid choice for this field.": _l("Choose from the options."),
}


class FormMessages:
    """The translations that the library asks, as `gettext` would be asked; an unknown message stays as it is."""

    def gettext(self, message: str) -> str:
        return str(MESSAGES.get(message, message))

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return str(MESSAGES.get(singular, singular if number == 1 else plural))
