"""Language, zone and formats of the reader."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, dates
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, get_locale, get_timezone, get_translations, gettext

from webapp.core.money.amounts import format_money
from webapp.core.security import sessions

LOCALES = ("en", "vi")
LOCALE_NAMES = {"en": "English", "vi": "Tiếng Việt"}
ZONES = frozenset(available_timezones())
PATTERNS = {"instant": ("d MMM yyyy HH:mm", "dd/MM/yyyy HH:mm"), "day": ("d MMM yyyy", "dd/MM/yyyy")}
"""As English and as Vietnamese readers write them."""
FORMATS = 4096
# Codes of CLDR that name no country of their own.
NO_COUNTRY = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ", "AC", "CP", "DG", "IC", "TA", "EA", "CQ"})


def init_i18n(app: Flask) -> None:
    """Catalogues, the reader's locale and zone, and the template filters that write dates and sums."""
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", app.config["CATALOGUES"])
    Babel(app, locale_selector=choose_locale, timezone_selector=choose_zone)
    _remember_words(app)
    app.jinja_env.filters.update(
        money=lambda amount, currency: format_money(amount, currency, str(get_locale())),
        datetime=show_datetime,
        date=show_date,
    )
    app.jinja_env.globals["zone_name"] = lambda: str(get_timezone())


def _remember_words(app: Flask) -> None:
    """Let templates look a message up once a process and language: a long list asks for thousands, most of them again."""
    tables: dict[str, dict[str, str]] = {locale: {} for locale in LOCALES}

    def translated(message: str) -> str:
        # Where Flask-Babel keeps what it has worked out.
        chosen = vars(g._get_current_object()).get("_flask_babel")
        locale: Locale = (vars(chosen).get("babel_locale") if chosen else None) or get_locale()
        table = tables[locale.language]
        if message not in table:
            table[message] = gettext(message)
        return table[message]

    environment: Any = app.jinja_env
    environment.install_gettext_callables(
        translated,
        lambda one, many, number: get_translations().ungettext(one, many, number),
        newstyle=True,
        pgettext=lambda context, message: get_translations().upgettext(context, message),
        npgettext=lambda context, *plural: get_translations().unpgettext(context, *plural),
    )


def choose_locale() -> str:
    """The person's own choice, then this browser's, then what the browser asks for."""
    if "locale" in g:
        return str(g.locale)
    if not has_request_context():
        return "en"
    person = sessions.current_person()
    chosen = person.locale if person is not None else request.cookies.get("locale")
    return chosen if chosen in LOCALES else request.accept_languages.best_match(LOCALES) or "en"


def choose_zone() -> str:
    """The person's zone, then the one the browser reported, then UTC."""
    if "zone" in g:
        return str(g.zone)
    if not has_request_context():
        return "UTC"
    person = sessions.current_person()
    zone = person.zone if person is not None else request.cookies.get("zone", "")
    return zone if zone in ZONES else "UTC"


def show_datetime(value: datetime) -> str:
    """The instant in the reader's zone, with the zone's name."""
    return _written(value, str(get_locale()), str(get_timezone()), "instant")


def local_minute(value: datetime | None) -> str:
    """An instant in the reader's zone with its offset, for files: 2026-11-30T23:59+07:00; empty for none."""
    return value.astimezone(get_timezone()).isoformat(timespec="minutes") if value is not None else ""


def show_date(value: date | datetime) -> str:
    """The day, in the reader's zone when it is an instant."""
    return _written(value, str(get_locale()), str(get_timezone()), "day")


@lru_cache(maxsize=FORMATS)
def _written(value: date | datetime, locale: str, zone: str, kind: str) -> str:
    """A day or an instant; a long list writes the same ones for reader after reader."""
    pattern = PATTERNS[kind][locale == "vi"]
    if not isinstance(value, datetime):
        return str(dates.format_date(value, pattern, locale))
    local = value.astimezone(ZoneInfo(zone))
    written = str(dates.format_datetime(local, pattern, local.tzinfo, locale))
    return f"{written} {_zone_label(local)}" if kind == "instant" else written


def _zone_label(local: datetime) -> str:
    """The short name of an instant's zone: a name where there is one, else the offset."""
    name = local.tzname() or ""
    if name[:1] in "+-":
        hours, minutes = divmod(abs(int((local.utcoffset() or timedelta()).total_seconds())) // 60, 60)
        return f"UTC{name[0]}{hours}" + (f":{minutes:02d}" if minutes else "")
    return name


def countries(locale: str) -> list[tuple[str, str]]:
    """(code, name) of every country, in the reader's language and order, marks ignored."""
    names = Locale.parse(locale).territories
    named = [
        (code, name)
        for code, name in names.items()
        if len(code) == 2 and code.isalpha() and code not in NO_COUNTRY
    ]
    return sorted(named, key=lambda pair: unicodedata.normalize("NFKD", pair[1]).casefold())
