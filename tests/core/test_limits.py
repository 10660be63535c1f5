"""Limits count in the database and hold against many at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask_babel import Babel
from sqlalchemy import select, text
from sqlalchemy.pool import NullPool

from tests.support.postgres import TestDatabase
from webapp.accounts import policy as account_policy
from webapp.core.config import driver_url
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.errors import TooMany
from webapp.core.security import rate_limits
from webapp.core.security.rate_limits import Limit, RateLimit
from webapp.organisations import policy as organisation_policy
from webapp.slices import SLICES

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def counting(database: TestDatabase) -> Iterator[Flask]:
    """An application that has nothing but the database."""
    app = Flask("limits")
    app.config["SECRET_KEY"] = "only for this test"
    app.config["SQLALCHEMY_DATABASE_URI"] = driver_url(database.app_url)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"poolclass": NullPool}
    db.init_app(app)
    rate_limits.init_limits(app, [limit for feature in SLICES for limit in feature.limits])
    Babel(app)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def rows() -> list[RateLimit]:
    db.session.rollback()
    return list(db.session.scalars(select(RateLimit)))


def age(by: timedelta) -> None:
    with unit_of_work():
        db.session.execute(text("UPDATE rate_limit SET window_start = window_start - :by"), {"by": by})


def test_the_try_after_the_last_allowed_one_is_refused_and_told_how_long() -> None:
    for _ in range(5):
        rate_limits.hit("codes", limit=5, per=MINUTE)
    with pytest.raises(TooMany) as caught:
        rate_limits.hit("codes", limit=5, per=MINUTE)
    assert caught.value.status == 429
    assert 1 <= caught.value.retry_after <= 60
    assert "1 minute" in str(caught.value.sentence)


def test_a_new_window_opens_when_the_old_one_ended() -> None:
    for _ in range(5):
        rate_limits.hit("codes", limit=5, per=MINUTE)
    age(MINUTE)
    rate_limits.hit("codes", limit=5, per=MINUTE)
    assert sorted(row.count for row in rows()) == [1, 5]


def test_a_try_counts_even_when_the_request_is_rolled_back() -> None:
    with unit_of_work():
        rate_limits.hit("codes", limit=5, per=MINUTE)
        db.session.rollback()
    assert [row.count for row in rows()] == [1]


def test_refused_tries_do_not_prolong_the_wait() -> None:
    rate_limits.hit("codes", limit=1, per=MINUTE)
    waits = []
    for _ in range(3):
        with pytest.raises(TooMany) as caught:
            rate_limits.hit("codes", limit=1, per=MINUTE)
        waits.append(caught.value.retry_after)
    assert waits == sorted(waits, reverse=True)
    assert len(rows()) == 1


@pytest.mark.abuse(30)
def test_fifty_at_once_are_as_many_as_the_limit(counting: Flask) -> None:
    start = threading.Barrier(50)
    outcomes: list[str] = []

    def strike() -> None:
        with counting.app_context():
            start.wait()
            try:
                rate_limits.hit("codes", limit=7, per=MINUTE)
                outcomes.append("let in")
            except TooMany:
                outcomes.append("refused")

    threads = [threading.Thread(target=strike) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("let in") == 7
    assert outcomes.count("refused") == 43
    assert [row.count for row in rows()] == [50]


@pytest.mark.parametrize(
    ("limit", "times", "per"),
    [
        (rate_limits.SIGN_IN_BY_ACCOUNT, 10, timedelta(minutes=5)),
        (rate_limits.SIGN_IN_BY_ADDRESS, 10, timedelta(minutes=5)),
        (rate_limits.SIGN_IN_OF_ALL, 1_000, timedelta(minutes=5)),
        (account_policy.RESET, 5, timedelta(days=1)),
        (account_policy.VERIFICATION_MAIL, 3, timedelta(hours=6)),
        (organisation_policy.INVITATIONS, 20, timedelta(days=1)),
        (rate_limits.UPLOADS, 60, timedelta(hours=1)),
    ],
)
@pytest.mark.abuse(30)
def test_the_figures_are_the_ones_of_the_safety_paper(limit: Limit, times: int, per: timedelta) -> None:
    assert (limit.limit, limit.per) == (times, per)


@pytest.mark.abuse(30)
def test_ten_wrong_passwords_close_the_account_for_a_while_from_any_address() -> None:
    for number in range(10):
        rate_limits.before_sign_in("Ann@Example.org", f"192.0.2.{number}")
    with pytest.raises(TooMany):
        rate_limits.before_sign_in(" ann@example.org ", "192.0.2.99")
    rate_limits.before_sign_in("ben@example.org", "192.0.2.99")


@pytest.mark.abuse(30)
def test_ten_wrong_passwords_close_the_address_for_any_account() -> None:
    for number in range(10):
        rate_limits.before_sign_in(f"p{number}@example.org", f"2001:db8::{number}")
    with pytest.raises(TooMany):
        rate_limits.before_sign_in("other@example.org", "2001:db8::ffff")
    rate_limits.before_sign_in("other@example.org", "2001:db8:0:1::1")


def test_good_sign_ins_never_add_up() -> None:
    for _ in range(25):
        rate_limits.before_sign_in("ann@example.org", "192.0.2.1")
        rate_limits.after_sign_in("ann@example.org", "192.0.2.1")
    assert {row.count for row in rows()} == {0}


def test_giving_back_what_was_never_counted_changes_nothing() -> None:
    rate_limits.after_sign_in("ann@example.org", None)
    assert rows() == []


def test_nobody_reads_an_address_from_the_table() -> None:
    rate_limits.before_sign_in("ann@example.org", "192.0.2.1")
    account_policy.before_reset("ann@example.org")
    account_policy.before_verification_mail("ann@example.org")
    organisation_policy.before_invitation(12)
    rate_limits.before_upload(34)
    buckets = [row.bucket for row in rows()]
    assert len(buckets) == 7
    for bucket in buckets:
        for word in ("ann", "example", "192", "@"):
            assert word not in bucket.split(":")[1]


@pytest.mark.parametrize("key", ["", "\x00", "\ud800", "x" * 100_000, "ünï@example.org"])
def test_any_text_is_a_key(key: str) -> None:
    rate_limits.spend(account_policy.RESET, key)
    assert [row.count for row in rows()] == [1]


@pytest.mark.parametrize("address", [None, "", "unix:", "999.1.1.1", "not an address"])
def test_an_address_that_is_none_is_one_key(address: str | None) -> None:
    assert rate_limits.network_of(address) == "unknown"


def test_an_address_in_both_notations_is_one_key() -> None:
    assert rate_limits.network_of("::ffff:192.0.2.1") == rate_limits.network_of("192.0.2.1")


def test_pruning_leaves_the_windows_that_still_count() -> None:
    rate_limits.hit("old", limit=5, per=MINUTE)
    age(timedelta(days=2))
    rate_limits.hit("new", limit=5, per=MINUTE)
    with unit_of_work():
        assert rate_limits.prune() == 1
    assert [row.bucket for row in rows()] == ["new"]


def test_a_window_is_kept_as_long_as_the_longest_declared_limit_counts(counting: Flask) -> None:
    weekly = Limit("weekly", 1, timedelta(days=7))
    rate_limits.init_limits(counting, [weekly])
    rate_limits.spend(weekly, "ann")
    age(timedelta(days=6))
    with unit_of_work():
        assert rate_limits.prune() == 0
    with pytest.raises(TooMany):
        rate_limits.spend(weekly, "ann")
    age(timedelta(days=2))
    with unit_of_work():
        assert rate_limits.prune() == 1


def test_a_limit_that_no_feature_declares_cannot_be_counted() -> None:
    with pytest.raises(LookupError, match="stray"):
        rate_limits.spend(Limit("stray", 1, MINUTE))
    assert rows() == []


def test_two_limits_of_one_name_stop_the_start(counting: Flask) -> None:
    with pytest.raises(ValueError, match="uploads"):
        rate_limits.init_limits(counting, [Limit("uploads", 1, MINUTE)])
