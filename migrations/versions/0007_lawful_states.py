"""States that the law book knows, work only on secured money, one base payout an internship.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# As they were on this day: a later state is a later migration.
STATES = {
    "posting": ("draft", "in_approval", "open", "closing", "closed", "cancelled"),
    "application": (
        "draft", "applied", "shortlisted", "offered", "accepted", "declined", "lapsed", "rejected", "withdrawn",
        "expired", "released",
    ),
    "internship": ("posted", "matched", "in_progress", "submitted", "reviewed", "paid", "cancelled"),
    "task": ("todo", "doing", "blocked", "done"),
    "submission": (
        "draft", "submitted", "accepted", "partly_accepted", "changes_requested", "rejected", "recalled",
    ),
    "funding": (
        "awaiting", "processing", "secured", "settled", "void", "failed", "refunded", "charged_back",
    ),
    "payout": ("due", "approved", "sending", "paid", "held", "blocked", "cancelled", "reversed"),
}  # fmt: skip
FACTS = {
    "internship": {
        "work": "state NOT IN ('in_progress', 'submitted', 'reviewed', 'paid') OR (agreement_id IS NOT NULL"
        " AND signed_at IS NOT NULL AND secured_at IS NOT NULL AND started_at IS NOT NULL)"
    },
    "payout": {
        "one_base": "type <> 'base' OR number = 1",
        "fee_within": "includes_fee BETWEEN 0 AND amount",
    },
}


def upgrade() -> None:
    for table, states in STATES.items():
        op.create_check_constraint(op.f(f"ck_{table}_state"), table, sa.column("state").in_(states))
    for table, facts in FACTS.items():
        for name, fact in facts.items():
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, fact)
    op.create_index(
        "uq_payout_base", "payout", ["internship_id"], unique=True, postgresql_where=sa.text("type = 'base'")
    )


def downgrade() -> None:
    op.drop_index("uq_payout_base", table_name="payout", postgresql_where=sa.text("type = 'base'"))
    for table, facts in FACTS.items():
        for name in facts:
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    for table in STATES:
        op.drop_constraint(op.f(f"ck_{table}_state"), table)
