"""What is searched for and what waits is found by an index: words in names and titles, blocked cards, attempts without an outcome."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# Small letters without marks: "nguyen" finds Nguyễn. Declared immutable, so that an index can hold it: the dictionary is named.
PLAIN = """
CREATE FUNCTION stint_plain(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN lower(public.unaccent('public.unaccent'::regdictionary, words))
"""
WORDS = (
    ("person", "ix_person_words", ("full_name", "email")),
    ("organisation", "ix_organisation_words", ("name",)),
    ("posting", "ix_posting_words", ("title",)),
)


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute(PLAIN)
    for table, name, columns in WORDS:
        held = [sa.text(f"stint_plain({column}) gin_trgm_ops") for column in columns]
        op.create_index(name, table, held, postgresql_using="gin")
    op.create_index(
        "ix_posting_text",
        "posting",
        [sa.text("to_tsvector('simple'::regconfig, stint_plain((title || ' '::text) || brief))")],
        postgresql_using="gin",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_task_blocked", "task", ["blocked_on_id"], postgresql_where=sa.text("state = 'blocked'")
    )
    op.create_index("ix_attempt_problem", "attempt", ["id"], postgresql_where=sa.text("problem IS NOT NULL"))
    op.create_index("ix_organisation_kind", "organisation", ["kind", "name", "id"])


def downgrade() -> None:
    op.drop_index("ix_organisation_kind", table_name="organisation")
    op.drop_index("ix_attempt_problem", table_name="attempt")
    op.drop_index("ix_task_blocked", table_name="task")
    op.drop_index("ix_posting_text", table_name="posting")
    for table, name, _columns in reversed(WORDS):
        op.drop_index(name, table_name=table)
    op.execute("DROP FUNCTION stint_plain(text)")
    op.execute("DROP EXTENSION IF EXISTS pg_trgm")
