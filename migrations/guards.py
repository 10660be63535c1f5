"""Rights and triggers that migrations give to tables."""

from __future__ import annotations

from alembic import op

from migrations.roles import quoted_app_role

REFUSE_CHANGE = """
CREATE FUNCTION stint_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The table % is append-only: % is refused.', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$
"""


def let_app_use_new_tables() -> None:
    """What the owner creates from now on, the app may read and write (a later call takes rights away)."""
    role = quoted_app_role()
    if role:
        op.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        op.execute(f"ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}")
        op.execute(f"ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO {role}")


def append_only(*tables: str) -> None:
    """Refuse any change of what these tables hold: by a trigger for everybody, and by rights for the app."""
    role = quoted_app_role()
    for table in tables:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION stint_refuse_change()"
        )
        if role:
            op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}")


def drop_guards(*functions: str) -> None:
    """Drop trigger functions, and the triggers that use them, when going down."""
    for function in functions:
        op.execute(f"DROP FUNCTION IF EXISTS {function} CASCADE")
