"""Postings: brief, deliverables, priced rubric, questions, skills.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "posting",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("brief", sa.Text(), server_default="", nullable=False),
        sa.Column("hours", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=True),
        sa.Column("guaranteed", sa.BigInteger(), nullable=True),
        sa.Column("bonus_pot", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("seats", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("place_kind", sa.Text(), server_default="remote", nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("ai_policy", sa.Text(), nullable=True),
        sa.Column("ai_note", sa.Text(), server_default="", nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("history_number", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("history_head", sa.LargeBinary(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "ai_policy IN ('forbidden', 'declared', 'free')", name=op.f("ck_posting_ai_policy")
        ),
        sa.CheckConstraint(
            "place_kind IN ('remote', 'hybrid', 'on_site')", name=op.f("ck_posting_place_kind")
        ),
        sa.CheckConstraint("base BETWEEN 1 AND 1000000000000000", name=op.f("ck_posting_base")),
        sa.CheckConstraint("bonus_pot BETWEEN 0 AND 1000000000000000", name=op.f("ck_posting_bonus_pot")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_posting_dates")),
        sa.CheckConstraint("guaranteed BETWEEN 0 AND base", name=op.f("ck_posting_guaranteed")),
        sa.CheckConstraint("hours BETWEEN 1 AND 400", name=op.f("ck_posting_hours")),
        sa.CheckConstraint("seats BETWEEN 1 AND 50", name=op.f("ck_posting_seats")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_posting_created_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_posting_organisation_id")
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["organisation.id"], name=op.f("fk_posting_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting")),
    )
    op.create_index(op.f("ix_posting_organisation_id"), "posting", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_posting_programme_id"), "posting", ["programme_id"], unique=False)
    op.create_index(op.f("ix_posting_state"), "posting", ["state"], unique=False)
    op.create_table(
        "criterion",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("posting_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("weight_bp", sa.BigInteger(), nullable=False),
        sa.Column("level_0", sa.Text(), server_default="", nullable=False),
        sa.Column("level_1", sa.Text(), server_default="", nullable=False),
        sa.Column("level_2", sa.Text(), server_default="", nullable=False),
        sa.Column("level_3", sa.Text(), server_default="", nullable=False),
        sa.Column("level_4", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("weight_bp BETWEEN 0 AND 10000", name=op.f("ck_criterion_weight_bp")),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name=op.f("fk_criterion_posting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criterion")),
        sa.UniqueConstraint(
            "posting_id",
            "position",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_criterion_posting_id_position"),
        ),
    )
    op.create_table(
        "deliverable",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("posting_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name=op.f("fk_deliverable_posting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliverable")),
        sa.UniqueConstraint(
            "posting_id",
            "position",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_deliverable_posting_id_position"),
        ),
    )
    op.create_table(
        "posting_skill",
        sa.Column("posting_id", sa.BigInteger(), nullable=False),
        sa.Column("skill_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name=op.f("fk_posting_skill_posting_id")),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name=op.f("fk_posting_skill_skill_id")),
        sa.PrimaryKeyConstraint("posting_id", "skill_id", name=op.f("pk_posting_skill")),
    )
    op.create_index(op.f("ix_posting_skill_skill_id"), "posting_skill", ["skill_id"], unique=False)
    op.create_table(
        "question",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("posting_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name=op.f("fk_question_posting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint(
            "posting_id",
            "position",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_question_posting_id_position"),
        ),
    )


def downgrade() -> None:
    op.drop_table("question")
    op.drop_index(op.f("ix_posting_skill_skill_id"), table_name="posting_skill")
    op.drop_table("posting_skill")
    op.drop_table("deliverable")
    op.drop_table("criterion")
    op.drop_index(op.f("ix_posting_state"), table_name="posting")
    op.drop_index(op.f("ix_posting_programme_id"), table_name="posting")
    op.drop_index(op.f("ix_posting_organisation_id"), table_name="posting")
    op.drop_table("posting")
