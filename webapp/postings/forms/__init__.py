"""What may be typed into a posting: its sections, its rows, a rehearsal, a search."""

from __future__ import annotations

from webapp.postings.forms.reading import rehearsal_form, rehearsed, search_form, search_of
from webapp.postings.forms.rows import LEVEL_NAMES, RowsForm, change_rows, rows_posted
from webapp.postings.forms.sections import NewForm, NothingForm, Page, SectionForm, SendBackForm
from webapp.postings.forms.tasks import SECTIONS, Section

__all__ = [
    "LEVEL_NAMES",
    "SECTIONS",
    "NewForm",
    "NothingForm",
    "Page",
    "RowsForm",
    "Section",
    "SectionForm",
    "SendBackForm",
    "change_rows",
    "rehearsal_form",
    "rehearsed",
    "rows_posted",
    "search_form",
    "search_of",
]
