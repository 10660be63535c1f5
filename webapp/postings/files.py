"""What of a posting the agreement freezes when somebody accepts a seat."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.accounts.models import Person
from webapp.core.errors import NotNow
from webapp.core.money import amounts
from webapp.organisations.models import DEFAULT_CLOCKS
from webapp.postings.models import Posting
from workflows import award
from workflows.agreement import AgreementTerms, Clocks, Criterion, Deliverable, Party

LEVEL_SHARES = (0, 2_500, 5_000, 7_500, 10_000)
FORMULA_VERSION = 1


def terms_for(posting: Posting, intern: Person) -> AgreementTerms:
    """Everything that an agreement over a seat of this posting freezes.

    Raises NotNow when the programme has no rail to this intern.
    """
    settings = posting.settings
    rail = settings.rail_for(intern.country, posting.currency)
    if rail is None:
        raise NotNow(_l("The programme can't pay anyone in this intern's country."))
    if (
        posting.base is None
        or posting.guaranteed is None
        or posting.hours is None
        or posting.starts_on is None
        or posting.ends_on is None
        or posting.ai_policy is None
    ):
        raise RuntimeError(f"posting {posting.id} was opened without its amounts, dates or rules")
    fee_unit = amounts.unit(posting.currency, "charge")
    return AgreementTerms(
        posting_id=posting.id,
        title=posting.title,
        brief=posting.brief,
        deliverables=tuple(Deliverable(each.title, each.detail) for each in posting.deliverables),
        criteria=tuple(Criterion(each.title, each.weight_bp, each.levels) for each in posting.criteria),
        skills=tuple(skill.name_en for skill in posting.skills),
        hours=posting.hours,
        currency=posting.currency,
        rail=rail,
        base=posting.base,
        guaranteed=posting.guaranteed,
        bonus_pot=posting.bonus_pot,
        unit=amounts.unit(posting.currency, "payout"),
        fee=award.platform_fee(posting.base, settings.fee_bp, fee_unit),
        fee_bp=settings.fee_bp,
        starts_on=posting.starts_on,
        ends_on=posting.ends_on,
        place_kind=posting.place_kind,
        place=posting.place,
        ai_policy=posting.ai_policy,
        ai_note=posting.ai_note,
        clocks=Clocks(**{name: settings.clock(name) for name in DEFAULT_CLOCKS}),
        employer=Party(posting.organisation_id, posting.organisation.name),
        programme=Party(posting.programme_id, posting.programme.name),
        intern=Party(intern.id, intern.full_name),
        intern_zone=intern.zone,
        employer_zone=posting.organisation.zone,
        level_shares=LEVEL_SHARES,
        formula_version=FORMULA_VERSION,
        holidays=tuple(settings.holidays),
    )
