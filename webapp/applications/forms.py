"""The forms of applications: the shape and limits of what is typed."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from webapp.applications.models import Application
from webapp.core.errors import BadInput
from webapp.core.web.fields import is_web_address
from webapp.core.web.forms import Form
from webapp.core.web.labels import reason_label
from webapp.postings.models import Posting

MOST_LINKS = 5
LONGEST_LINK = 500
REJECT_REASONS = ("skills", "experience", "availability", "incomplete", "seats_filled", "other")


class DraftForm(Form):
    """What an intern writes; one further field for each question of the posting."""

    pitch = TextAreaField(_l("Why you, for this work?"), [Length(max=4_000)])
    links = TextAreaField(_l("Links to your work"), [Optional(), Length(max=MOST_LINKS * LONGEST_LINK)])

    def validate_links(self, field: Field) -> None:
        links = links_in(field.data or "")
        if len(links) > MOST_LINKS:
            raise ValidationError(_("Add at most %(most)s links.", most=MOST_LINKS))
        for link in links:
            if not is_web_address(link, LONGEST_LINK):
                raise ValidationError(
                    _("“%(link)s” is not a web address. It begins with https://.", link=link[:80])
                )

    def answers(self) -> dict[str, str]:
        """The typed answers by question id."""
        return {
            name.removeprefix("answer_"): field.data or ""
            for name, field in self._fields.items()
            if name.startswith("answer_")
        }


def draft_form(application: Application) -> DraftForm:
    """The form of this application: its posting's questions are its fields."""
    return _with_questions(application.posting)(
        data={
            "pitch": application.pitch,
            "links": "\n".join(application.links),
            **{f"answer_{key}": text for key, text in application.answers.items()},
        }
    )


def _with_questions(posting: Posting) -> type[DraftForm]:
    fields = {
        f"answer_{question.id}": TextAreaField(question.text, [Length(max=4_000)])
        for question in posting.questions
    }
    return type("ApplicationForm", (DraftForm,), fields)


def links_in(text: str) -> list[str]:
    """One link a line, empty lines left out."""
    return [line.strip() for line in text.splitlines() if line.strip()]


class RatingForm(Form):
    """A rating from 1 to 5."""

    rating = RadioField(
        _l("Rating"),
        [InputRequired(_l("Choose a number."))],
        choices=[SelectChoice(str(n), str(n)) for n in range(1, 6)],
    )


class RejectForm(Form):
    """A reason that the applicant is told, and own words."""

    reason = SelectField(
        _l("Reason"), [InputRequired(_l("Choose a reason. Every applicant is told the reason."))]
    )
    text = TextAreaField(_l("Your message to the applicant"), [Length(max=1_000)])

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        chosen = [SelectChoice(code, reason_label(code)) for code in REJECT_REASONS]
        self.reason.choices = [SelectChoice("", _l("Choose a reason")), *chosen]

    def validate_text(self, field: Field) -> None:
        if self.reason.data == "other" and not (field.data or "").strip():
            raise ValidationError(_("Enter the reason in your own words."))


class OfferForm(Form):
    """A few words with the offer."""

    note = TextAreaField(_l("A few words with the offer"), [Optional(), Length(max=1_000)])


class DeclineForm(Form):
    """Why the intern declines, if they care to say."""

    text = TextAreaField(_l("Why you decline"), [Optional(), Length(max=1_000)])


def chosen_versions() -> dict[int, int]:
    """The ticked applications of a list, each with the version that was on the screen ("12.3")."""
    versions: dict[int, int] = {}
    for value in request.form.getlist("chosen"):
        number, dot, version = value.partition(".")
        parts = (number, version)
        if not dot or not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in parts):
            raise BadInput
        versions[int(number)] = int(version)
    return versions
