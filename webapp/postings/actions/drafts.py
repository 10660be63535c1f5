"""A posting is written and changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.accounts.models import Person
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.errors import Invalid, NotAllowed, NotNow, Stale
from webapp.core.lifecycle import transitions as lifecycle
from webapp.organisations import queries as organisation_queries
from webapp.organisations.models import Organisation
from webapp.postings import policy
from webapp.postings.models import Criterion, Deliverable, Posting, Question
from webapp.skills import queries as skill_queries

COLUMNS = frozenset(
    {
        "title", "brief", "hours", "currency", "base", "guaranteed", "bonus_pot", "seats",
        "starts_on", "ends_on", "place_kind", "place", "ai_policy", "ai_note",
    }
)  # fmt: skip
ROWS: dict[str, type[Deliverable] | type[Criterion] | type[Question]] = {
    "deliverables": Deliverable,
    "criteria": Criterion,
    "questions": Question,
}


def draft(
    organisation: Organisation, *, actor: Person, programme: Organisation, currency: str, title: str = ""
) -> Posting:
    """An owner begins a posting of their employer in one programme and one of its currencies."""
    if not policy.may_begin(actor, organisation):
        raise NotAllowed
    if not programme.is_programme:
        raise Invalid(_l("Choose a programme from the list."), field="programme")
    if currency not in organisation_queries.settings_of(programme.id).currencies:
        raise Invalid(_l("The programme doesn't pay in this currency. Choose another."), field="currency")
    posting = Posting(
        organisation_id=organisation.id,
        programme_id=programme.id,
        created_by_id=actor.id,
        created_at=clock.now(),
        currency=currency,
        title=title,
    )
    lifecycle.begin(posting, actor=actor)
    return posting


def edit(posting: Posting, *, actor: Person, version: int, values: Mapping[str, Any]) -> None:
    """The owner writes a part of the draft.

    `values`: any of COLUMNS (amounts in minor units), and whole lists: `deliverables` [{title, detail}],
    `criteria` [{title, weight_bp, level_0 … level_4}], `questions` [{text}], `skills` [skill ids].
    Of two stored values that would contradict each other, the one that is not in `values` is emptied.
    Raises NotNow once it is no draft any more, Stale when somebody else has written meanwhile.
    """
    lifecycle.lock(posting)
    if not policy.is_owner(actor, posting):
        raise NotAllowed
    if version != posting.version:
        raise Stale
    if posting.state != "draft":
        raise NotNow(_l("You can only change a draft: what applicants have read stays as it is."))
    unknown = set(values) - COLUMNS - set(ROWS) - {"skills"}
    if unknown:
        raise ValueError(f"a posting has no {', '.join(sorted(unknown))}")
    with db.session.no_autoflush:  # what contradicts itself for a moment never reaches the table
        for name in COLUMNS & set(values):
            setattr(posting, name, values[name])
        for name in set(ROWS) & set(values):
            _write_rows(posting, name, values[name])
        if "skills" in values:
            posting.skills = skill_queries.by_ids(values["skills"])
        _keep_consistent(posting, values)
    posting.version += 1
    db.session.flush()


def _write_rows(posting: Posting, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    present = getattr(posting, name)
    del present[len(rows) :]
    for position, row in enumerate(rows, start=1):
        if position > len(present):
            present.append(ROWS[name](position=position))
        for column, value in row.items():
            setattr(present[position - 1], column, value)


def _keep_consistent(posting: Posting, values: Mapping[str, Any]) -> None:
    if posting.currency not in posting.settings.currencies:
        raise Invalid(_l("The programme doesn't pay in this currency. Choose another."), field="currency")
    if posting.base is not None and posting.guaranteed is not None and posting.guaranteed > posting.base:
        if "guaranteed" in values and "base" in values:
            raise Invalid(_l("The guaranteed part cannot be more than the base fee."), field="guaranteed")
        setattr(posting, "base" if "guaranteed" in values else "guaranteed", None)
    if posting.starts_on and posting.ends_on and posting.ends_on < posting.starts_on:
        if "starts_on" in values and "ends_on" in values:
            raise Invalid(_l("The end can't be before the start."), field="ends_on")
        setattr(posting, "starts_on" if "ends_on" in values else "ends_on", None)
