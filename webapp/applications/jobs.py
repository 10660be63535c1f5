"""Background work of applications."""

from __future__ import annotations

from webapp.applications.actions import answers as application_answers
from webapp.core.database.base import db
from webapp.postings.models import Posting


def posting_settled(posting_id: int) -> None:
    """A posting has begun to close: finish it where every applicant is answered already."""
    application_answers.settle_posting(db.session.get_one(Posting, posting_id))
