"""What of a posting the agreement freezes when somebody accepts a seat."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.accounts.models import Person
from webapp.core.errors import NotNow
from webapp.core.money import amounts
from webapp.organisations.models import DEFAULT_CLOCKS
from webapp.postings.models import Posting
from workflows import award

LEVEL_SHARES = (0, 2_500, 5_000, 7_500, 10_000)
FORMULA_VERSION = 1


def terms_for(posting: Posting, intern: Person) -> dict[str, Any]:
    """Everything that an agreement over a seat of this posting freezes, in the shape that `Agreement` describes.

    Raises NotNow when the programme has no rail to this intern.
    """
    settings = posting.settings
    rail = settings.rail_for(intern.country, posting.currency)
    if rail is None:
        raise NotNow(_l("The programme cannot pay anybody in this intern's country."))
    if (
        posting.base is None
        or posting.guaranteed is None
        or posting.starts_on is None
        or posting.ends_on is None
    ):
        raise RuntimeError(f"posting {posting.id} was opened without its amounts or dates")
    fee_unit = amounts.unit(posting.currency, "charge")
    return {
        "posting_id": posting.id,
        "title": posting.title,
        "brief": posting.brief,
        "deliverables": [{"title": d.title, "detail": d.detail} for d in posting.deliverables],
        "criteria": [
            {"title": c.title, "weight_bp": c.weight_bp, "levels": list(c.levels)} for c in posting.criteria
        ],
        "skills": [skill.name_en for skill in posting.skills],
        "hours": posting.hours,
        "currency": posting.currency,
        "rail": rail,
        "base": posting.base,
        "guaranteed": posting.guaranteed,
        "bonus_pot": posting.bonus_pot,
        "unit": amounts.unit(posting.currency, "payout"),
        "fee": award.platform_fee(posting.base, settings.fee_bp, fee_unit),
        "fee_bp": settings.fee_bp,
        "starts_on": posting.starts_on.isoformat(),
        "ends_on": posting.ends_on.isoformat(),
        "place_kind": posting.place_kind,
        "place": posting.place,
        "ai_policy": posting.ai_policy,
        "ai_note": posting.ai_note,
        "clocks": {name: settings.clock(name) for name in DEFAULT_CLOCKS},
        "employer": {"id": posting.organisation_id, "name": posting.organisation.name},
        "programme": {"id": posting.programme_id, "name": posting.programme.name},
        "intern": {"id": intern.id, "name": intern.full_name},
        "intern_zone": intern.zone,
        "employer_zone": posting.organisation.zone,
        "level_shares": list(LEVEL_SHARES),
        "formula_version": FORMULA_VERSION,
        "holidays": [day.isoformat() for day in settings.holidays],
    }
