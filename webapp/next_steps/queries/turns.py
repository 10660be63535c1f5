"""Whose turn it is, asked of the database: what it finds are the internships whose next step is the reader's own.

`of_internship` says it in words. A test asks both about internships in all states.
"""

from __future__ import annotations

from sqlalchemy import and_, or_, select

from webapp.accounts.models import Person
from webapp.fundings.models import Funding
from webapp.internships import queries as internship_queries
from webapp.internships.models import Internship, Signature
from webapp.organisations.policy import memberships_of


def of_employer(person: Person, at_most: int) -> tuple[list[Internship], int]:
    """The internships that wait for this person as one of an employer's people: to be signed, paid or reviewed.

    Those whose clocks ring first, and how many in all. Their own internships are on their home as an intern.
    """
    held = memberships_of(person)
    owned = Internship.organisation_id.in_({place for place, role in held if role == "owner"})
    judged = Internship.organisation_id.in_({place for place, role in held if role in ("owner", "reviewer")})
    signed = select(Signature.id).where(
        Signature.agreement_id == Internship.agreement_id, Signature.party == "employer"
    )
    on_its_way = select(Funding.id).where(
        Funding.agreement_id == Internship.agreement_id, Funding.state == "processing"
    )
    to_sign = and_(Internship.signed_at.is_(None), ~signed.exists())
    to_pay = and_(Internship.signed_at.is_not(None), Internship.secured_at.is_(None), ~on_its_way.exists())
    waiting = and_(
        Internship.intern_id != person.id,
        or_(
            and_(Internship.state == "matched", owned, or_(to_sign, to_pay)),
            and_(Internship.state == "submitted", judged),
        ),
    )
    return internship_queries.first_by_deadline(waiting, at_most)
