"""The whole stack as `make run` starts it, with tokens of our own and a way into its database."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

import httpx2
import psycopg

from stack.postgres import Postgres
from stack.secret_store import Secrets
from stack.signer import Signer
from stack.testing import RunningStack, running_stack
from tests.studio import Studio

Result = TypeVar("Result")


@dataclass
class WholeStack:
    running: RunningStack
    signer: Signer

    def port(self, name: str) -> int:
        return int(self.running.facts["ports"][name])

    def bearer(self, business_id: UUID | str) -> dict[str, str]:
        """Of an owner whom nobody has met before: each has a limit of streams."""
        return self.signer.bearer(UUID(str(business_id)), account_id=str(uuid4()))

    def connect(self, database: str) -> psycopg.Connection:
        """As the superuser, whom row-level security does not bind."""
        home = self.running.home
        server = Postgres(home / "postgres", self.port("postgres"), Secrets(home / "secrets.json"))
        return server.connect(database)

    def with_gateway(self, work: Callable[[httpx2.AsyncClient], Awaitable[Result]]) -> Result:
        async def done() -> Result:
            async with httpx2.AsyncClient(base_url=self.running.url, timeout=60) as client:
                return await work(client)

        return asyncio.run(done())


@contextmanager
def whole_stack(home: Path) -> Iterator[WholeStack]:
    home.mkdir(parents=True)
    # The stack makes keys only where there are none.
    signer = Signer(home)
    with running_stack(home) as running:
        yield WholeStack(running, signer)


def wishes(studio: Studio, count: int) -> list[dict[str, object]]:
    """Bookings that do not touch one another."""
    return [studio.wish("gitta@example.com", **place) for place in studio.places(count)]
