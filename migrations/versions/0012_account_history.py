"""Accounts carry a history of their own: who opened, closed or changed one, and who made somebody an operator."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("history_number", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("person", sa.Column("history_head", sa.LargeBinary(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("person", "history_head")
    op.drop_column("person", "history_number")
