"""How postings, seats and matches end before their good end."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.applications.test_clocks import later, notice_codes
from tests.applications.world import World
from tests.support import people as cast
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import deadlines
from webapp.core.lifecycle.history import of_root
from webapp.fundings.actions import transfers as funding_transfers
from webapp.fundings.models import Funding
from webapp.internships.models import Internship
from webapp.payouts.models import Payout
from webapp.postings.models import Posting


class Matched(World):
    """A posting with one seat, on which Lan has just accepted an offer."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app, seats=1)
        self.sent = self.applied(self.lan)
        assert self.as_(self.owner).send(f"/applications/{self.sent}/offer", version=1).status_code == 303
        assert self.as_(self.lan).send(f"/applications/{self.sent}/acceptance", version=2).status_code == 303
        with app.test_request_context(), unit_of_work():
            self.seat = db.session.scalars(db.select(Internship.id)).one()
            programme = db.session.get_one(Posting, self.posting).programme
            self.finance = cast.member(programme, "finance").id

    def sign(self, *people: int) -> None:
        with self.app.app_context():
            sha256 = self.internship().agreement.sha256  # type: ignore[union-attr]
        for who in people:
            answer = self.as_(who).send(
                f"/internships/{self.seat}/agreement/signature", name="Full Name", sha256=sha256
            )
            assert answer.status_code == 303

    def internship(self) -> Internship:
        return db.session.get_one(Internship, self.seat)

    def funding(self) -> Funding:
        return db.session.scalars(db.select(Funding).order_by(Funding.id.desc())).first()  # type: ignore[return-value]

    def secure(self) -> None:
        """The owner transfers, finance records."""
        with self.app.test_request_context(), unit_of_work():
            funding, owner = self.funding(), db.session.get_one(cast.Person, self.owner)
            funding_transfers.mark_paid_by_payer(funding, actor=owner, version=funding.version)
            finance = db.session.get_one(cast.Person, self.finance)
            funding_transfers.accept_receipt(
                funding,
                actor=finance,
                version=funding.version,
                amount=funding.total,
                received_on=cast.datetime.now(cast.UTC).date(),
                bank_reference="BANK 1",
            )

    def begin_payment(self) -> None:
        with self.app.test_request_context(), unit_of_work():
            funding, owner = self.funding(), db.session.get_one(cast.Person, self.owner)
            funding_transfers.mark_paid_by_payer(funding, actor=owner, version=funding.version)


def assert_undone(app: Flask, world: Matched, reason: str) -> None:
    with app.app_context():
        seat = world.internship()
        assert (seat.state, seat.intern_id, seat.agreement_id) == ("posted", None, None)
        moves = [(entry.move, entry.params.get("reason")) for entry in of_root("internship", world.seat)]
        assert ("unmatch", reason) in moves
    application = world.application_of(world.lan)
    assert (application.state, application.reason, application.internship_id) == ("released", reason, None)
    assert "application_released" in notice_codes(app, world.lan)
    assert "match_undone" in notice_codes(app, world.owner)


@pytest.mark.move("internship.unmatch")
@pytest.mark.move("application.release")
@pytest.mark.parametrize("signed", [(), ("lan",), ("owner",)])
def test_a_match_that_not_both_sign_is_undone_after_three_days(app: Flask, signed: tuple[str, ...]) -> None:
    world = Matched(app)
    world.sign(*(getattr(world, who) for who in signed))
    later(app, days=3)
    with app.app_context():
        assert world.internship().state == "matched"
    later(app, days=4, hours=1)
    assert_undone(app, world, "sign")
    with app.app_context():
        assert world.funding().state == "void"
    assert later(app, days=4, hours=2) == 0


@pytest.mark.move("internship.unmatch")
def test_a_payment_that_is_not_begun_undoes_the_match(app: Flask) -> None:
    world = Matched(app)
    world.sign(world.lan, world.owner)
    later(app, days=5)
    with app.app_context():
        assert world.internship().state == "matched"
    later(app, days=6, hours=1)
    assert_undone(app, world, "pay")


@pytest.mark.move("internship.unmatch")
def test_money_that_does_not_arrive_undoes_the_match(app: Flask) -> None:
    world = Matched(app)
    world.sign(world.lan, world.owner)
    world.begin_payment()
    later(app, days=14)
    with app.app_context():
        assert world.internship().state == "matched"
    later(app, days=15, hours=1)
    assert_undone(app, world, "secure")


@pytest.mark.move("internship.unmatch")
def test_work_that_is_not_started_undoes_the_match_and_all_the_money_goes_back(app: Flask) -> None:
    world = Matched(app)
    world.sign(world.lan, world.owner)
    world.secure()
    with app.app_context():
        assert set(deadlines.armed(world.internship())) == {"start"}
        total = world.funding().total
    later(app, days=9, hours=1)
    assert_undone(app, world, "start")
    with app.app_context():
        assert world.funding().state == "refunded"
        back = db.session.scalars(db.select(Payout)).one()
        assert (back.type, back.amount, back.includes_fee) == ("refund", total, 3_000)


def test_an_undone_match_can_be_offered_again_with_a_new_agreement(app: Flask) -> None:
    world = Matched(app)
    later(app, days=4, hours=1)
    owner, lan = world.as_(world.owner), world.as_(world.lan)
    version = world.application_of(world.lan).version
    assert owner.send(f"/applications/{world.sent}/offer", version=version).status_code == 303
    assert lan.send(f"/applications/{world.sent}/acceptance", version=version + 1).status_code == 303
    with app.app_context():
        agreement = world.internship().agreement
        assert agreement is not None
        assert agreement.number == 2
        assert set(deadlines.armed(world.internship())) == {"sign"}
    text = world.as_(world.lan).get(f"/internships/{world.seat}/agreement.txt").get_data(as_text=True)
    assert "agreement 2" in text


@pytest.mark.move("internship.cancel")
def test_an_owner_cancels_a_match_only_before_both_have_signed(app: Flask) -> None:
    world = Matched(app)
    owner = world.as_(world.owner)
    page = f"/internships/{world.seat}/cancellation"
    assert "We tell Lan Nguyễn at once" in cast.visible_text(owner.get(page))
    assert owner.send(page, version=2).status_code == 422, "a reason is due"
    assert owner.send(page, version=1, reason="budget").status_code == 409, "an old version"
    assert world.as_(world.lan).send(page, version=2, reason="budget").status_code == 403
    assert world.as_(world.minh).send(page, version=2, reason="budget").status_code == 404
    world.sign(world.lan, world.owner)
    assert owner.send(page, version=2, reason="budget").status_code == 409
    assert "One side alone can't cancel" in cast.visible_text(owner.get(page))


@pytest.mark.move("internship.cancel")
def test_a_cancelled_match_releases_the_applicant_and_voids_the_funding(app: Flask) -> None:
    world = Matched(app)
    answer = world.as_(world.owner).send(
        f"/internships/{world.seat}/cancellation",
        version=2,
        reason="budget",
        text="Our shop has burned down.",
    )
    assert answer.status_code == 303
    told = cast.visible_text(world.as_(world.lan).get(f"/applications/{world.sent}"))
    assert "Our shop has burned down." in told
    with app.app_context():
        assert world.internship().state == "cancelled"
        cancelled = of_root("internship", world.seat)[-1]
        assert (cancelled.move, cancelled.text and cancelled.text.text) == (
            "cancel",
            "Our shop has burned down.",
        )
        assert world.funding().state == "void"
        assert deadlines.armed(world.internship()) == {}
    assert world.application_of(world.lan).state == "released"
    assert world.as_(world.lan).get(f"/internships/{world.seat}").status_code == 200


@pytest.mark.move("internship.cancel")
@pytest.mark.move("application.reject")
def test_a_cancelled_free_seat_takes_its_offer_back(app: Flask) -> None:
    world = World(app, seats=1)
    sent = world.applied(world.lan)
    owner = world.as_(world.owner)
    owner.send(f"/applications/{sent}/offer", version=1)
    with app.app_context():
        seat = db.session.scalars(db.select(Internship.id)).one()
    answer = owner.send(f"/internships/{seat}/cancellation", version=1, reason="not_needed", text="Sorry")
    assert answer.status_code == 303
    application = world.application_of(world.lan)
    assert (application.state, application.reason) == ("rejected", "seat_cancelled")
    with app.app_context():
        assert db.session.get_one(Posting, world.posting).state == "closed", "no seat, nobody waits"


@pytest.mark.move("posting.cancel")
def test_a_cancelled_posting_ends_its_seats_and_tells_everybody_who_waits(app: Flask) -> None:
    world = World(app, seats=2)
    offered, waiting = world.applied(world.lan), world.applied(world.minh)
    owner = world.as_(world.owner)
    owner.send(f"/applications/{offered}/offer", version=1)
    with app.app_context():
        version = db.session.get_one(Posting, world.posting).version
    page = f"/postings/{world.posting}/cancellation"
    assert "2 waiting applicants are told" in cast.visible_text(owner.get(page))
    assert world.as_(world.reviewer).send(page, version=version, reason="budget").status_code == 403
    assert owner.send(page, version=version + 7, reason="budget").status_code == 409
    assert owner.send(page, version=version, reason="other").status_code == 422
    assert owner.send(page, version=version, reason="other", text="The shop closed.").status_code == 303
    with app.app_context():
        assert db.session.get_one(Posting, world.posting).state == "cancelled"
        words = [entry.text.text for entry in of_root("posting", world.posting) if entry.text]
        assert words.count("The shop closed.") == 3, "of the posting itself and of both applications"
        assert set(db.session.scalars(db.select(Internship.state))) == {"cancelled"}
    for who in (world.lan, world.minh):
        application = world.application_of(who)
        assert (application.state, application.reason) == ("rejected", "posting_cancelled")
        assert "The shop closed." in cast.visible_text(world.as_(who).get(f"/applications/{application.id}"))
    assert owner.send(f"/applications/{waiting}/offer", version=2).status_code == 409


def test_a_posting_with_a_match_cannot_be_cancelled(app: Flask) -> None:
    world = Matched(app)
    owner = world.as_(world.owner)
    with app.app_context():
        version = db.session.get_one(Posting, world.posting).version
    page = f"/postings/{world.posting}/cancellation"
    assert "can't be cancelled any more" in cast.visible_text(owner.get(page))
    assert owner.send(page, version=version, reason="budget").status_code == 409
