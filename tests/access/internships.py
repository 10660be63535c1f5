"""Applications and internships in every state in which something may be done with them."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.support import people as cast
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.files.uploads import Upload
from webapp.fundings.actions import receipts as funding_receipts
from webapp.fundings.actions import transfers as funding_transfers
from webapp.internships.models import Internship
from webapp.organisations.models import Membership, Organisation
from webapp.payouts.actions import approval as payout_approval
from webapp.payouts.actions import sending as payout_sending
from webapp.payouts.models import Attempt, Payout, PayoutPart
from webapp.postings.models import Posting
from webapp.recipients import actions as recipient_actions
from webapp.reviews import actions as review_actions
from webapp.reviews.actions import Mark
from webapp.submissions import actions as submission_actions
from webapp.tasks.actions import cards as task_cards
from webapp.tasks.actions import files as task_files
from webapp.tasks.actions import moves as task_moves
from webapp.tasks.models import Task


def _so_far() -> None:
    """End the transaction: postings and internships are locked in the order of their ids, so each has its own."""
    with unit_of_work():
        db.session.flush()


def plant_applications(whose: dict[str, Any], people: dict[str, Person], intern: Person) -> None:
    for state in ("draft", "applied", "offered", "shortlisted", "withdrawn"):
        _so_far()
        of = cast.posting(_employer(people), _programme(people), by=people["owner"])
        application = cast.application(
            of, intern, state=state, seat=cast.seat(of) if state == "offered" else None
        )
        if state in ("applied", "shortlisted"):
            cast.seat(of)
        whose[f"{state}_application"] = {"application_id": application.id, "posting_id": of.id}


def _employer(people: dict[str, Person]) -> Organisation:
    return _place(people["owner"])


def _programme(people: dict[str, Person]) -> Organisation:
    return _place(people["manager"])


def _place(person: Person) -> Organisation:
    found = db.select(Organisation).join(Membership).where(Membership.person_id == person.id)
    return db.session.scalars(found).one()


def plant_internships(whose: dict[str, Any], people: dict[str, Person], intern: Person) -> None:
    recipient_actions.add_method(
        intern,
        actor=intern,
        country="VN",
        bank_name="Example Bank",
        account_holder="INA INTERN",
        account_number="0011223344",
    )
    _so_far()
    unsigned = cast.internship("matched", of=_another_posting(people), who=intern, signed=False)
    funding = funding_transfers.request(unsigned, actor=intern)
    whose["matched"] = {"internship_id": unsigned.id, "funding_id": funding.id}

    _so_far()
    signed = cast.internship("matched", of=_another_posting(people), who=intern)
    whose["signed"] = {
        "internship_id": signed.id,
        "funding_id": funding_transfers.request(signed, actor=intern).id,
    }
    ready = _secured(people, intern, f"IN-{intern.id}-0", start=False)
    whose["ready"] = {"internship_id": ready.id}

    working = _secured(people, intern, f"IN-{intern.id}-1")
    submission_actions.save(working, actor=intern, version=0, note="So far", links=[])
    its_tasks = db.select(Task).where(Task.internship_id == working.id).order_by(Task.id)
    task, other = db.session.scalars(its_tasks.limit(2))
    check = task_cards.add_check(task, actor=intern, text="Ask twice")
    op = uuid4()
    task_moves.move(
        other, actor=intern, to="doing", before="end", move_version=other.move_version, operation_id=op
    )
    whose["checked"], whose["moved"] = {"check_id": check.id}, {"operation_id": str(op)}
    (file,) = task_files.add_files(task, actor=intern, chosen=[Upload("list.txt", io.BytesIO(b"Landings"))])
    whose["working"] = {"internship_id": working.id, "task_id": task.id, "file_id": file.id}

    handed_in = _hand_in(_secured(people, intern, f"IN-{intern.id}-2"), intern)
    whose["submitted"] = {
        "internship_id": handed_in.internship_id,
        "submission_id": handed_in.id,
        "file_id": handed_in.files[0].id,
    }

    noted = _hand_in(_secured(people, intern, f"IN-{intern.id}-3"), intern)
    _note(noted, people["owner"])
    whose["noted"] = {"submission_id": noted.id}

    whose["due"] = _judged(people, intern, "4")
    for number, (state, moves) in enumerate(
        (("approved", ("approve",)), ("sending", ("approve", "release")), ("held", ("hold",))), start=5
    ):
        whose[state] = _judged(people, intern, str(number))
        payout = db.session.get_one(Payout, whose[state]["payout_id"])
        for move in moves:
            _move(payout, move, people)
    sending = (
        db.select(Attempt.id).join(PayoutPart).where(PayoutPart.payout_id == whose["sending"]["payout_id"])
    )
    whose["attempt"] = {"attempt_id": db.session.scalars(sending).one()}
    _so_far()


def _note(submission: Any, reviewer: Person) -> Any:
    """Everything noted that any decision asks for."""
    return review_actions.save(
        submission,
        actor=reviewer,
        version=0,
        marks=[Mark(level, "Seen.", True) for level in (4, 3, 2)],
        comment="Thank you.",
        bonus=0,
        bonus_reason="",
    )


def _judged(people: dict[str, Person], intern: Person, number: str) -> dict[str, int]:
    """The work is approved, and what it earned is due."""
    judged = _hand_in(_secured(people, intern, f"IN-{intern.id}-{number}"), intern)
    review = _note(judged, people["owner"])
    review_actions.approve(judged, actor=people["owner"], version=review.version, sha256=judged.sha256 or "")
    payout = db.session.scalars(
        db.select(Payout).where(Payout.internship_id == judged.internship_id, Payout.type == "base")
    ).one()
    return {
        "internship_id": judged.internship_id,
        "submission_id": judged.id,
        "payout_id": payout.id,
    }


def _move(payout: Payout, move: str, people: dict[str, Person]) -> None:
    if move == "approve":
        payout_approval.approve(payout, actor=people["finance"], version=payout.version)
    elif move == "release":
        payout_sending.release(payout, actor=people["second"], version=payout.version)
    else:
        until = datetime.now(UTC).date() + timedelta(days=3)
        payout_approval.hold(
            payout, actor=people["finance"], version=payout.version, until=until, reason="A question"
        )


def _another_posting(people: dict[str, Person]) -> Posting:
    return cast.posting(_employer(people), _programme(people), by=people["owner"])


def _secured(people: dict[str, Person], intern: Person, reference: str, *, start: bool = True) -> Internship:
    """With both names under the agreement and the money in the bank; in progress, if it is started."""
    _so_far()
    internship = cast.internship("matched", of=_another_posting(people), who=intern)
    funding = funding_transfers.request(internship, actor=intern)
    funding_transfers.mark_paid_by_payer(funding, actor=people["owner"], version=funding.version)
    funding_receipts.record_receipt(
        funding,
        actor=people["finance"],
        version=funding.version,
        amount=funding.total,
        received_on=datetime.now(UTC).date(),
        bank_reference=reference,
    )
    if start:
        task_cards.begin_work(internship, actor=intern, version=internship.version)
    return internship


def _hand_in(internship: Internship, intern: Person) -> Any:
    handed_in = submission_actions.submit(
        internship,
        actor=intern,
        version=0,
        note="All of it.",
        links=["https://example.org/table"],
        uploads=[Upload("table.csv", io.BytesIO(b"landing,price\n1,30000\n"))],
        despite_open_tasks=True,
    )
    assert handed_in is not None
    return handed_in
