"""What readers of a posting fill in: the calculator of results, and the filters of the list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Form as PlainForm
from wtforms import RadioField, SelectField, StringField

from webapp.core.money.amounts import Money, floor_to_unit, unit
from webapp.core.web.fields import WholeField, choices, line, offered
from webapp.core.web.forms import MoneyField, clean
from webapp.postings.forms.rows import LEVELS
from webapp.postings.forms.sections import MOST_HOURS, PLACES
from webapp.postings.models import Posting
from webapp.postings.queries.search import Search
from webapp.skills.models import Skill


@lru_cache(maxsize=32)
def _rehearsal_class(count: int) -> type[PlainForm]:
    fields: dict[str, Any] = {
        f"level_{number}": RadioField(
            choices=choices((str(level), str(level)) for level in LEVELS), validate_choice=False, default="3"
        )
        for number in range(count)
    }
    fields["bonus"] = MoneyField(_l("Bonus"))
    return type("RehearsalForm", (PlainForm,), fields)


def rehearsal_form(posting: Posting, typed: MultiDict[str, str]) -> PlainForm:
    """The calculator's form: one level for each criterion, and a bonus. `typed`: the query of the page."""
    form = _rehearsal_class(len(posting.criteria))(formdata=typed)
    form.bonus.currency = posting.currency
    return form


def rehearsed(posting: Posting, form: PlainForm) -> tuple[tuple[int, ...], int]:
    """The levels and the bonus (minor units) that were chosen; what cannot be read is an error at its field."""
    form.validate()
    levels = []
    for number in range(len(posting.criteria)):
        field = form[f"level_{number}"]
        if field.data not in {str(level) for level in LEVELS}:
            field.errors = [*field.errors, _("Choose a level from 0 to 4.")]
            field.data = "3"
        levels.append(int(field.data))
    bonus = form.bonus.minor or 0
    if bonus > posting.bonus_pot:
        most = Money(posting.bonus_pot, posting.currency).format(str(get_locale()))
        form.bonus.errors = [*form.bonus.errors, _("The bonus pot holds %(most)s.", most=most)]
    elif bonus % unit(posting.currency, "payout"):
        whole = floor_to_unit(bonus, posting.currency) or unit(posting.currency, "payout")
        example = Money(whole, posting.currency).format(str(get_locale()))
        form.bonus.errors = [
            *form.bonus.errors,
            _("Enter a whole amount, for example %(example)s.", example=example),
        ]
    return tuple(levels), 0 if form.bonus.errors else bonus


class SearchForm(PlainForm):  # type: ignore[misc]
    """The filters of the list of postings; they live in the address."""

    q = StringField(_l("Search words"), filters=[lambda text: clean(line(text))[:200]])
    skill = SelectField(_l("Skill"), validate_choice=False)
    hours = WholeField(_l("Maximum hours"), 1, MOST_HOURS)
    currency = SelectField(_l("Currency"), validate_choice=False)
    pay = MoneyField(_l("Minimum pay per hour"))
    place = SelectField(_l("Place"), choices=choices([("", _l("Anywhere")), *PLACES]), validate_choice=False)


def search_form(typed: MultiDict[str, str], skills: Sequence[Skill], currencies: Sequence[str]) -> SearchForm:
    """The filters with the choices that exist now."""
    form = SearchForm(formdata=typed)
    locale = str(get_locale())
    named = sorted(
        ((skill.slug, skill.name(locale)) for skill in skills), key=lambda pair: pair[1].casefold()
    )
    form.skill.choices = choices([("", _("Any skill")), *named])
    form.currency.choices = choices([("", _("Any currency")), *((code, code) for code in currencies)])
    for field in (form.skill, form.currency, form.place):
        if field.data not in offered(field):
            field.data = ""
    form.pay.currency = form.currency.data or (currencies[0] if len(currencies) == 1 else "USD")
    return form


def search_of(form: SearchForm, after: str) -> Search:
    """What is looked for; a filter with an error is left out, and says so at its field."""
    form.validate()
    if form.pay.minor is not None and not form.currency.data:
        if len(form.currency.choices) == 2:
            form.currency.data = form.currency.choices[1].value
        else:
            form.pay.errors = [*form.pay.errors, _("Choose the currency of this amount too.")]
    return Search(
        words=form.q.data or "",
        skill=form.skill.data,
        most_hours=form.hours.number,
        currency=form.currency.data,
        least_per_hour=None if form.pay.errors else form.pay.minor,
        place_kind=form.place.data,
        after=int(after) if re.fullmatch("[0-9]{1,15}", after) else None,
    )
