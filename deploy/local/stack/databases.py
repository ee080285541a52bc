"""A database per service: one role owns it and migrates, another one works in it."""

from collections.abc import Iterable

from psycopg import Connection, sql

from stack.postgres import Postgres

SERVICES = ("catalog", "scheduling", "pilates", "portal", "notifications")
_EXTENSIONS = ("btree_gist", "citext", "pg_trgm", "unaccent")


def create_databases(server: Postgres, services: Iterable[str] = SERVICES) -> None:
    """Creates what is missing, so that it can be called at every start."""
    with server.connect("template1") as template:
        # Every database created from now on has them, those of tests included.
        for extension in _EXTENSIONS:
            wanted = sql.SQL("CREATE EXTENSION IF NOT EXISTS {}")
            template.execute(wanted.format(sql.Identifier(extension)))
    with server.connect() as connection:
        roles = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for service in services:
            for role in {f"{service}_owner", f"{service}_app"} - roles:
                _create_role(connection, role, server.secrets[role])
            create_database(connection, service, service)


def create_database(connection: Connection, name: str, service: str) -> None:
    """`service` says whose owner and app roles it is for; the name is free, for tests."""
    database = sql.Identifier(name)
    owner, app = sql.Identifier(f"{service}_owner"), sql.Identifier(f"{service}_app")
    exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    if exists.fetchone() is None:
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, owner))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, app))


def _create_role(connection: Connection, name: str, password: str) -> None:
    statement = sql.SQL(
        "CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD {}"
    )
    connection.execute(statement.format(sql.Identifier(name), sql.Literal(password)))
