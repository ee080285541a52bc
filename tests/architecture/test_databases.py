"""Migrated databases are what the models say, and walled between businesses."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, Connection, MetaData, create_engine, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from chassis.database import Base as ChassisBase
from chassis.migrate import UNSCOPED
from stack.databases import SERVICES
from stack.postgres import Postgres

pytestmark = pytest.mark.parametrize("name", SERVICES)

TENANT = "business_id"
OF_NO_BUSINESS = {"alembic_version", "accounts", "failed_sign_ins"}
"""Who signs in with an e-mail and a password is in no business until that has succeeded."""


@pytest.fixture
def connection(
    name: str,
    services: dict[str, Any],  # Imported before its tables are created.
    migrated: Callable[[str], str],
    database_server: Postgres,
) -> Iterator[Connection]:
    migrated(name)
    url = database_server.url(name, f"{name}_owner")
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_every_row_of_a_business_is_walled_off(name: str, connection: Connection) -> None:
    tables = connection.execute(
        text(
            """
            SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS walled,
                   EXISTS (SELECT FROM pg_attribute a
                           WHERE a.attrelid = c.oid AND a.attname = :tenant) AS has_tenant,
                   (SELECT array_agg(coalesce(qual, '') || coalesce(with_check, ''))
                    FROM pg_policies p WHERE p.tablename = c.relname AND cmd = 'ALL') AS rules
            FROM pg_class c
            WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
            """
        ),
        {"tenant": TENANT},
    ).all()
    shared = UNSCOPED | OF_NO_BUSINESS
    open_ = [
        table.relname
        for table in tables
        if table.relname not in shared
        and not (table.walled and any("app.business_id" in rule for rule in table.rules or []))
    ]
    assert open_ == []
    assert [t.relname for t in tables if t.relname in shared and t.has_tenant] == []


def test_the_app_role_is_bound_by_the_walls(name: str, connection: Connection) -> None:
    role = {"role": f"{name}_app"}
    powers = connection.execute(
        text("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = :role"), role
    ).one()
    owned = text("SELECT count(*) FROM pg_tables WHERE tableowner = :role")
    assert tuple(powers) == (False, False)
    assert connection.execute(owned, role).scalar_one() == 0


def test_the_models_are_what_was_migrated(
    name: str, connection: Connection, services: dict[str, Any]
) -> None:
    context = MigrationContext.configure(
        connection,
        opts={
            "compare_type": True,
            "include_object": lambda _item, name, *_: name != "alembic_version",
        },
    )
    assert compare_metadata(context, tables_of(services[name])) == []


def test_rules_kept_by_the_database_are_in_the_models(
    name: str, connection: Connection, services: dict[str, Any]
) -> None:
    found = connection.execute(
        text(
            """
            SELECT conname FROM pg_constraint
            WHERE contype IN ('c', 'x') AND connamespace = 'public'::regnamespace
            """
        )
    )
    name_of = connection.dialect.identifier_preparer.format_constraint
    said = {
        name_of(constraint)
        for table in tables_of(services[name]).tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint | ExcludeConstraint)
    }
    assert set(found.scalars()) == said


def tables_of(service: Any) -> MetaData:
    """The service's own and the chassis's, as one."""
    both = MetaData()
    for metadata in (service.base.metadata, ChassisBase.metadata):
        for table in metadata.sorted_tables:
            table.to_metadata(both)
    return both
