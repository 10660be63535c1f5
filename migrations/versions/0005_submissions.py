"""Submissions and reviews, and what the database refuses about them.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.guards import drop_guards

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# A submitted version never changes: only its state may (by the door), and no file joins or leaves it.
SUBMISSION_FIXED = """
CREATE FUNCTION submission_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'draft' THEN
            RAISE EXCEPTION 'A submitted version is never deleted.' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF OLD.state <> 'draft' AND (NEW.note, NEW.links, NEW.number, NEW.author_id, NEW.sha256, NEW.submitted_at)
       IS DISTINCT FROM (OLD.note, OLD.links, OLD.number, OLD.author_id, OLD.sha256, OLD.submitted_at) THEN
        RAISE EXCEPTION 'A submitted version never changes.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""
SUBMISSION_FILES_FIXED = """
CREATE FUNCTION submission_files_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM submission s WHERE s.state <> 'draft'
               AND s.id IN (COALESCE(NEW.submission_id, OLD.submission_id), COALESCE(OLD.submission_id, NEW.submission_id)))
    THEN
        RAISE EXCEPTION 'The files of a submitted version never change.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$
"""
# A decided review never changes, and nobody reviews their own work.
REVIEW_FIXED = """
CREATE FUNCTION review_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.decided_at IS NOT NULL THEN
        RAISE EXCEPTION 'A decided review never changes.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF EXISTS (SELECT 1 FROM submission s WHERE s.id = NEW.submission_id AND s.author_id = NEW.reviewer_id) THEN
        RAISE EXCEPTION 'Nobody reviews their own work.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""
REVIEW_LINES_FIXED = """
CREATE FUNCTION review_lines_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM review r WHERE r.decided_at IS NOT NULL
               AND r.id IN (COALESCE(NEW.review_id, OLD.review_id), COALESCE(OLD.review_id, NEW.review_id))) THEN
        RAISE EXCEPTION 'The lines of a decided review never change.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$
"""
GUARDS = (
    ("submission", "submission_fixed", "UPDATE OR DELETE", SUBMISSION_FIXED),
    ("submission_file", "submission_files_fixed", "INSERT OR UPDATE OR DELETE", SUBMISSION_FILES_FIXED),
    ("review", "review_fixed", "INSERT OR UPDATE OR DELETE", REVIEW_FIXED),
    ("review_line", "review_lines_fixed", "INSERT OR UPDATE OR DELETE", REVIEW_LINES_FIXED),
)


def upgrade() -> None:
    op.create_table(
        "submission",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("internship_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("links", postgresql.JSONB(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("sha256", sa.CHAR(length=64), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_submission_author_id")),
        sa.ForeignKeyConstraint(
            ["internship_id"], ["internship.id"], name=op.f("fk_submission_internship_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("internship_id", "number", name=op.f("uq_submission_internship_id_number")),
    )
    op.create_index(
        "uq_submission_draft",
        "submission",
        ["internship_id"],
        unique=True,
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_table(
        "review",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("reviewer_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("bonus", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("bonus_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("award", sa.BigInteger(), nullable=True),
        sa.Column("calculation", postgresql.JSONB(), nullable=True),
        sa.CheckConstraint(
            "decision IN ('accept', 'accept_partly', 'request_changes', 'reject')",
            name=op.f("ck_review_decision"),
        ),
        sa.CheckConstraint("(decided_at IS NULL) = (decision IS NULL)", name=op.f("ck_review_decided")),
        sa.CheckConstraint("bonus >= 0", name=op.f("ck_review_bonus")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["person.id"], name=op.f("fk_review_reviewer_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_review_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("submission_id", "reviewer_id", name=op.f("uq_review_submission_id_reviewer_id")),
    )
    op.create_index(
        "uq_review_decided",
        "review",
        ["submission_id"],
        unique=True,
        postgresql_where=sa.text("decided_at IS NOT NULL"),
    )
    op.create_table(
        "submission_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("sha256", sa.CHAR(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_submission_file_size")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_submission_file_submission_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_file")),
    )
    op.create_index(
        op.f("ix_submission_file_submission_id"), "submission_file", ["submission_id"], unique=False
    )
    op.create_table(
        "review_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("review_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.BigInteger(), nullable=True),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("cited", sa.Boolean(), server_default="false", nullable=False),
        sa.CheckConstraint("level BETWEEN 0 AND 4", name=op.f("ck_review_line_level")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_review_line_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_line")),
        sa.UniqueConstraint("review_id", "position", name=op.f("uq_review_line_review_id_position")),
    )
    for table, function, events, body in GUARDS:
        op.execute(body)
        op.execute(
            f"CREATE TRIGGER {function} BEFORE {events} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()"
        )


def downgrade() -> None:
    op.drop_table("review_line")
    op.drop_index(op.f("ix_submission_file_submission_id"), table_name="submission_file")
    op.drop_table("submission_file")
    op.drop_index(
        "uq_review_decided", table_name="review", postgresql_where=sa.text("decided_at IS NOT NULL")
    )
    op.drop_table("review")
    op.drop_index("uq_submission_draft", table_name="submission", postgresql_where=sa.text("state = 'draft'"))
    op.drop_table("submission")
    drop_guards(*(function for _, function, _, _ in GUARDS))
