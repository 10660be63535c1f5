"""The agreement as both sides read and sign it: the very text, always the same bytes for the same terms."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from webapp.core.money import amounts
from workflows.agreement import AgreementTerms

RAILS = {
    "manual": "How it is paid:       by bank transfer, in and out",
    "stripe": "How it is paid:       by Stripe; the employer pays on Stripe's page, the intern has an account there",
}
PLACES = {"remote": "Remote", "hybrid": "Partly on site", "on_site": "On site"}
AI_POLICIES = {
    "forbidden": "No AI tools may be used for the work.",
    "declared": "AI tools may be used; where and how is declared with the work.",
    "free": "AI tools may be used freely.",
}


def document_for(internship_id: int, number: int, terms: AgreementTerms, written_at: datetime) -> str:
    """The agreement in plain English, made of its terms alone: the same terms give the same text."""
    parts = [
        _heading(internship_id, number, terms, written_at),
        _work(terms),
        _rubric(terms),
        _amounts(terms),
        _time(terms),
        _rules(terms),
    ]
    return "\n\n".join(parts) + "\n"


def sha256(document: str) -> str:
    """What both sign for: the hash of the document's UTF-8 bytes."""
    return hashlib.sha256(document.encode()).hexdigest()


def _heading(internship_id: int, number: int, terms: AgreementTerms, written_at: datetime) -> str:
    written = written_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return "\n".join(
        (
            "MICRO-INTERNSHIP AGREEMENT",
            "",
            f"Internship {internship_id}, agreement {number}, written {written}.",
            "",
            f"Employer:  {_line(terms.employer.name)}",
            f"Intern:    {_line(terms.intern.name)}",
            f"Programme: {_line(terms.programme.name)}, which holds the money and pays it out",
        )
    )


def _work(terms: AgreementTerms) -> str:
    lines = ["1. THE WORK", "", _line(terms.title), "", *_quoted(terms.brief), "", "To be handed in:"]
    for position, item in enumerate(terms.deliverables, start=1):
        lines.append(f"  {position}. {_line(item.title)}")
        lines += [f"  {line}" for line in _quoted(item.detail)]
    if terms.skills:
        lines += ["", "Skills: " + ", ".join(terms.skills) + "."]
    place = PLACES[terms.place_kind]
    lines += ["", f"Place: {place}, {_line(terms.place)}." if terms.place else f"Place: {place}."]
    lines += [f"AI tools: {AI_POLICIES[terms.ai_policy]}"]
    lines += _quoted(terms.ai_note)
    return "\n".join(lines)


def _rubric(terms: AgreementTerms) -> str:
    lines = ["2. HOW THE WORK IS JUDGED", ""]
    lines.append(
        "Each criterion is given one level from 0 to 4. The level earns a share of the criterion's weight:"
    )
    shares = "; ".join(f"level {n}: {_percent(share)}" for n, share in enumerate(terms.level_shares))
    lines.append(f"{shares}.")
    for position, criterion in enumerate(terms.criteria, start=1):
        lines += ["", f"  {position}. {_line(criterion.title)}, weight {_percent(criterion.weight_bp)}"]
        lines += [f"     Level {n}: {_line(text)}" for n, text in enumerate(criterion.levels) if text]
    return "\n".join(lines)


def _amounts(terms: AgreementTerms) -> str:
    def amount(minor: int) -> str:
        return f"{amounts.format_money(minor, terms.currency, 'en')} ({terms.currency})"

    return "\n".join(
        (
            "3. THE MONEY",
            "",
            f"Base:                 {amount(terms.base)} for about {terms.hours} hours",
            f"Guaranteed part:      {amount(terms.guaranteed)}, a part of the base",
            f"Bonus pot:            {amount(terms.bonus_pot)}",
            f"Most that is paid:    {amount(terms.base + terms.bonus_pot)}",
            f"Platform fee:         {amount(terms.fee)} ({_percent(terms.fee_bp)} of the base), on top",
            f"Employer transfers:   {amount(terms.base + terms.bonus_pot + terms.fee)}",
            RAILS[terms.rail],
            "",
            "The intern is paid: the guaranteed part, plus the rest of the base times the sum of each criterion's",
            "weight times the share of its level, rounded down to the smallest sum that can be paid, plus a bonus",
            "that the reviewer may give, with a reason, out of the bonus pot.",
            f"(Formula {terms.formula_version}; the smallest sum is {terms.unit} in minor units.)",
            "",
            "The guaranteed part is owed once both have signed, the money is secured and the intern has started,",
            "also if everything is rejected or the work ends early. Before that nothing is owed.",
            "What is not paid to the intern goes back to the employer. The platform fee stays with the programme,",
            "except where the match is undone before the work begins; then it goes back too.",
        )
    )


def _time(terms: AgreementTerms) -> str:
    clocks = terms.clocks
    lines = (
        "4. THE TIME",
        "",
        f"Work begins on {terms.starts_on} and ends on {terms.ends_on}, the end of that day in the intern's zone,",
        f"{terms.intern_zone}. The employer's zone is {terms.employer_zone}. Days end at 23:59 in the zone of the",
        "side that has to act.",
        "",
        f"- Both sign within {clocks.sign_days} days of the match, else the match is undone.",
        f"- The employer begins the payment within {clocks.pay_days} days of the second signature, and the money",
        f"  is secured within {clocks.secure_days} days after that, else the match is undone.",
        f"- The intern starts within {clocks.start_hours} hours of the later of the start date and the moment the",
        "  money is secured, else the match is undone and the money goes back.",
        f"- Work handed in within {clocks.grace_hours} hours after the end counts as on time; later it is marked late.",
        f"- The employer answers within {clocks.review_days} days of a submission (once {clocks.review_more_days}",
        "  more, on request). Without an answer the full base is due.",
        f"- Changes may be asked for {clocks.revision_rounds} times, with {clocks.revision_days} days each.",
        f"- Without a submission the work ends {clocks.no_submission_days} days after its end; what was accepted",
        "  until then, and the guaranteed part, is due.",
        f"- What the result does not use goes back when the intern accepts the result, or after {clocks.object_days}",
        "  days.",
        f"- A sum that is due is paid within {clocks.payout_days} working days.",
    )
    holidays = (
        [f"Holidays that are no working days: {', '.join(day.isoformat() for day in terms.holidays)}."]
        if terms.holidays
        else []
    )
    return "\n".join([*lines, *([""] if holidays else []), *holidays])


def _rules(terms: AgreementTerms) -> str:
    return "\n".join(
        (
            "5. WHAT BOTH PROMISE",
            "",
            f"{_line(terms.employer.name)} judges the work only by the criteria above, with a reason for each level,",
            "and never through the person who did it. The intern does the work as described and says where it is",
            "not their own. Nothing in this text changes after it is written: a change is a new agreement.",
            "",
            "Each side accepts by typing their name under the SHA-256 of exactly this text.",
        )
    )


def _percent(basis_points: int) -> str:
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d} %" if rest else f"{whole} %"


def _line(text: str) -> str:
    """A text of one line, whatever was typed, so that it cannot imitate a clause of its own."""
    return " ".join(text.split())


def _quoted(text: str) -> list[str]:
    """What somebody wrote, set apart line by line."""
    return [f"  | {line.rstrip()}" for line in text.strip().splitlines()] if text.strip() else []
