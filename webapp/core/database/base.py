"""The one database object and the base class of every table."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Date, DateTime, Identity, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Base(DeclarativeBase):
    """Every table. Constraints carry names, so that migrations and error messages can speak of them."""

    metadata = METADATA
    # The map hangs on the registry: Flask-SQLAlchemy copies this class, and only a registry may be shared.
    registry = registry(
        metadata=METADATA,
        type_annotation_map={
            int: BigInteger,
            str: Text,
            datetime: DateTime(timezone=True),
            date: Date,
            dict[str, Any]: JSONB,
            list[str]: JSONB,
            list[Any]: JSONB,
        },
    )


class Identified:
    """A table whose rows are named by one number."""

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True, sort_order=-10)


db = SQLAlchemy(model_class=Base)
