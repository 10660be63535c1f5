"""What proves who someone is: passwords, hashed with argon2id."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from secrets import token_urlsafe
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app
from flask_babel import gettext as _

from webapp.core.errors import Busy

SHORTEST, LONGEST = 10, 200
MOST_TYPED = 4 * LONGEST  # the same password with every mark typed as a sign of its own
# Of lists of leaked passwords, those that are long enough for our rule.
_COMMON = """
    0123456789 01234567890 0987654321 1111111111 1122334455 1212121212 123123123123 1234512345 12345678910
    1234567890 12345678900 123456789a 123456789q 12345qwert 1234abcd1234 1234qwerasdf 1q2w3e4r5t 1q2w3e4r5t6y
    1qaz2wsx3edc 2222222222 3333333333 5555555555 6666666666 7777777777 8888888888 9876543210 9999999999
    aaaaaaaaaa abc1234567 abcd123456 abcdefghij adminadmin administrator alexander1 anhyeuem123 anhyeuemnhieulam
    asdfasdfasdf asdfghjkl1 asdfghjkl; asdfghjklm baseball123 basketball charlie123 computer123 dragon1234
    football123 helloworld iloveyou123 iloveyouuu internship1 khongbiet123 letmein123 letmeinnow liverpool1
    liverpoolfc manchester matkhau123 matkhaumoi mynameisbob newpassword passw0rd123 password00 password01
    password10 password11 password12 password123 password1234 password12345 passwordpassword princess12
    princess123 q1w2e3r4t5 q1w2e3r4t5y6 qazwsxedcrfv qwer123456 qwerty1234 qwerty12345 qwerty123456 qwertyqwerty
    qwertyuiop qwertyuiop1 qwertyuiop123 sunshine12 sunshine123 superman12 superman123 trustno1trustno1
    vietnam123 vietnamvodich welcome123 welcome1234 yeuemnhieu zaq12wsxcde zxcvbnm123 zxcvbnmasd
"""
COMMON = frozenset(_COMMON.split())
# Hashing is made to be costly: more at once than this would starve every other page of its processor.
_hashing = BoundedSemaphore(2)
HASHING_PATIENCE = 5  # seconds


@cache
def _hasher(environment: str) -> PasswordHasher:
    if environment == "test":
        return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def _present_hasher() -> PasswordHasher:
    return _hasher(current_app.extensions["settings"].environment)


@cache
def _nobodys_hash(hasher: PasswordHasher) -> str:
    return hasher.hash(token_urlsafe(32))


@contextmanager
def _in_turn() -> Iterator[None]:
    if not _hashing.acquire(timeout=HASHING_PATIENCE):
        raise Busy
    try:
        yield
    finally:
        _hashing.release()


def _as_typed(password: str) -> str:
    """One spelling for letters with marks. The work grows with the square of the length: never give it all."""
    return unicodedata.normalize("NFC", password[:MOST_TYPED])


def hash_password(password: str) -> str:
    """The argon2id hash to keep. Costly on purpose: count a limit before."""
    with _in_turn():
        return _present_hasher().hash(_as_typed(password))


def verify_password(kept: str | None, password: str) -> bool:
    """Is this the password? Without a kept hash, as much work is done and the answer is no.

    So nobody learns from the time of an answer whether an address has an account.
    """
    hasher = _present_hasher()
    with _in_turn():
        try:
            hasher.verify(kept or _nobodys_hash(hasher), _as_typed(password))
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None and len(password) <= MOST_TYPED


def needs_rehash(kept: str) -> bool:
    """Was this hash made with weaker parameters than today's?"""
    return _present_hasher().check_needs_rehash(kept)


def password_problem(password: str, *, email: str, name: str = "") -> str | None:
    """A sentence when the password must not be used, else None."""
    folded = password.casefold()
    if len(password) < SHORTEST:
        return str(_("Use %(n)s characters or more. A few words in a row work well.", n=SHORTEST))
    if len(password) > LONGEST:
        return str(_("Use at most %(n)s characters.", n=LONGEST))
    if folded in {email.casefold(), email.casefold().split("@")[0], name.casefold()} or len(set(folded)) < 4:
        return str(_("Choose a password that isn't your name, your email address or one repeated character."))
    if folded in COMMON:
        return str(_("This password is on every list of common passwords. Choose another one."))
    return None
