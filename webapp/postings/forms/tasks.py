"""The task list of a draft: its sections in the order of writing, and what may be missing in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from webapp.core.errors import Sentence
from webapp.postings.forms.rows import DeliverablesForm, QuestionsForm, RubricForm
from webapp.postings.forms.sections import (
    AiForm,
    BriefForm,
    DatesForm,
    PayForm,
    PlaceForm,
    SectionForm,
    SkillsForm,
)


@dataclass(frozen=True)
class Section:
    """One line of the task list: its page, and the codes of what may be missing there."""

    name: str
    label: Sentence
    form: type[SectionForm]
    missing: Mapping[str, Sentence]


SECTIONS: dict[str, Section] = {
    section.name: section
    for section in (
        Section(
            "brief",
            _l("Title and brief"),
            BriefForm,
            {"title": _l("A title is missing."), "brief": _l("The brief is missing.")},
        ),
        Section(
            "deliverables",
            _l("Deliverables"),
            DeliverablesForm,
            {
                "deliverables": _l("Add at least one deliverable."),
                "deliverable_title": _l("A deliverable has no name."),
            },
        ),
        Section(
            "rubric",
            _l("Priced rubric"),
            RubricForm,
            {
                "rubric": _l("Add at least one criterion."),
                "criterion_title": _l("A criterion has no name."),
                "weights": _l("The weights don't add up to 100 %."),
                "levels": _l("A level is not described."),
            },
        ),
        Section("skills", _l("Skills"), SkillsForm, {"skills": _l("Choose at least one skill.")}),
        Section(
            "pay",
            _l("Hours and pay"),
            PayForm,
            {
                "hours": _l("The hours are missing."),
                "base": _l("The base fee is missing."),
                "guaranteed": _l("Enter the guaranteed part. It may be 0."),
            },
        ),
        Section(
            "dates",
            _l("Seats and dates"),
            DatesForm,
            {"dates": _l("The dates are missing."), "dates_past": _l("The first day has already passed.")},
        ),
        Section("place", _l("Place"), PlaceForm, {"place": _l("Enter the place.")}),
        Section(
            "ai-policy",
            _l("Use of AI tools"),
            AiForm,
            {"ai_policy": _l("Choose whether AI tools may be used.")},
        ),
        Section(
            "questions",
            _l("Questions for applicants"),
            QuestionsForm,
            {"question_text": _l("A question is empty.")},
        ),
    )
}
