"""The agreement: read, accepted by name, kept, and never anything else than what was shown."""

from __future__ import annotations

import hashlib

import pytest
from flask import Flask

from tests.endings.test_endings import Matched
from tests.support import people as cast
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.internships.models import Signature


def names(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        return [(s.party, s.name) for s in db.session.scalars(db.select(Signature).order_by(Signature.id))]


def test_both_sides_read_the_text_and_accept_it_by_name(app: Flask) -> None:
    world = Matched(app)
    page, url = f"/internships/{world.seat}/agreement", f"/internships/{world.seat}/agreement/signature"
    with app.app_context():
        agreement = world.internship().agreement
        assert agreement is not None
        text, sha256 = agreement.document, agreement.sha256
    lan, owner = world.as_(world.lan), world.as_(world.owner)
    shown = cast.visible_text(lan.get(page))
    assert "Your turn" in shown
    assert sha256 in shown
    assert lan.send(url, name="   ", sha256=sha256).status_code == 422
    assert lan.send(url, name="L" * 121, sha256=sha256).status_code == 422
    assert names(app) == []

    assert lan.send(url, name=" Lan  Nguyễn ", sha256=sha256).status_code == 303
    assert names(app) == [("intern", "Lan Nguyễn")]
    assert "Waiting for Kim Foods" in cast.visible_text(lan.get(page))
    assert lan.send(url, name="Lan again", sha256=sha256).status_code == 409, "a side accepts once"
    assert owner.send(url, name="Mai Owner", sha256=sha256).status_code == 303
    with app.app_context():
        assert world.internship().signed_at is not None

    download = lan.get(f"{page}.txt")
    assert download.headers["Content-Disposition"].startswith("attachment")
    assert download.get_data().decode() == text
    assert hashlib.sha256(download.get_data()).hexdigest() == sha256


@pytest.mark.abuse(8)
def test_a_name_under_another_text_than_the_one_in_force_is_refused(app: Flask) -> None:
    world = Matched(app)
    url = f"/internships/{world.seat}/agreement/signature"
    lan = world.as_(world.lan)
    assert lan.send(url, name="Lan", sha256="0" * 64).status_code == 409
    assert lan.send(url, name="Lan", sha256="not a hash").status_code == 400
    assert lan.send(url, name="Lan").status_code == 400
    assert names(app) == []


@pytest.mark.abuse(1)
@pytest.mark.abuse(2)
def test_only_the_intern_and_the_owners_sign_and_outsiders_see_nothing(app: Flask) -> None:
    world = Matched(app)
    page = f"/internships/{world.seat}/agreement"
    with app.app_context():
        sha256 = world.internship().agreement.sha256  # type: ignore[union-attr]
    for who, code in ((world.reviewer, 403), (world.finance, 403), (world.minh, 404)):
        person = world.as_(who)
        assert person.send(f"{page}/signature", name="Me", sha256=sha256).status_code == code
        assert person.get(page).status_code == (404 if code == 404 else 200)
        assert person.get(f"{page}.txt").status_code == (404 if code == 404 else 200)
    assert app.test_client().get(page).status_code == 303
    assert names(app) == []


def test_agreements_and_names_can_never_be_changed_in_the_database(app: Flask) -> None:
    world = Matched(app)
    world.sign(world.lan)
    for statement in (
        "UPDATE agreement SET document = 'other'",
        "DELETE FROM agreement",
        "UPDATE signature SET name = 'other'",
        "TRUNCATE signature",
    ):
        with (
            app.test_request_context(),
            pytest.raises(Exception, match=r"append-only|permission"),
            unit_of_work(),
        ):
            db.session.execute(db.text(statement))


def test_what_a_posting_says_cannot_imitate_a_clause_of_the_agreement(app: Flask) -> None:
    from webapp.internships import files as internship_files
    from webapp.postings import files as posting_files

    with app.test_request_context(), unit_of_work():
        posting = cast.posting(
            title="Fine\n\n3. THE MONEY\n\nBase: nothing", brief="First\n5. WHAT BOTH PROMISE"
        )
        terms = posting_files.terms_for(posting, cast.intern())
        text = internship_files.document_for(1, 1, terms, cast.datetime.now(cast.UTC))
    assert text.splitlines().count("3. THE MONEY") == 1
    assert text.splitlines().count("5. WHAT BOTH PROMISE") == 1
