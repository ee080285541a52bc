"""A dashboard that follows the live calendar as a browser does, and keeps what it was shown."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.studio import Studio


@dataclass
class Screen:
    studio: Studio
    last_event_id: str | None = None
    frames: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    """Id, kind and data, in the order they came."""
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    is_open: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self) -> None:
        ticket = await self.studio.told("POST", "/api/calendar/live/tickets")
        asked = {"ticket": ticket["ticket"]}
        if self.last_event_id is not None:
            asked["last_event_id"] = self.last_event_id
        gateway = self.studio.gateway
        async with gateway.stream("GET", "/api/calendar/live", params=asked) as answer:
            assert answer.status_code == 200, await answer.aread()
            self.is_open.set()
            frame: dict[str, str] = {}
            async for line in answer.aiter_lines():
                name, _, value = line.partition(": ")
                if line and name:
                    frame[name] = value
                elif "data" in frame:
                    self.take(frame)
                    frame = {}

    def take(self, frame: dict[str, str]) -> None:
        kind, data = frame.get("event", "message"), json.loads(frame["data"])
        self.last_event_id = frame["id"]
        self.frames.append((frame["id"], kind, data))
        if kind == "entry":
            self.entries[data["id"]] = data

    def seen(self, kind: str = "entry") -> list[dict[str, Any]]:
        return [data for _, is_kind, data in self.frames if is_kind == kind]


@asynccontextmanager
async def watching(screen: Screen) -> AsyncIterator[Screen]:
    """Until the line is cut at the end of the block."""
    screen.is_open.clear()
    following = asyncio.create_task(screen.follow())
    opened = asyncio.create_task(screen.is_open.wait())
    await asyncio.wait({following, opened}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
    assert screen.is_open.is_set(), following
    try:
        yield screen
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError, httpx2.HTTPError):
            await following
