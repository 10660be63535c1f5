"""An agreement's terms, as they follow from a posting of the cast."""

from __future__ import annotations

from datetime import date
from typing import Any

from webapp.accounts.models import Person
from webapp.organisations.models import DEFAULT_CLOCKS
from webapp.postings.models import Posting


def terms_of(of: Posting, who: Person) -> dict[str, Any]:
    """The agreement's terms of a posting from this cast, as they are stored."""
    return {
        "posting_id": of.id,
        "title": of.title,
        "brief": of.brief,
        "deliverables": [{"title": d.title, "detail": d.detail} for d in of.deliverables],
        "criteria": [
            {"title": c.title, "weight_bp": c.weight_bp, "levels": list(c.levels)} for c in of.criteria
        ],
        "skills": [],
        "hours": of.hours,
        "currency": of.currency,
        "rail": "manual",
        "base": of.base,
        "guaranteed": of.guaranteed,
        "bonus_pot": of.bonus_pot,
        "unit": 1,
        "fee": (of.base or 0) // 10,
        "fee_bp": 1000,
        "starts_on": _iso(of.starts_on),
        "ends_on": _iso(of.ends_on),
        "place_kind": of.place_kind,
        "place": of.place,
        "ai_policy": of.ai_policy,
        "ai_note": of.ai_note,
        "clocks": dict(DEFAULT_CLOCKS),
        "employer": {"id": of.organisation_id, "name": of.organisation.name},
        "programme": {"id": of.programme_id, "name": of.programme.name},
        "intern": {"id": who.id, "name": who.full_name},
        "intern_zone": who.zone,
        "employer_zone": of.organisation.zone,
        "level_shares": [0, 2500, 5000, 7500, 10000],
        "formula_version": 1,
        "holidays": [],
    }


def _iso(day: date | None) -> str:
    assert day is not None
    return day.isoformat()
