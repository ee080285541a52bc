"""Where a notebook lies in a test: a database and a NATS server that it may lose."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
from psycopg.rows import dict_row

from chassis.testing import served
from notebook import main, worker
from notebook.settings import NotebookSettings
from stack.nats_server import NatsServer
from stack.ports import free_ports
from stack.postgres import Postgres
from stack.processes import Process, start
from stack.secret_store import Secrets
from stack.signer import Signer

TEMPLATE = "notebook"


@dataclass
class Desk:
    server: Postgres
    nats: NatsServer
    signer: Signer
    nats_process: Process | None = None
    database: str = field(default_factory=lambda: f"notebook_{uuid4().hex}")

    def settings(self, **changed: Any) -> NotebookSettings:
        known: dict[str, Any] = {
            "database_url": self.server.url(self.database, "notebook_app"),
            "nats_url": self.nats.url,
            "public_keys": self.signer.public_keys,
        }
        return NotebookSettings(**known | changed)

    def start_nats(self) -> None:
        self.nats_process = start(self.nats.program(), self.nats.data.parent / "nats.log")

    def stop_nats(self) -> None:
        assert self.nats_process is not None
        self.nats_process.stop()

    @asynccontextmanager
    async def api(self, **changed: Any) -> AsyncIterator[httpx2.AsyncClient]:
        async with served(main.create(self.settings(**changed))) as client:
            yield client

    @asynccontextmanager
    async def worker(self, **changed: Any) -> AsyncIterator[httpx2.AsyncClient]:
        async with served(worker.create(self.settings(**changed))) as client:
            yield client

    def environment(self, **changed: str) -> dict[str, str]:
        """For a process of its own; `changed` is named as in the settings."""
        told = {
            "database_url": self.settings().database_url,
            "nats_url": self.nats.url,
            "public_keys": str(self.signer.public_keys),
        }
        ours = {f"BOOKLY_{name.upper()}": value for name, value in (told | changed).items()}
        return os.environ | ours | {"PYTHONPATH": str(Path(__file__).parents[1])}

    async def run(self, module: str, *arguments: str) -> str:
        """A command of an operator, and what it said."""
        command = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *arguments),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self.environment(),
        )
        said = (await command.communicate())[0].decode()
        assert command.returncode == 0, said
        return said

    def rows(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        """As the superuser, whom no policy binds, on a connection of its own."""
        with self.server.connect(self.database) as connection:
            cursor = connection.cursor(row_factory=dict_row)
            return cursor.execute(statement, values).fetchall()

    def tally(self, business_id: UUID, listener: str = "count") -> int:
        found = self.rows(
            "SELECT notes FROM tallies WHERE business_id = %s AND listener = %s",
            business_id,
            listener,
        )
        return found[0]["notes"] if found else 0


@contextmanager
def desk(server: Postgres, signer: Signer, folder: Path) -> Iterator[Desk]:
    port, monitoring_port = free_ports(2)
    nats = NatsServer(folder / "nats", port, monitoring_port, Secrets(), durable=False)
    made = Desk(server, nats, signer)
    with server.connect() as connection:
        connection.execute(f"CREATE DATABASE {made.database} TEMPLATE {TEMPLATE}")
    made.start_nats()
    # Whoever finds nobody there tries again only two seconds later.
    while not nats.is_ready():
        time.sleep(0.01)
    try:
        yield made
    finally:
        made.stop_nats()
