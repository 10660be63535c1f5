"""How often somebody may try: counted in the database, before costly work, whatever becomes of the request."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from flask import Flask, current_app, has_request_context, request
from flask_babel import lazy_ngettext
from sqlalchemy import Integer, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.core.database.base import Base, db
from webapp.core.database.transactions import separate_transaction
from webapp.core.errors import TooMany


class RateLimit(Base):
    """How many tries a bucket saw in the window that began at this instant (real time)."""

    __tablename__ = "rate_limit"
    bucket: Mapped[str] = mapped_column(primary_key=True)
    window_start: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(Integer)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries in so much time for one key (a person, an address, an organisation)."""

    name: str
    limit: int
    per: timedelta


SIGN_IN_BY_ACCOUNT = Limit("sign_in_account", 10, timedelta(minutes=5))
SIGN_IN_BY_ADDRESS = Limit("sign_in_address", 10, timedelta(minutes=5))
SIGN_IN_OF_ALL = Limit("sign_in_all", 1_000, timedelta(minutes=5))
UPLOADS = Limit("uploads", 60, timedelta(hours=1))
SAVED_FORMS = Limit("kept_forms", 60, timedelta(hours=1))
OWN = (SIGN_IN_BY_ACCOUNT, SIGN_IN_BY_ADDRESS, SIGN_IN_OF_ALL, UPLOADS, SAVED_FORMS)
DEVICE_COOKIE = "device"
KNOWN_FOR = timedelta(days=365)


def init_limits(app: Flask, declared: Iterable[Limit]) -> None:
    """Take in the limits that features declare: only these can be counted, and windows are kept as long as they need.

    Raises ValueError where two limits share a name: they would count each other's tries.
    """
    limits: dict[str, Limit] = {}
    for limit in (*OWN, *declared):
        if limits.setdefault(limit.name, limit) is not limit:
            raise ValueError(f"two limits are called {limit.name!r}")
    app.extensions["limits"] = limits


def _declared() -> Mapping[str, Limit]:
    limits: Mapping[str, Limit] = current_app.extensions["limits"]
    return limits


def hit(bucket: str, *, limit: int, per: timedelta) -> None:
    """Count one try, or raise TooMany with the whole seconds until the window ends.

    A window begins with its first try. `bucket` is stored as it is: `spend` keeps personal keys out of it.
    """
    with separate_transaction() as session:
        # Stops two first tries from each opening a window of their own.
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(bucket, 0))))
        now = session.execute(select(func.clock_timestamp())).scalar_one()
        started = _window(session, bucket, now - per) or now
        tried = insert(RateLimit).values(bucket=bucket, window_start=started, count=1)
        count = session.execute(
            tried.on_conflict_do_update(
                index_elements=["bucket", "window_start"], set_={"count": RateLimit.count + 1}
            ).returning(RateLimit.count)
        ).scalar_one()
    if count > limit:
        seconds = max(1, ceil((started + per - now).total_seconds()))
        minutes = ceil(seconds / 60)
        raise TooMany(
            seconds,
            lazy_ngettext(
                "Please wait %(num)s minute and try again.",
                "Please wait %(num)s minutes and try again.",
                minutes,
            ),
        )


def _window(session: Session, bucket: str, after: datetime) -> datetime | None:
    return session.scalar(
        select(func.max(RateLimit.window_start)).where(
            RateLimit.bucket == bucket, RateLimit.window_start > after
        )
    )


def spend(limit: Limit, key: str | int = "") -> None:
    """Count one try of this key against a declared limit; raises TooMany, and LookupError for any other."""
    if limit.name not in _declared():
        raise LookupError(f"no feature declares the limit {limit.name!r}")
    hit(bucket_of(limit, key), limit=limit.limit, per=limit.per)


def give_back(limit: Limit, key: str | int = "") -> None:
    """Take back one counted try, because it was a good one."""
    bucket = bucket_of(limit, key)
    with separate_transaction() as session:
        now = session.execute(select(func.clock_timestamp())).scalar_one()
        started = _window(session, bucket, now - limit.per)
        session.execute(
            update(RateLimit)
            .where(RateLimit.bucket == bucket, RateLimit.window_start == started, RateLimit.count > 0)
            .values(count=RateLimit.count - 1)
        )


def bucket_of(limit: Limit, key: str | int) -> str:
    """Name the row of a key by a keyed hash: nobody reads an e-mail address from the table."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    text = str(key).strip().casefold().encode("utf-8", "surrogatepass")
    digest = hmac.new(secret, b"limit:" + limit.name.encode() + b":" + text, hashlib.sha256).hexdigest()
    return f"{limit.name}:{digest[:32]}"


def network_of(address: str | None) -> str:
    """Tell whose address it is: an IPv6 customer owns a /64 and is one key, not 2**64."""
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        mapped = ip.ipv4_mapped
        return str(mapped or ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def before_sign_in(email: str, address: str | None) -> None:
    """Count a sign-in before any password is hashed; raises TooMany."""
    for limit, key in _sign_in(email, address):
        spend(limit, key)


def after_sign_in(email: str, address: str | None) -> None:
    """Forget a sign-in that was good, so that only failures add up."""
    for limit, key in _sign_in(email, address):
        give_back(limit, key)


def _sign_in(email: str, address: str | None) -> tuple[tuple[Limit, str], ...]:
    # A device on which this person was signed in before counts apart: a stranger who guesses cannot lock them out.
    return (
        (SIGN_IN_BY_ADDRESS, network_of(address)),
        (SIGN_IN_BY_ACCOUNT, f"device:{email.strip()}" if _is_device_of(email) else email),
        (SIGN_IN_OF_ALL, ""),
    )


def device_mark(email: str) -> str:
    """What the cookie `device` says on a browser in which the person with this address has signed in."""
    text = email.strip().casefold().encode("utf-8", "surrogatepass")
    return hmac.new(
        str(current_app.config["SECRET_KEY"]).encode(), b"device:" + text, hashlib.sha256
    ).hexdigest()


def _is_device_of(email: str) -> bool:
    shown = request.cookies.get(DEVICE_COOKIE, "") if has_request_context() else ""
    return hmac.compare_digest(shown.encode("utf-8", "replace"), device_mark(email).encode())


def before_upload(person_id: int) -> None:
    """Count an uploaded file of a person; raises TooMany."""
    spend(UPLOADS, person_id)


def before_saving_form(address: str | None) -> None:
    """Count a form that is kept for a browser whose session has ended; raises TooMany."""
    spend(SAVED_FORMS, network_of(address))


def prune() -> int:
    """Delete windows in which no declared limit counts any more, in the caller's transaction; return how many."""
    longest = max(limit.per for limit in _declared().values())
    gone = db.session.execute(delete(RateLimit).where(RateLimit.window_start < func.now() - longest))
    return int(getattr(gone, "rowcount", 0))
