"""Tables and columns carry the names that the code and the screen use.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = (("kept_form", "saved_form"), ("operation", "idempotency_key"), ("leg", "payout_part"))
COLUMNS = (
    ("saved_form", "kept_at", "saved_at"),
    ("idempotency_key", "op", "operation_id"),
    ("task_move", "op", "operation_id"),
    ("task_move", "seq_after", "move_version_after"),
    ("task", "seq", "move_version"),
    ("attempt", "leg_id", "part_id"),
    ("checkout", "next_look_at", "next_poll_at"),
    ("checkout", "looks", "poll_count"),
    ("stripe_account", "next_look_at", "next_poll_at"),
    ("stripe_account", "looks", "poll_count"),
)
# As migration 0006 has it, with the column's name.
ATTEMPT_FORWARD = """
CREATE OR REPLACE FUNCTION attempt_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'An attempt is never deleted.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.{column}, NEW.number, NEW.key, NEW.rail, NEW.amount, NEW.currency, NEW.params)
       IS DISTINCT FROM (OLD.{column}, OLD.number, OLD.key, OLD.rail, OLD.amount, OLD.currency, OLD.params) THEN
        RAISE EXCEPTION 'What an attempt asks for never changes.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state IN ('succeeded', 'rejected') AND NEW.state <> OLD.state
       OR OLD.state = 'unknown' AND NEW.state = 'sending' THEN
        RAISE EXCEPTION 'An attempt never goes back.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.execute(ATTEMPT_FORWARD.format(column="part_id"))
    for old, new in TABLES:
        op.rename_table(old, new)
        _rename_constraints(new, old, new)
    for table, old, new in COLUMNS:
        op.alter_column(table, old, new_column_name=new)
        _rename_constraints(table, f"{table}_{old}", f"{table}_{new}")


def downgrade() -> None:
    op.execute(ATTEMPT_FORWARD.format(column="leg_id"))
    for table, old, new in reversed(COLUMNS):
        op.alter_column(table, new, new_column_name=old)
        _rename_constraints(table, f"{table}_{new}", f"{table}_{old}")
    for old, new in reversed(TABLES):
        op.rename_table(new, old)
        _rename_constraints(old, new, old)


def _rename_constraints(table: str, old: str, new: str) -> None:
    """Constraints, indexes and sequences are named after their table and column: they keep in step."""
    op.execute(
        f"""
        DO $$
        DECLARE found record;
        BEGIN
            FOR found IN
                SELECT conname AS name FROM pg_constraint
                WHERE conrelid = '{table}'::regclass AND conname ~ '_{old}(_|$)'
            LOOP
                EXECUTE format('ALTER TABLE %I RENAME CONSTRAINT %I TO %I',
                    '{table}', found.name, regexp_replace(found.name, '_{old}(_|$)', '_{new}\\1'));
            END LOOP;
            FOR found IN
                SELECT indexname AS name FROM pg_indexes
                WHERE schemaname = current_schema() AND tablename = '{table}' AND indexname ~ '_{old}(_|$)'
            LOOP
                EXECUTE format('ALTER INDEX %I RENAME TO %I',
                    found.name, regexp_replace(found.name, '_{old}(_|$)', '_{new}\\1'));
            END LOOP;
        END $$
        """
    )
