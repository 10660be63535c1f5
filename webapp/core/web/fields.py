"""Field types that forms share: one line, paragraphs, whole numbers, percentages, days, choices."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.fields.choices import SelectChoice, SelectFieldBase
from wtforms.validators import Length, Optional, ValidationError
from wtforms.widgets import DateInput, TextInput

from webapp.core.errors import Sentence

LONGEST_LINE = 160
MISSING = _l("Please fill this in.")


def line(text: str | None) -> str:
    """One line: what people paste with breaks in it becomes one."""
    return re.sub(r"[\r\n\t ]+", " ", text or "").strip()


def paragraphs(text: str | None) -> str:
    """Text with the line ends that browsers send made plain."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n").strip()


def longest(most: int) -> Length:
    return Length(max=most, message=_l("Enter at most %(max)d characters."))


def line_field(label: Sentence, most: int = LONGEST_LINE, **kwargs: object) -> StringField:
    return StringField(label, [longest(most)], filters=[line], default="", **kwargs)


def text_field(
    label: Sentence, most: int, validators: tuple[Any, ...] | list[Any] = (), **kwargs: object
) -> TextAreaField:
    return TextAreaField(label, [*validators, longest(most)], filters=[paragraphs], default="", **kwargs)


def optional_text(label: Sentence, most: int) -> TextAreaField:
    return TextAreaField(label, [Optional(), longest(most)], filters=[paragraphs], default="")


class WholeField(StringField):  # type: ignore[misc]
    """A whole number in plain digits between two bounds; `number` after validation, None when empty."""

    widget = TextInput()

    def __init__(self, label: Sentence, least: int, most: int, **kwargs: object) -> None:
        kwargs.setdefault("render_kw", {"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(label, **kwargs)
        self.least, self.most = least, most
        self.number: int | None = None

    def pre_validate(self, form: object) -> None:
        typed = (self.data or "").strip()
        if not typed:
            return
        if re.fullmatch("[0-9]{1,9}", typed) is None or not self.least <= int(typed) <= self.most:
            raise ValidationError(
                _("Enter a whole number from %(least)s to %(most)s.", least=self.least, most=self.most)
            )
        self.number = int(typed)


class PercentField(StringField):  # type: ignore[misc]
    """A weight as people type it, at most two decimals; `basis_points` after validation."""

    widget = TextInput()

    def __init__(self, label: Sentence, **kwargs: object) -> None:
        super().__init__(label, render_kw={"inputmode": "decimal", "autocomplete": "off"}, **kwargs)
        self.basis_points: int | None = None

    def pre_validate(self, form: object) -> None:
        typed = (self.data or "").strip().removesuffix("%").strip()
        if not typed:
            return
        match = re.fullmatch(r"([0-9]{1,3})(?:[.,]([0-9]{1,2}))?", typed)
        points = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0")) if match else 0
        if not 0 < points <= 10_000:
            raise ValidationError(_("Enter a weight above 0 and up to 100, for example 30."))
        self.basis_points = points


def percent(basis_points: int) -> str:
    """Basis points as a percentage in the reader's way of writing: 3333 is 33.33."""
    whole, rest = divmod(basis_points, 100)
    mark = "," if str(get_locale()) == "vi" else "."
    return f"{whole}{mark}{rest:02d}".rstrip("0") if rest else str(whole)


class DayField(StringField):  # type: ignore[misc]
    """A day as browsers send it; `day` after validation, None when empty."""

    widget = DateInput()

    def __init__(self, label: Sentence, **kwargs: object) -> None:
        super().__init__(label, **kwargs)
        self.day: date | None = None

    def pre_validate(self, form: object) -> None:
        typed = (self.data or "").strip()
        if not typed:
            return
        try:
            if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", typed) is None:
                raise ValueError
            self.day = date.fromisoformat(typed)
        except ValueError:
            raise ValidationError(_("Enter a real date as year-month-day, for example 2026-11-30.")) from None


def is_web_address(link: str, most: int) -> bool:
    """An http or https address of at most `most` characters, with a host and without a password in it."""
    if len(link) > most or any(character.isspace() for character in link):
        return False
    try:
        parts = urlsplit(link)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def choices(pairs: Iterable[tuple[str, Sentence]]) -> list[SelectChoice]:
    """Values and their words as a choice field wants them."""
    return [SelectChoice(value, label) for value, label in pairs]


def offered(field: SelectFieldBase) -> set[str]:
    """The values that may be chosen."""
    return {choice.value for choice in field.choices}
