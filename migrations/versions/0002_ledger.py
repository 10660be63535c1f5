"""The books: accounts, journals, entries, balances, and what the database refuses about them.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.roles import quoted_app_role

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Nothing that was written may change. Per statement, so that even a change of no row is refused.
REFUSE_CHANGE = """
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The table % is append-only: % is refused.', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$
"""

# At commit each journal has as many legs as it says and sums to zero in each currency. The trigger on entry
# asks again when a leg is added later, and the sealed number then refuses even a pair that balances.
JOURNAL_BALANCES = """
CREATE FUNCTION ledger_journal_balances() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    asked bigint;
    sealed int;
    found int;
    wrong text;
BEGIN
    IF TG_TABLE_NAME = 'journal' THEN
        asked := NEW.id;
    ELSE
        asked := NEW.journal_id;
    END IF;
    SELECT legs INTO sealed FROM journal WHERE id = asked;
    SELECT count(*) INTO found FROM entry WHERE journal_id = asked;
    IF found IS DISTINCT FROM sealed THEN
        RAISE EXCEPTION 'Journal % has % legs and says %.', asked, found, sealed
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ct_journal_legs', TABLE = 'journal';
    END IF;
    SELECT string_agg(currency || ' ' || total, ', ') INTO wrong
        FROM (SELECT currency, sum(amount) AS total FROM entry WHERE journal_id = asked
              GROUP BY currency HAVING sum(amount) <> 0) AS sums;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'Journal % does not balance: %.', asked, wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ct_journal_balances', TABLE = 'journal';
    END IF;
    RETURN NULL;
END $$
"""

# As its owner: the app's role may read balances and never write them.
OPEN_BALANCE = """
CREATE FUNCTION ledger_open_balance() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO balance (account_id, min_balance, credit) VALUES (NEW.id, NEW.min_balance, 0);
    RETURN NULL;
END $$
"""

KEEP_BALANCE = """
CREATE FUNCTION ledger_keep_balance() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE balance SET credit = credit - NEW.amount WHERE account_id = NEW.account_id;
    RETURN NULL;
END $$
"""

# Depth 1 is a statement somebody wrote; deeper are the two triggers above.
ONLY_BY_TRIGGER = """
CREATE FUNCTION ledger_only_by_trigger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() = 1 THEN
        RAISE EXCEPTION 'Balances are kept by the database: % is refused.', TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$
"""

# (name, event, table, per, function)
TRIGGERS = [
    ("append_only", "BEFORE UPDATE OR DELETE OR TRUNCATE", "account", "STATEMENT", "refuse_change"),
    ("append_only", "BEFORE UPDATE OR DELETE OR TRUNCATE", "journal", "STATEMENT", "refuse_change"),
    ("append_only", "BEFORE UPDATE OR DELETE OR TRUNCATE", "entry", "STATEMENT", "refuse_change"),
    ("append_only", "BEFORE DELETE OR TRUNCATE", "balance", "STATEMENT", "refuse_change"),
    ("kept", "BEFORE INSERT OR UPDATE", "balance", "STATEMENT", "only_by_trigger"),
    ("open_balance", "AFTER INSERT", "account", "ROW WHEN (NEW.min_balance IS NOT NULL)", "open_balance"),
    ("keep_balance", "AFTER INSERT", "entry", "ROW", "keep_balance"),
]
BALANCED_TABLES = ("journal", "entry")

FUNCTIONS = [REFUSE_CHANGE, JOURNAL_BALANCES, OPEN_BALANCE, KEEP_BALANCE, ONLY_BY_TRIGGER]


def upgrade() -> None:
    """Open the books."""
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("min_balance", sa.BigInteger()),
        sa.Column("internship_id", sa.BigInteger()),
        sa.Column("organisation_id", sa.BigInteger()),
        sa.Column("person_id", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("code", name=op.f("uq_account_code")),
        sa.UniqueConstraint("id", "currency", name=op.f("uq_account_id_currency")),
        sa.CheckConstraint(
            "kind IN ('asset', 'liability', 'income', 'expense')", name=op.f("ck_account_kind")
        ),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_account_currency")),
        sa.CheckConstraint(
            "min_balance IS NULL OR kind = 'liability'", name=op.f("ck_account_minimum_of_liabilities")
        ),
    )
    op.create_index(
        op.f("ix_account_internship_id"),
        "account",
        ["internship_id"],
        postgresql_where=sa.text("internship_id IS NOT NULL"),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("legs", sa.SmallInteger(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "booked_at", sa.DateTime(timezone=True), server_default=sa.text("stint_now()"), nullable=False
        ),
        sa.Column("actor_id", sa.BigInteger()),
        sa.Column("reverses", sa.BigInteger()),
        sa.Column("resolves", sa.BigInteger()),
        sa.Column("reference", sa.Text()),
        sa.Column("memo", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
        sa.UniqueConstraint("uid", name=op.f("uq_journal_uid")),
        sa.UniqueConstraint("reverses", name=op.f("uq_journal_reverses")),
        sa.UniqueConstraint("resolves", name=op.f("uq_journal_resolves")),
        sa.ForeignKeyConstraint(["reverses"], ["journal.id"], name=op.f("fk_journal_reverses")),
        sa.ForeignKeyConstraint(["resolves"], ["journal.id"], name=op.f("fk_journal_resolves")),
        sa.CheckConstraint("legs >= 2", name=op.f("ck_journal_two_legs")),
        sa.CheckConstraint("reverses <> id AND resolves <> id", name=op.f("ck_journal_not_itself")),
    )
    op.create_index(op.f("ix_journal_occurred_at"), "journal", ["occurred_at"])
    op.create_table(
        "entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("journal_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.ForeignKeyConstraint(["journal_id"], ["journal.id"], name=op.f("fk_entry_journal_id")),
        sa.ForeignKeyConstraint(
            ["account_id", "currency"],
            ["account.id", "account.currency"],
            name=op.f("fk_entry_account_id_currency"),
        ),
        sa.CheckConstraint(
            "amount <> 0 AND amount BETWEEN -10000000000000000 AND 10000000000000000",
            name=op.f("ck_entry_amount"),
        ),
    )
    op.create_index(op.f("ix_entry_account_id_id"), "entry", ["account_id", "id"])
    op.create_index(op.f("ix_entry_journal_id"), "entry", ["journal_id"])
    op.create_table(
        "balance",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("min_balance", sa.BigInteger(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_balance")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_balance_account_id")),
        sa.CheckConstraint("credit >= min_balance", name=op.f("ck_balance_covers_minimum")),
    )
    for function in FUNCTIONS:
        op.execute(function)
    for name, event, table, per, function in TRIGGERS:
        op.execute(
            f"CREATE TRIGGER {name} {event} ON {table} FOR EACH {per} EXECUTE FUNCTION ledger_{function}()"
        )
    for table in BALANCED_TABLES:
        op.execute(
            f"CREATE CONSTRAINT TRIGGER balances AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION ledger_journal_balances()"
        )
    # Else anybody could hang them on a table of their own and drive the balances with it.
    op.execute("REVOKE EXECUTE ON FUNCTION ledger_open_balance(), ledger_keep_balance() FROM PUBLIC")
    role = quoted_app_role()
    if role is not None:
        op.execute(f"REVOKE ALL ON account, journal, entry, balance FROM {role}")
        op.execute(f"GRANT SELECT, INSERT ON account, journal, entry TO {role}")
        op.execute(f"GRANT SELECT ON balance TO {role}")


def downgrade() -> None:
    """Close and forget the books."""
    for table in ("balance", "entry", "journal", "account"):
        op.drop_table(table)
    for name in ("refuse_change", "journal_balances", "open_balance", "keep_balance", "only_by_trigger"):
        op.execute(f"DROP FUNCTION ledger_{name}()")
