"""One of each thing in the state in which most may be done with it, and one of each kind of person around them."""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.support import people as cast
from webapp.accounts.models import MailToken, Person
from webapp.calendars import actions as calendar_actions
from webapp.calendars import policy as calendar_policy
from webapp.calendars.models import CalendarFeed
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.files.uploads import Upload
from webapp.core.mail.sending import Mail
from webapp.core.security.tokens import token_hash
from webapp.fundings.actions import receipts as funding_receipts
from webapp.fundings.actions import transfers as funding_transfers
from webapp.internships.models import Internship
from webapp.notifications.models import Notice
from webapp.organisations.models import Invitation, Membership, Organisation
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

TOKENS = {"newcomer": "n" * 43, "confirm": "c" * 43, "reset": "r" * 43, "invite": "i" * 43}


@dataclass
class World:
    """Who is who, and where the things are: `things[scene]` are the values of an address's variables.

    `own[scene]` is the same for the person who belongs to both sides: it is their own work that they see.
    """

    people: dict[str, int] = field(default_factory=dict)
    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    own: dict[str, dict[str, Any]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def build() -> World:
    """Plant it; needs an application context."""
    world = World()
    with unit_of_work():
        people, employer, programme = _people(world)
        _postings(world, people, employer, programme)
        _organisations(world, people, employer, programme)
        _small_things(world, people)
    for whose, intern in ((world.things, "intern"), (world.own, "self")):
        person = {name: db.session.get_one(Person, number) for name, number in world.people.items()}
        _applications(whose, person, person[intern])
        _internships(whose, person, person[intern])
    world.things["mail"] = {"mail_id": db.session.scalars(db.select(Mail.id).limit(1)).one()}
    return world


def _so_far() -> None:
    """End the transaction: postings and internships are locked in the order of their ids, so each has its own."""
    with unit_of_work():
        db.session.flush()


def _people(world: World) -> tuple[dict[str, Person], Organisation, Organisation]:
    employer, rival = cast.organisation(name="River Maps"), cast.organisation(name="Other Maps")
    programme = cast.programme()
    people = {
        "intern": cast.intern("Ina Intern"),
        "stranger": cast.intern("Stefan Stranger"),
        "owner": cast.member(employer, "owner", "Olga Owner"),
        "reviewer": cast.member(employer, "reviewer", "Rita Reviewer"),
        "dual": cast.intern("Dana Dual"),
        "self": cast.intern("Selma Self"),
        "rival": cast.member(rival, "owner", "Raul Rival"),
        "finance": cast.member(programme, "finance", "Fay Finance"),
        "second": cast.member(programme, "finance", "Sam Second"),
        "manager": cast.member(programme, "manager", "Mia Manager"),
        "mentor": cast.member(programme, "mentor", "Mo Mentor"),
        "operator": cast.person("Olu Operator", operator=True),
        "former": cast.member(employer, "owner", "Finn Former"),
    }
    cast.join(programme, people["former"], "finance")
    db.session.execute(
        db.update(Membership)
        .where(Membership.person_id == people["former"].id)
        .values(ended_at=datetime.now(UTC))
    )
    world.people = {name: person.id for name, person in people.items()}
    return people, employer, programme


def _postings(
    world: World, people: dict[str, Person], employer: Organisation, programme: Organisation
) -> None:
    posting = cast.posting(employer, programme, by=people["owner"], seats=3)
    for number in (1, 2, 3):
        cast.seat(posting, number)
    draft = cast.posting(employer, programme, by=people["owner"], state="draft")
    proposed = cast.posting(
        employer,
        programme,
        by=people["owner"],
        state="in_approval",
        proposed_at=datetime.now(UTC),
        opened_at=None,
    )
    world.things["posting"] = {"posting_id": posting.id}
    world.things["draft"] = {"posting_id": draft.id, "section": "brief"}
    world.things["proposed"] = {"posting_id": proposed.id}
    # Fewer dollars an hour than the programme's floor; and one that takes no applications any more.
    cheap = cast.posting(employer, programme, by=people["owner"], state="draft", base=1_000, guaranteed=0)
    closing = cast.posting(employer, programme, by=people["owner"], state="closing")
    cast.seat(closing)
    world.things["cheap"] = {"posting_id": cheap.id}
    world.things["closing"] = {"posting_id": closing.id}


def _organisations(
    world: World, people: dict[str, Person], employer: Organisation, programme: Organisation
) -> None:
    # Those who belong to both sides joined the employer after they had applied and been matched there.
    for name in ("dual", "self"):
        cast.join(employer, people[name], "reviewer")
    now = datetime.now(UTC)
    invitation = Invitation(
        organisation_id=employer.id,
        email=people["stranger"].email,
        role="reviewer",
        token_hash=token_hash(TOKENS["invite"]),
        invited_by_id=people["owner"].id,
        invited_at=now,
        expires_at=now + timedelta(hours=48),
    )
    db.session.add(invitation)
    db.session.flush()
    membership = db.session.scalars(
        db.select(Membership.id).where(Membership.person_id == people["reviewer"].id)
    ).one()
    world.things["employer"] = {
        "organisation_id": employer.id,
        "membership_id": membership,
        "invitation_id": invitation.id,
    }
    world.things["programme"] = {"organisation_id": programme.id}
    world.things["invited"] = {"token": TOKENS["invite"]}
    newcomer = Invitation(
        organisation_id=employer.id,
        email="newcomer@example.org",
        role="reviewer",
        token_hash=token_hash(TOKENS["newcomer"]),
        invited_by_id=people["owner"].id,
        invited_at=now,
        expires_at=now + timedelta(hours=48),
    )
    db.session.add(newcomer)
    world.things["newcomer"] = {"token": TOKENS["newcomer"]}


def _small_things(world: World, people: dict[str, Person]) -> None:
    now = datetime.now(UTC)
    for purpose in ("confirm", "reset"):
        db.session.add(
            MailToken(
                token_hash=token_hash(TOKENS[purpose]),
                purpose=purpose,
                person_id=people["stranger"].id,
                expires_at=now + timedelta(hours=1),
            )
        )
        world.things[purpose] = {"token": TOKENS[purpose]}
    for whose, name in ((world.things, "intern"), (world.own, "self")):
        notice = Notice(
            key=f"matrix:{name}",
            person_id=people[name].id,
            code="role_ended",
            params={"by": "Olga", "organisation": "River Maps"},
            path="/home",
            told_at=now,
        )
        db.session.add(notice)
        db.session.flush()
        whose["notice"] = {"notice_id": notice.id}
    calendar_actions.make_address(actor=people["intern"])
    feed = db.session.get_one(CalendarFeed, people["intern"].id)
    world.things["feed"] = {"person_id": feed.person_id, "token": calendar_policy.token_of(feed)}
    world.things["person"] = {"person_id": people["stranger"].id}
    gone = cast.person("Gina Gone")
    gone.deactivated_at = now
    db.session.flush()
    world.things["gone"] = {"person_id": gone.id}
    world.things["account"] = {"code": "asset:bank:USD"}
    world.things["webhook"] = {"destination": "platform"}
    world.things["asset"] = {"name": "app.css"}


def _applications(whose: dict[str, Any], people: dict[str, Person], intern: Person) -> None:
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


def _internships(whose: dict[str, Any], people: dict[str, Person], intern: Person) -> None:
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
