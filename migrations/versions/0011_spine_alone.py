"""An internship says itself whose it is and in which currency it pays; what it was opened with never changes.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import drop_guards

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INTERNSHIP_FIXED = """
CREATE FUNCTION internship_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.organisation_id, NEW.programme_id, NEW.currency)
       IS DISTINCT FROM (OLD.organisation_id, OLD.programme_id, OLD.currency) THEN
        RAISE EXCEPTION 'The employer, the programme and the currency of an internship never change.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.add_column("internship", sa.Column("organisation_id", sa.BigInteger()))
    op.add_column("internship", sa.Column("programme_id", sa.BigInteger()))
    op.add_column("internship", sa.Column("currency", sa.CHAR(length=3)))
    op.execute(
        "UPDATE internship SET organisation_id = posting.organisation_id, programme_id = posting.programme_id,"
        " currency = posting.currency FROM posting WHERE posting.id = internship.posting_id"
    )
    for column in ("organisation_id", "programme_id", "currency"):
        op.alter_column("internship", column, nullable=False)
    for column in ("organisation_id", "programme_id"):
        op.create_foreign_key(op.f(f"fk_internship_{column}"), "internship", "organisation", [column], ["id"])
        op.create_index(op.f(f"ix_internship_{column}"), "internship", [column])
    op.execute(INTERNSHIP_FIXED)
    op.execute(
        "CREATE TRIGGER internship_fixed BEFORE UPDATE ON internship"
        " FOR EACH ROW EXECUTE FUNCTION internship_fixed()"
    )


def downgrade() -> None:
    drop_guards("internship_fixed")
    for column in ("currency", "programme_id", "organisation_id"):
        op.drop_column("internship", column)
