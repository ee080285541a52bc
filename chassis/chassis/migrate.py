"""Schemas grow by migration only, each service its own, as the role that owns the tables."""

import importlib
from pathlib import Path

import sqlalchemy as sa
from alembic import command, op
from alembic.config import Config

# Importing them makes their tables known to Base.
from chassis import audit, idempotency, inbox, outbox  # noqa: F401
from chassis.database import Base

MIGRATION_LOCK = 7_265_760
UNSCOPED = {"outbox", "inbox", "dead_events", "idempotency_keys"}
"""The chassis's tables that serve all businesses at once; no route ever reads them out."""


def migrate(service: str, owner_url: str) -> None:
    """Bring the database up to date; several replicas may start at once, one does the work."""
    engine = sa.create_engine(owner_url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        command.upgrade(configuration(service, connection), "head")
    engine.dispose()


def configuration(service: str, connection: sa.Connection) -> Config:
    package = importlib.import_module(service).__file__
    assert package is not None
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("version_locations", str(Path(package).parents[1] / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def create_chassis_tables(service: str) -> None:
    """For each service's first migration: outbox, inbox and the rest, and rights for its app."""
    Base.metadata.create_all(op.get_bind(), checkfirst=False)
    op.execute(
        """
        CREATE FUNCTION announce_outbox() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_notify('outbox', ''); RETURN NULL; END $$;
        CREATE TRIGGER announce AFTER INSERT ON outbox
            FOR EACH STATEMENT EXECUTE FUNCTION announce_outbox();
        """
    )
    for kind, rights in (("TABLES", "SELECT, INSERT, UPDATE, DELETE"), ("SEQUENCES", "USAGE")):
        op.execute(f"GRANT {rights} ON ALL {kind} IN SCHEMA public TO {service}_app")
        op.execute(f"ALTER DEFAULT PRIVILEGES GRANT {rights} ON {kind} TO {service}_app")
    op.execute(f"REVOKE UPDATE, DELETE ON audit_trail FROM {service}_app")
    wall_off("audit_trail")


def wall_off(*tables: str, column: str = "business_id", or_if: str = "false") -> None:
    """Row-level security: without `app.business_id` a table is empty, with it one business's.

    `or_if` lets a row be read (never written) for a reason other than its business.
    """
    mine = f"{column} = NULLIF(current_setting('app.business_id', true), '')::uuid"
    for table in tables:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY of_business ON {table} USING ({mine}) WITH CHECK ({mine})")
        if or_if != "false":
            op.execute(f"CREATE POLICY readable ON {table} FOR SELECT USING ({or_if})")
