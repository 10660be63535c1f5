"""Around boards: files on a card, how many cards a column should hold, and the secret address of a calendar.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE task SET due_on = NULL WHERE due_on NOT BETWEEN '2000-01-01' AND '2199-12-31'")
    op.create_check_constraint(op.f("ck_task_due_on"), "task", "due_on BETWEEN '2000-01-01' AND '2199-12-31'")
    op.create_table(
        "task_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("sha256", sa.CHAR(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_task_file_size")),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name=op.f("fk_task_file_added_by_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_file_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_file")),
    )
    op.create_index(op.f("ix_task_file_task_id"), "task_file", ["task_id"])
    op.create_index(op.f("ix_task_file_sha256"), "task_file", ["sha256"])
    op.create_table(
        "board_limit",
        sa.Column("internship_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("most", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("most BETWEEN 1 AND 99", name=op.f("ck_board_limit_most")),
        sa.ForeignKeyConstraint(
            ["internship_id"], ["internship.id"], name=op.f("fk_board_limit_internship_id")
        ),
        sa.PrimaryKeyConstraint("internship_id", "state", name=op.f("pk_board_limit")),
    )
    op.create_table(
        "calendar_feed",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(secret) = 16", name=op.f("ck_calendar_feed_secret")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_calendar_feed_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_calendar_feed")),
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_task_due_on"), "task")
    op.drop_table("calendar_feed")
    op.drop_table("board_limit")
    op.drop_table("task_file")
