"""Idempotency keys: the same form sent twice has one effect."""

from __future__ import annotations

import uuid
from datetime import datetime

from flask import g, request
from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, delete, func, update
from sqlalchemy.dialects.postgresql import UUID, insert
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.database.base import Base, db
from webapp.core.errors import BadInput


class IdempotencyKey(Base):
    """One form that had its effect, and where its answer is to be seen."""

    __tablename__ = "idempotency_key"
    operation_id: Mapped[uuid.UUID] = mapped_column(UUID(as_uuid=True), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    endpoint: Mapped[str]
    location: Mapped[str | None]
    done_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)


def fresh() -> str:
    """A new operation id for a form about to be shown."""
    return str(uuid.uuid4())


def claim(person_id: int) -> IdempotencyKey | None:
    """Claim this request's operation id; None when it is new, else the operation that had its effect before.

    A second, simultaneous request with the same id waits here for the first one's commit (the primary key
    makes it), so exactly one of them has an effect. A refused request leaves no row: its form may be
    corrected and sent again. A form whose buttons lead to many addresses (`for_many`) has one id for each of them.
    Raises BadInput without a usable id.
    """
    try:
        op = uuid.UUID(request.form.get("operation_id", ""))
    except ValueError:
        raise BadInput(_l("The form was incomplete. Open the page again and send it once more.")) from None
    if "for_many" in request.form:
        op = uuid.uuid5(op, request.path)
    endpoint = request.endpoint or ""
    new = db.session.execute(
        insert(IdempotencyKey)
        .values(operation_id=op, person_id=person_id, endpoint=endpoint)
        .on_conflict_do_nothing(index_elements=["operation_id"])
        .returning(IdempotencyKey.operation_id)
    ).scalar_one_or_none()
    if new is not None:
        g.operation = op
        return None
    before = db.session.get(IdempotencyKey, op)
    if before is None or before.person_id != person_id or before.endpoint != endpoint:
        raise BadInput(_l("This form was already sent in another way. Open the page again."))
    return before


def forget() -> None:
    """This request had no effect of its own, it only led on: its form may be sent again."""
    op = g.pop("operation", None)
    if op is not None:
        db.session.execute(delete(IdempotencyKey).where(IdempotencyKey.operation_id == op))


def remember(location: str) -> None:
    """Say where the effect of this request is to be seen, for the form that is sent a second time."""
    op = g.get("operation")
    if op is not None:  # while a refusal is answered its row was rolled back, and nothing is updated
        db.session.execute(
            update(IdempotencyKey).where(IdempotencyKey.operation_id == op).values(location=location)
        )
