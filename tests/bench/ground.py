"""Servers as the embedded stack has them, durable, and a scheduling API with nothing beside it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from chassis.migrate import migrate
from stack.databases import create_database, create_databases
from stack.nats_server import NatsServer, nats_server
from stack.ports import free_ports
from stack.postgres import Postgres, postgres
from stack.probes import says_ready
from stack.processes import running
from stack.programs import Program
from stack.signer import Signer
from tests.bench.studio import Studio, known_to_scheduling

PREPARED = "scheduling"
"""The database that knows the studio, from which all others are copied."""


@dataclass
class Ground:
    folder: Path
    postgres: Postgres
    nats: NatsServer
    signer: Signer
    studio: Studio = field(default_factory=Studio)

    @property
    def bearer(self) -> dict[str, str]:
        """Of the studio's owner, for five minutes."""
        return self.signer.bearer(self.studio.id)

    @contextmanager
    def scheduling(self, database: str) -> Iterator[int]:
        """The port of an API process that works in this database; its worker does not run."""
        with self._process("scheduling.main", database) as port:
            yield port

    def copy(self, database: str) -> str:
        """The prepared database again, under this name."""
        with self.postgres.connect() as connection:
            name, prepared = sql.Identifier(database), sql.Identifier(PREPARED)
            owner = sql.Identifier("scheduling_owner")
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(name, prepared, owner)
            )
            create_database(connection, database, "scheduling")
        return database

    def empty_database(self, name: str) -> str:
        """A URL that may do anything in it, for a peer's own tables."""
        with self.postgres.connect() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.postgres.url(name)

    def connect(self, database: str) -> psycopg.Connection:
        """As the superuser, whom row-level security does not bind."""
        return self.postgres.connect(database)

    def prepare(self) -> None:
        create_databases(self.postgres, ["scheduling"])
        migrate("scheduling", self.postgres.url(PREPARED, "scheduling_owner"))
        with (
            self._process("scheduling.main", PREPARED) as port,
            self._process("scheduling.worker", PREPARED),
        ):
            told = known_to_scheduling(self.studio, self.nats.url, port, self.bearer)
            asyncio.run(told)

    def environment(self, database: str, port: int) -> dict[str, str]:
        return {
            "BOOKLY_DATABASE_URL": self.postgres.url(database, "scheduling_app"),
            "BOOKLY_NATS_URL": self.nats.url,
            "BOOKLY_PUBLIC_KEYS": str(self.signer.public_keys),
            "BOOKLY_PORT": str(port),
        }

    @contextmanager
    def _process(self, module: str, database: str) -> Iterator[int]:
        port = free_ports(1)[0]
        program = Program(
            name=module,
            module=module,
            environment=self.environment(database, port),
            is_ready=says_ready(port),
        )
        with running(program, self.folder / f"{database}-{module}.log"):
            yield port


@contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    with (
        postgres(folder / "postgres" / "data") as database_server,
        nats_server(folder / "nats" / "data") as nats,
    ):
        built = Ground(folder, database_server, nats, Signer(folder))
        built.prepare()
        yield built
