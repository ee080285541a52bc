"""The Celery broker where there is no RabbitMQ: PGMQ's tables in a database of their own."""

from psycopg import sql

from stack.databases import create_database
from stack.postgres import Postgres

NAME = "mailqueue"
_OWNER, _APP = "notifications_owner", "notifications_app"


def create_mail_queue(server: Postgres) -> None:
    """Can be called at every start."""
    with server.connect() as connection:
        create_database(connection, NAME, "notifications")
    with server.connect(NAME, _OWNER) as connection:
        installed = connection.execute("SELECT to_regclass('pgmq.meta')").fetchone()
        if installed == (None,):
            # Imported here because a stack with RabbitMQ never needs it.
            from pgmq.install import get_embedded_install_sql  # noqa: PLC0415

            with connection.transaction():
                connection.execute(get_embedded_install_sql().encode())
                for statement in _RIGHTS:
                    connection.execute(sql.SQL(statement).format(app=sql.Identifier(_APP)))


# A queue is a table that the worker creates when it first declares it.
_RIGHTS = (
    "GRANT USAGE, CREATE ON SCHEMA pgmq TO {app}",
    "GRANT ALL ON ALL TABLES IN SCHEMA pgmq TO {app}",
    "GRANT ALL ON ALL SEQUENCES IN SCHEMA pgmq TO {app}",
    "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pgmq TO {app}",
)
