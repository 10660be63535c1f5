"""Money in and money out.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.guards import append_only, drop_guards

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# An attempt never goes back, and what it asks for is fixed before anything leaves.
ATTEMPT_FORWARD = """
CREATE FUNCTION attempt_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'An attempt is never deleted.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.leg_id, NEW.number, NEW.key, NEW.rail, NEW.amount, NEW.currency, NEW.params)
       IS DISTINCT FROM (OLD.leg_id, OLD.number, OLD.key, OLD.rail, OLD.amount, OLD.currency, OLD.params) THEN
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
    op.create_table(
        "payout_method",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("rail", sa.Text(), server_default="manual", nullable=False),
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("bank_name", sa.Text(), nullable=False),
        sa.Column("account_holder", sa.Text(), nullable=False),
        sa.Column("account_number", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("rail IN ('manual', 'stripe')", name=op.f("ck_payout_method_rail")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_payout_method_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_method")),
    )
    op.create_index(
        "uq_payout_method_current",
        "payout_method",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_table(
        "payout",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("internship_id", sa.BigInteger(), nullable=False),
        sa.Column("payee_id", sa.BigInteger(), nullable=True),
        sa.Column("payer_id", sa.BigInteger(), nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("rail", sa.Text(), server_default="manual", nullable=False),
        sa.Column("includes_fee", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by_id", sa.BigInteger(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approval_hash", sa.CHAR(length=64), nullable=True),
        sa.Column("destination", postgresql.JSONB(), nullable=True),
        sa.Column("released_by_id", sa.BigInteger(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason_text", sa.Text(), server_default="", nullable=False),
        sa.Column("escalation", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("payout_clock_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(type = 'refund') = (payer_id IS NOT NULL)", name=op.f("ck_payout_refund_to_payer")
        ),
        sa.CheckConstraint("rail IN ('manual', 'stripe')", name=op.f("ck_payout_rail")),
        sa.CheckConstraint(
            "state NOT IN ('sending', 'paid') OR amount = 0 OR released_by_id IS NOT NULL",
            name=op.f("ck_payout_released"),
        ),
        sa.CheckConstraint("type IN ('base', 'adjustment', 'refund')", name=op.f("ck_payout_type")),
        sa.CheckConstraint("(payee_id IS NULL) <> (payer_id IS NULL)", name=op.f("ck_payout_one_payee")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_payout_amount")),
        sa.CheckConstraint("approved_by_id <> released_by_id", name=op.f("ck_payout_two_persons")),
        sa.CheckConstraint(
            "payee_id <> approved_by_id AND payee_id <> released_by_id", name=op.f("ck_payout_not_the_payee")
        ),
        sa.ForeignKeyConstraint(["approved_by_id"], ["person.id"], name=op.f("fk_payout_approved_by_id")),
        sa.ForeignKeyConstraint(["internship_id"], ["internship.id"], name=op.f("fk_payout_internship_id")),
        sa.ForeignKeyConstraint(["payee_id"], ["person.id"], name=op.f("fk_payout_payee_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["organisation.id"], name=op.f("fk_payout_payer_id")),
        sa.ForeignKeyConstraint(["released_by_id"], ["person.id"], name=op.f("fk_payout_released_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout")),
    )
    op.create_index(op.f("ix_payout_internship_id"), "payout", ["internship_id"], unique=False)
    op.create_index(op.f("ix_payout_payee_id"), "payout", ["payee_id"], unique=False)
    op.create_index(op.f("ix_payout_state"), "payout", ["state"], unique=False)
    op.create_index(
        "uq_payout_intern", "payout", ["internship_id", "payee_id", "type", "number"], unique=True
    )
    op.create_index("uq_payout_payer", "payout", ["internship_id", "payer_id", "type", "number"], unique=True)
    op.create_table(
        "funding",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("internship_id", sa.BigInteger(), nullable=False),
        sa.Column("agreement_id", sa.BigInteger(), nullable=False),
        sa.Column("payer_id", sa.BigInteger(), nullable=False),
        sa.Column("rail", sa.Text(), server_default="manual", nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("bonus_pot", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("secured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint("rail IN ('manual', 'stripe')", name=op.f("ck_funding_rail")),
        sa.CheckConstraint("base > 0 AND bonus_pot >= 0 AND fee >= 0", name=op.f("ck_funding_amounts")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_funding_agreement_id")),
        sa.ForeignKeyConstraint(["internship_id"], ["internship.id"], name=op.f("fk_funding_internship_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["organisation.id"], name=op.f("fk_funding_payer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding")),
        sa.UniqueConstraint("agreement_id", "payer_id", name=op.f("uq_funding_agreement_id_payer_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_funding_reference")),
    )
    op.create_index(op.f("ix_funding_internship_id"), "funding", ["internship_id"], unique=False)
    op.create_index(op.f("ix_funding_state"), "funding", ["state"], unique=False)
    op.create_table(
        "leg",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("payout_id", sa.BigInteger(), nullable=False),
        sa.Column("funding_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_leg_amount")),
        sa.ForeignKeyConstraint(["funding_id"], ["funding.id"], name=op.f("fk_leg_funding_id")),
        sa.ForeignKeyConstraint(["payout_id"], ["payout.id"], name=op.f("fk_leg_payout_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leg")),
        sa.UniqueConstraint("payout_id", "funding_id", name=op.f("uq_leg_payout_id_funding_id")),
    )
    op.create_index(op.f("ix_leg_funding_id"), "leg", ["funding_id"], unique=False)
    op.create_table(
        "receipt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("funding_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("bank_reference", sa.Text(), nullable=False),
        sa.Column("recorded_by_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_receipt_amount")),
        sa.ForeignKeyConstraint(["funding_id"], ["funding.id"], name=op.f("fk_receipt_funding_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["person.id"], name=op.f("fk_receipt_recorded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("bank_reference", "currency", name=op.f("uq_receipt_bank_reference_currency")),
    )
    op.create_index(op.f("ix_receipt_funding_id"), "receipt", ["funding_id"], unique=False)
    op.create_table(
        "attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("leg_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("rail", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("params", postgresql.JSONB(), nullable=False),
        sa.Column("external_reference", sa.Text(), nullable=True),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('sending', 'unknown', 'succeeded', 'rejected')", name=op.f("ck_attempt_state")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_attempt_amount")),
        sa.ForeignKeyConstraint(["leg_id"], ["leg.id"], name=op.f("fk_attempt_leg_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("key", name=op.f("uq_attempt_key")),
        sa.UniqueConstraint("leg_id", "number", name=op.f("uq_attempt_leg_id_number")),
    )
    op.create_index(
        "uq_attempt_live",
        "attempt",
        ["leg_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('sending', 'unknown', 'succeeded')"),
    )
    append_only("receipt")
    op.execute(ATTEMPT_FORWARD)
    op.execute(
        "CREATE TRIGGER attempt_forward BEFORE UPDATE OR DELETE ON attempt FOR EACH ROW EXECUTE FUNCTION attempt_forward()"
    )


def downgrade() -> None:
    op.drop_index(
        "uq_attempt_live",
        table_name="attempt",
        postgresql_where=sa.text("state IN ('sending', 'unknown', 'succeeded')"),
    )
    op.drop_table("attempt")
    op.drop_index(op.f("ix_receipt_funding_id"), table_name="receipt")
    op.drop_table("receipt")
    op.drop_index(op.f("ix_leg_funding_id"), table_name="leg")
    op.drop_table("leg")
    op.drop_index(op.f("ix_funding_state"), table_name="funding")
    op.drop_index(op.f("ix_funding_internship_id"), table_name="funding")
    op.drop_table("funding")
    op.drop_index("uq_payout_payer", table_name="payout")
    op.drop_index("uq_payout_intern", table_name="payout")
    op.drop_index(op.f("ix_payout_state"), table_name="payout")
    op.drop_index(op.f("ix_payout_payee_id"), table_name="payout")
    op.drop_index(op.f("ix_payout_internship_id"), table_name="payout")
    op.drop_table("payout")
    op.drop_index(
        "uq_payout_method_current",
        table_name="payout_method",
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.drop_table("payout_method")
    drop_guards("attempt_forward")
