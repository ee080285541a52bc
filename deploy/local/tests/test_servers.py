from collections.abc import Callable, Mapping
from pathlib import Path

import nats
import psycopg
import pytest
from kombu.connection import Connection

from stack import rabbitmq as rabbitmq_server
from stack.databases import create_databases
from stack.mail_queue import create_mail_queue
from stack.nats_server import NatsServer, nats_server
from stack.ports import free_ports
from stack.postgres import Postgres, postgres
from stack.processes import Process, running
from stack.secret_store import Secrets


def test_what_was_committed_survives_the_crash_of_postgresql(
    tmp_path: Path, crash: Callable[[Process], None]
) -> None:
    server = Postgres(tmp_path / "data", free_ports(1)[0], Secrets(tmp_path / "secrets.json"))
    with running(server.program(), tmp_path / "log") as process:
        with server.connect() as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        crash(process)
    with running(server.program(), tmp_path / "log"), server.connect() as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_an_app_role_owns_nothing_and_reaches_only_its_own_database(
    database_server: Postgres,
) -> None:
    create_databases(database_server)  # As at every start: nothing to do, nothing to complain.
    with database_server.connect("catalog", "catalog_app") as connection:
        (bypasses,) = connection.execute(
            "SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user"
        ).fetchone() or (True,)
        assert not bypasses
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine ()")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        database_server.connect("portal", "catalog_app")


def test_a_stranger_does_not_get_into_postgresql(database_server: Postgres) -> None:
    for url in ("postgresql://postgres@127.0.0.1", "postgresql://catalog_app:guess@127.0.0.1"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"{url}:{database_server.port}/catalog")


async def test_what_jetstream_acknowledged_survives_its_crash(
    tmp_path: Path, crash: Callable[[Process], None]
) -> None:
    port, monitoring_port = free_ports(2)
    server = NatsServer(tmp_path / "nats", port, monitoring_port, Secrets())
    with running(server.program(), tmp_path / "log") as process:
        connection = await nats.connect(server.url)
        await connection.jetstream().add_stream(name="catalog", subjects=["catalog.>"])
        await connection.jetstream().publish("catalog.service.created.v1", b"reformer")
        await connection.close()
        crash(process)
    with running(server.program(), tmp_path / "log"):
        connection = await nats.connect(server.url)
        kept = await connection.jetstream().get_msg("catalog", 1)
        await connection.close()
    assert kept.data == b"reformer"


async def test_a_stranger_does_not_get_into_nats(tmp_path: Path) -> None:
    with nats_server(tmp_path / "nats") as server, pytest.raises(nats.errors.Error):
        await nats.connect(f"nats://127.0.0.1:{server.port}", allow_reconnect=False)


@pytest.mark.skipif(not rabbitmq_server.is_installed(), reason="RabbitMQ is not installed")
def test_rabbitmq_is_a_private_node_that_passes_mail_on(tmp_path: Path) -> None:
    with rabbitmq_server.rabbitmq(tmp_path / "rabbitmq") as server:
        assert passed_on(server.url, {}) == {"message": 1}


def test_without_rabbitmq_the_mail_queue_in_postgresql_passes_mail_on(tmp_path: Path) -> None:
    with postgres(tmp_path / "data", durable=False) as server:
        create_databases(server, ["notifications"])
        for _start in range(2):
            create_mail_queue(server)
        url = server.url("mailqueue", "notifications_app").replace("postgresql", "pgmq", 1)
        options = {"init_extension": False, "wait_time_seconds": 1, "polling_interval": 0.1}
        assert passed_on(url, options) == {"message": 1}


def passed_on(url: str, options: Mapping[str, object]) -> object:
    with Connection(url, transport_options=options) as connection:  # type: ignore[no-untyped-call]
        queue = connection.SimpleQueue("mails")
        queue.put({"message": 1})
        message = queue.get(timeout=30)
        message.ack()
        queue.close()
        return message.payload
