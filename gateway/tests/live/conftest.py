"""A client of the live calendar, and owners of time that say what has changed."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from chassis.testing import publish
from contracts.calendar import CalendarEntry, SchedulingEntryChanged
from contracts.pilates import PilatesEntryChanged

LIVE = "/api/calendar/live"
NINE = datetime(2027, 3, 22, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Frame:
    event: str
    id: str
    data: Any


@dataclass
class Frames:
    """The frames of one open stream, as they come; `comments` counts its heartbeats."""

    lines: AsyncIterator[str]
    comments: int = 0
    last_id: str = ""

    async def next(self, within_seconds: float = 20) -> Frame:
        async with asyncio.timeout(within_seconds):
            return await self._read()

    async def take(self, count: int) -> list[Frame]:
        return [await self.next() for _ in range(count)]

    async def end(self, within_seconds: float = 20) -> list[Frame]:
        """What still came before the stream was ended."""
        rest = []
        async with asyncio.timeout(within_seconds):
            try:
                while True:
                    rest.append(await self._read())
            except StopAsyncIteration:
                return rest

    async def _read(self) -> Frame:
        fields: dict[str, str] = {}
        while True:
            line = await anext(self.lines)
            if not line and fields:
                self.last_id = fields["id"]
                return Frame(fields["event"], fields["id"], json.loads(fields["data"]))
            if line.startswith(":"):
                self.comments += 1
            elif line:
                name, _, value = line.partition(": ")
                fields[name] = value


class Refusal(Exception):
    def __init__(self, answer: httpx2.Response) -> None:
        self.answer = answer
        self.problem: Any = answer.json()


Watch = Callable[..., AbstractAsyncContextManager[Frames]]


@pytest.fixture(scope="session")
def watch() -> Watch:
    """Raises Refusal where no stream is opened."""

    @asynccontextmanager
    async def watching(
        gateway: Any, headers: dict[str, str] | None = None, **query: str
    ) -> AsyncIterator[Frames]:
        client = gateway.client
        async with client.stream("GET", LIVE, headers=headers, params=query, timeout=30) as answer:
            if answer.status_code != 200:
                await answer.aread()
                raise Refusal(answer)
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            yield Frames(answer.aiter_lines())

    return watching


@pytest.fixture(scope="session")
def refusal() -> type[Refusal]:
    return Refusal


@pytest.fixture(scope="session")
def changed() -> Callable[..., SchedulingEntryChanged]:
    def entry_changed(business_id: UUID, **told: Any) -> SchedulingEntryChanged:
        removed = told.pop("removed", False)
        known = {
            "source": "scheduling",
            "kind": "appointment",
            "id": uuid4(),
            "title": "Massage · Anna Smith",
            "starts_at": NINE,
            "ends_at": NINE.replace(hour=10),
            "status": "confirmed",
            "staff_id": uuid4(),
            "service_id": uuid4(),
            "customer_id": uuid4(),
            "customer_name": "Anna Smith",
            "version": 1,
        }
        return SchedulingEntryChanged(
            occurred_at=NINE,
            business_id=business_id,
            entry=CalendarEntry.model_validate(known | told),
            removed=removed,
        )

    return entry_changed


@pytest.fixture(scope="session")
def class_changed() -> Callable[..., PilatesEntryChanged]:
    def entry_changed(business_id: UUID, **told: Any) -> PilatesEntryChanged:
        known = {
            "source": "pilates",
            "kind": "class_session",
            "id": uuid4(),
            "title": "Reformer Flow",
            "starts_at": NINE,
            "ends_at": NINE.replace(hour=10),
            "status": "published",
            "staff_id": uuid4(),
            "resource_id": uuid4(),
            "booked": 6,
            "capacity": 8,
            "waiting": 0,
            "version": 1,
        }
        entry = CalendarEntry.model_validate(known | told)
        return PilatesEntryChanged(occurred_at=NINE, business_id=business_id, entry=entry)

    return entry_changed


@pytest.fixture(scope="session")
def tell(nats_url: str) -> Callable[..., Awaitable[None]]:
    async def told(*events: Any) -> None:
        await publish(nats_url, *events)

    return told
