"""Seats, agreements, applications and tasks.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.guards import append_only

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "internship",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("posting_id", sa.BigInteger(), nullable=False),
        sa.Column("seat", sa.BigInteger(), nullable=False),
        sa.Column("intern_id", sa.BigInteger(), nullable=True),
        sa.Column("agreement_id", sa.BigInteger(), nullable=True),
        sa.Column("continues_id", sa.BigInteger(), nullable=True),
        sa.Column("unfilled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("matched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("funding_begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("secured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revise_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_extended", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("rounds_used", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("late", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result_accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("cap", sa.BigInteger(), nullable=True),
        sa.Column("award", sa.BigInteger(), nullable=True),
        sa.Column("remainder_done", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("history_number", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("history_head", sa.LargeBinary(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(state = 'posted') = (intern_id IS NULL) OR state = 'cancelled'",
            name=op.f("ck_internship_intern"),
        ),
        sa.CheckConstraint("award BETWEEN 0 AND cap", name=op.f("ck_internship_award")),
        sa.CheckConstraint("rounds_used >= 0", name=op.f("ck_internship_rounds_used")),
        sa.CheckConstraint("seat > 0", name=op.f("ck_internship_seat")),
        sa.ForeignKeyConstraint(["continues_id"], ["internship.id"], name=op.f("fk_internship_continues_id")),
        sa.ForeignKeyConstraint(["intern_id"], ["person.id"], name=op.f("fk_internship_intern_id")),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name=op.f("fk_internship_posting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_internship")),
        sa.UniqueConstraint("posting_id", "seat", name=op.f("uq_internship_posting_id_seat")),
    )
    op.create_index(op.f("ix_internship_intern_id"), "internship", ["intern_id"], unique=False)
    op.create_index(op.f("ix_internship_state"), "internship", ["state"], unique=False)
    op.create_table(
        "agreement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("internship_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("terms", postgresql.JSONB(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sha256", sa.CHAR(length=64), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["internship_id"], ["internship.id"], name=op.f("fk_agreement_internship_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("internship_id", "number", name=op.f("uq_agreement_internship_id_number")),
    )
    op.create_table(
        "application",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("posting_id", sa.BigInteger(), nullable=False),
        sa.Column("intern_id", sa.BigInteger(), nullable=False),
        sa.Column("internship_id", sa.BigInteger(), nullable=True),
        sa.Column("pitch", sa.Text(), server_default="", nullable=False),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.Column("links", postgresql.JSONB(), nullable=False),
        sa.Column("rating", sa.BigInteger(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shortlisted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offer_note", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reason_text", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_days", sa.BigInteger(), server_default="10", nullable=False),
        sa.Column("answer_more_days", sa.BigInteger(), server_default="10", nullable=False),
        sa.Column("offer_days", sa.BigInteger(), server_default="3", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "state NOT IN ('offered', 'accepted') OR internship_id IS NOT NULL",
            name=op.f("ck_application_seat"),
        ),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("ck_application_rating")),
        sa.ForeignKeyConstraint(["intern_id"], ["person.id"], name=op.f("fk_application_intern_id")),
        sa.ForeignKeyConstraint(
            ["internship_id"], ["internship.id"], name=op.f("fk_application_internship_id")
        ),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name=op.f("fk_application_posting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("posting_id", "intern_id", name=op.f("uq_application_posting_id_intern_id")),
    )
    op.create_index(op.f("ix_application_intern_id"), "application", ["intern_id"], unique=False)
    op.create_index(op.f("ix_application_state"), "application", ["state"], unique=False)
    op.create_index(
        "uq_application_seat",
        "application",
        ["internship_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('offered', 'accepted')"),
    )
    op.create_table(
        "task",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("internship_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("rank", sa.Numeric(), nullable=False),
        sa.Column("deliverable", sa.BigInteger(), nullable=True),
        sa.Column("blocked_on_id", sa.BigInteger(), nullable=True),
        sa.Column("blocked_why", sa.Text(), server_default="", nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moved_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint("length(title) BETWEEN 1 AND 200", name=op.f("ck_task_title")),
        sa.ForeignKeyConstraint(["blocked_on_id"], ["person.id"], name=op.f("fk_task_blocked_on_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_task_created_by_id")),
        sa.ForeignKeyConstraint(["internship_id"], ["internship.id"], name=op.f("fk_task_internship_id")),
        sa.ForeignKeyConstraint(["moved_by_id"], ["person.id"], name=op.f("fk_task_moved_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index("ix_task_board", "task", ["internship_id", "state", "rank"], unique=False)
    op.create_table(
        "signature",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("agreement_id", sa.BigInteger(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.CHAR(length=64), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("party IN ('employer', 'intern')", name=op.f("ck_signature_party")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_signature_agreement_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_signature_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
        sa.UniqueConstraint("agreement_id", "party", name=op.f("uq_signature_agreement_id_party")),
    )
    op.create_foreign_key("fk_internship_agreement_id", "internship", "agreement", ["agreement_id"], ["id"])
    op.create_foreign_key(
        "fk_agreement_application_id", "agreement", "application", ["application_id"], ["id"]
    )
    append_only("agreement", "signature")


def downgrade() -> None:
    op.drop_constraint("fk_agreement_application_id", "agreement")
    op.drop_constraint("fk_internship_agreement_id", "internship")
    op.drop_table("signature")
    op.drop_index("ix_task_board", table_name="task")
    op.drop_table("task")
    op.drop_index(
        "uq_application_seat",
        table_name="application",
        postgresql_where=sa.text("state IN ('offered', 'accepted')"),
    )
    op.drop_index(op.f("ix_application_state"), table_name="application")
    op.drop_index(op.f("ix_application_intern_id"), table_name="application")
    op.drop_table("application")
    op.drop_table("agreement")
    op.drop_index(op.f("ix_internship_state"), table_name="internship")
    op.drop_index(op.f("ix_internship_intern_id"), table_name="internship")
    op.drop_table("internship")
