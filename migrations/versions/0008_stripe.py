"""The Stripe rail: checkouts and charges, recipients, what was asked of Stripe, and what it told us.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.guards import append_only, drop_guards

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

RELEASED = "state NOT IN ('sending', 'paid') OR amount = 0 OR released_by_id IS NOT NULL"

# What Stripe was or will be asked for is fixed before it is asked; the body follows in the same transaction.
CHECKOUT_FROZEN = """
CREATE FUNCTION checkout_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'A checkout is never deleted.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.funding_id, NEW.number, NEW.key, NEW.params) IS DISTINCT FROM
       (OLD.funding_id, OLD.number, OLD.key, OLD.params) THEN
        RAISE EXCEPTION 'What a checkout asks for never changes.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.status = 'paid' AND NEW.status <> OLD.status THEN
        RAISE EXCEPTION 'A paid checkout never goes back.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    _installation()
    _money_in()
    _recipients()
    _money_out()
    _events()


def _installation() -> None:
    op.create_table(
        "installation",
        sa.Column("singleton", sa.Boolean(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.CheckConstraint("singleton", name=op.f("ck_installation_singleton")),
        sa.PrimaryKeyConstraint("singleton", name=op.f("pk_installation")),
    )
    op.execute(
        "INSERT INTO installation VALUES (true, substr(replace(gen_random_uuid()::text, '-', ''), 1, 8))"
    )
    append_only("installation")
    for name, length in (("stripe_currencies", 3), ("stripe_countries", 2), ("unpaid_countries", 2)):
        op.add_column(
            "programme_settings",
            sa.Column(name, postgresql.ARRAY(sa.CHAR(length)), server_default="{}", nullable=False),
        )


def _money_in() -> None:
    op.create_table(
        "checkout",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("funding_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("params", postgresql.JSONB(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("session", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("next_look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looks", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('creating', 'open', 'processing', 'paid', 'failed', 'expired')",
            name=op.f("ck_checkout_status"),
        ),
        sa.CheckConstraint(
            "status IN ('creating', 'expired', 'failed') OR session IS NOT NULL",
            name=op.f("ck_checkout_session"),
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_checkout_asked_by_id")),
        sa.ForeignKeyConstraint(["funding_id"], ["funding.id"], name=op.f("fk_checkout_funding_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkout")),
        sa.UniqueConstraint("funding_id", "number", name=op.f("uq_checkout_funding_id_number")),
        sa.UniqueConstraint("key", name=op.f("uq_checkout_key")),
        sa.UniqueConstraint("session", name=op.f("uq_checkout_session")),
    )
    op.create_index(
        "uq_checkout_live",
        "checkout",
        ["funding_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('creating', 'open', 'processing')"),
    )
    op.create_index(
        "ix_checkout_next",
        "checkout",
        ["next_look_at"],
        postgresql_where=sa.text("next_look_at IS NOT NULL"),
    )
    op.execute(CHECKOUT_FROZEN)
    op.execute(
        "CREATE TRIGGER checkout_frozen BEFORE UPDATE OR DELETE ON checkout"
        " FOR EACH ROW EXECUTE FUNCTION checkout_frozen()"
    )
    op.create_table(
        "charge",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("funding_id", sa.BigInteger(), nullable=False),
        sa.Column("checkout_id", sa.BigInteger(), nullable=False),
        sa.Column("charge", sa.Text(), nullable=False),
        sa.Column("payment_intent", sa.Text(), nullable=False),
        sa.Column("balance_transaction", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("stripe_fee", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount > 0 AND stripe_fee >= 0", name=op.f("ck_charge_amounts")),
        sa.ForeignKeyConstraint(["checkout_id"], ["checkout.id"], name=op.f("fk_charge_checkout_id")),
        sa.ForeignKeyConstraint(["funding_id"], ["funding.id"], name=op.f("fk_charge_funding_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge")),
        sa.UniqueConstraint("balance_transaction", name=op.f("uq_charge_balance_transaction")),
        sa.UniqueConstraint("charge", name=op.f("uq_charge_charge")),
        sa.UniqueConstraint("checkout_id", name=op.f("uq_charge_checkout_id")),
        sa.UniqueConstraint("payment_intent", name=op.f("uq_charge_payment_intent")),
    )
    op.create_index(op.f("ix_charge_funding_id"), "charge", ["funding_id"])
    append_only("charge")


def _recipients() -> None:
    op.create_table(
        "stripe_account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("params", postgresql.JSONB(), nullable=False),
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("transfers", sa.Text(), server_default="restricted", nullable=False),
        sa.Column("requirements", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("waits_for_user", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looks", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_stripe_account_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_account")),
        sa.UniqueConstraint("account", name=op.f("uq_stripe_account_account")),
        sa.UniqueConstraint("key", name=op.f("uq_stripe_account_key")),
    )
    op.create_index(op.f("ix_stripe_account_person_id"), "stripe_account", ["person_id"])
    op.create_index(
        "uq_stripe_account_current",
        "stripe_account",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_index(
        "ix_stripe_account_next",
        "stripe_account",
        ["next_look_at"],
        postgresql_where=sa.text("next_look_at IS NOT NULL"),
    )


def _money_out() -> None:
    op.add_column("payout", sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE payout SET blocked_at = stint_now() WHERE state = 'blocked'")
    op.create_check_constraint(
        op.f("ck_payout_blocked"), "payout", "state <> 'blocked' OR blocked_at IS NOT NULL"
    )
    op.drop_constraint(op.f("ck_payout_released"), "payout")
    op.create_check_constraint(
        op.f("ck_payout_released"), "payout", RELEASED + " OR (rail = 'stripe' AND type = 'refund')"
    )
    op.add_column("leg", sa.Column("charge_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_leg_charge_id"), "leg", "charge", ["charge_id"], ["id"])
    op.create_index(op.f("ix_leg_charge_id"), "leg", ["charge_id"])
    op.add_column("attempt", sa.Column("called_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("attempt", sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("attempt", sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("attempt", sa.Column("problem", sa.Text(), nullable=True))
    op.add_column("attempt", sa.Column("version", sa.BigInteger(), server_default="1", nullable=False))
    op.create_index(
        "ix_attempt_next", "attempt", ["next_try_at"], postgresql_where=sa.text("next_try_at IS NOT NULL")
    )
    op.create_table(
        "call",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("attempt_id", sa.BigInteger(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("http_status", sa.BigInteger(), nullable=True),
        sa.Column("request", sa.Text(), server_default="", nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_call_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
    )
    op.create_index(op.f("ix_call_attempt_id"), "call", ["attempt_id"])
    append_only("call")


def _events() -> None:
    op.create_table(
        "stripe_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("polled", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_event")),
        sa.UniqueConstraint("destination", "event", name=op.f("uq_stripe_event_destination_event")),
    )
    op.create_index(
        "ix_stripe_event_open", "stripe_event", ["id"], postgresql_where=sa.text("handled_at IS NULL")
    )
    op.create_index(op.f("ix_stripe_event_created_at"), "stripe_event", ["created_at"])
    op.create_table(
        "stripe_cursor",
        sa.Column("singleton", sa.Boolean(), nullable=False),
        sa.Column("polled_until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("singleton", name=op.f("ck_stripe_cursor_singleton")),
        sa.PrimaryKeyConstraint("singleton", name=op.f("pk_stripe_cursor")),
    )
    op.create_table(
        "refused_delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sha256", sa.CHAR(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_delivery")),
    )
    op.create_index(op.f("ix_refused_delivery_refused_at"), "refused_delivery", ["refused_at"])


def downgrade() -> None:
    op.drop_table("refused_delivery")
    op.drop_table("stripe_cursor")
    op.drop_table("stripe_event")
    op.drop_table("call")
    op.drop_index("ix_attempt_next", table_name="attempt")
    for name in ("version", "problem", "tries", "next_try_at", "called_at"):
        op.drop_column("attempt", name)
    op.drop_column("leg", "charge_id")
    op.drop_constraint(op.f("ck_payout_released"), "payout")
    op.create_check_constraint(op.f("ck_payout_released"), "payout", RELEASED)
    op.drop_constraint(op.f("ck_payout_blocked"), "payout")
    op.drop_column("payout", "blocked_at")
    op.drop_table("stripe_account")
    op.drop_table("charge")
    op.drop_table("checkout")
    drop_guards("checkout_frozen")
    for name in ("unpaid_countries", "stripe_countries", "stripe_currencies"):
        op.drop_column("programme_settings", name)
    op.drop_table("installation")
