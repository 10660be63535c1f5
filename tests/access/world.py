"""One of each thing in the state in which most may be done with it, and one of each kind of person around them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.access.internships import plant_applications, plant_internships
from tests.support import people as cast
from webapp.accounts.models import MailToken, Person
from webapp.calendars import actions as calendar_actions
from webapp.calendars import policy as calendar_policy
from webapp.calendars.models import CalendarFeed
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.mail.sending import Mail
from webapp.core.security.tokens import token_hash
from webapp.notifications.models import Notice
from webapp.organisations.models import Invitation, Membership, Organisation

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
        plant_applications(whose, person, person[intern])
        plant_internships(whose, person, person[intern])
    world.things["mail"] = {"mail_id": db.session.scalars(db.select(Mail.id).limit(1)).one()}
    return world


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
