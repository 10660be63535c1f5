"""Boards: moves that can be undone, due dates and labels of cards, checklists and comments.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "task_move",
        sa.Column("op", postgresql.UUID(as_uuid=True), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("seq_after", sa.BigInteger(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_task_move_person_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_move_task_id")),
        sa.PrimaryKeyConstraint("op", name=op.f("pk_task_move")),
    )
    op.create_index(op.f("ix_task_move_moved_at"), "task_move", ["moved_at"])
    op.add_column("task", sa.Column("due_on", sa.Date(), nullable=True))
    op.add_column(
        "task", sa.Column("labels", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False)
    )
    op.create_check_constraint(op.f("ck_task_labels"), "task", "cardinality(labels) <= 8")
    op.create_table(
        "task_check",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("length(text) BETWEEN 1 AND 200", name=op.f("ck_task_check_text")),
        sa.ForeignKeyConstraint(["done_by_id"], ["person.id"], name=op.f("fk_task_check_done_by_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_check_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_check")),
    )
    op.create_index(op.f("ix_task_check_task_id"), "task_check", ["task_id"])
    op.create_table(
        "task_comment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(text) BETWEEN 1 AND 5000", name=op.f("ck_task_comment_text")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_task_comment_person_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_comment_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_comment")),
    )
    op.create_index(op.f("ix_task_comment_task_id"), "task_comment", ["task_id"])


def downgrade() -> None:
    op.drop_table("task_comment")
    op.drop_table("task_check")
    op.drop_constraint(op.f("ck_task_labels"), "task")
    op.drop_column("task", "labels")
    op.drop_column("task", "due_on")
    op.drop_table("task_move")
