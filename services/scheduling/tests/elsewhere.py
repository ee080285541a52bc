"""Somebody else's server of calendars, and a staff member who connects them."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import web

from chassis.testing import eventually

SOMEBODY_ELSE = "127.0.0.2"
"""The one address, of those that are not public, from which calendars are fetched here."""


def vevent(starts: str, ends: str, *more: str, uid: str = "") -> str:
    lines = (f"UID:{uid or uuid4()}", "DTSTAMP:20260101T000000Z", starts, ends, *more)
    return "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"])


def calendar(*events: str) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Elsewhere//EN", *events, "END:VCALENDAR"]
    return "\r\n".join([*lines, ""]).encode()


class Elsewhere:
    """Somebody else's server, which answers as it is told to."""

    def __init__(self) -> None:
        self.texts: dict[str, Any] = {}
        self.asked = Counter[str]()
        self.headers: list[dict[str, str]] = []
        self.origin = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked[request.path] += 1
        self.headers.append(dict(request.headers))
        found = self.texts[request.path]
        if callable(found):
            answered: web.StreamResponse = await found(request)
            return answered
        return web.Response(body=found, content_type="text/calendar")

    def put(self, found: Any) -> str:
        """The address at which it is from now on."""
        path = f"/secret-{uuid4()}.ics"
        self.texts[path] = found
        return self.origin + path

    def path(self, url: str) -> str:
        return url.removeprefix(self.origin)


@pytest.fixture(scope="session")
async def elsewhere() -> AsyncIterator[Elsewhere]:
    found = Elsewhere()
    app = web.Application()
    app.router.add_get("/{path:.*}", found.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, SOMEBODY_ELSE, 0)
    await site.start()
    port = runner.addresses[0][1]
    found.origin = f"http://{SOMEBODY_ELSE}:{port}"
    yield found
    await runner.cleanup()


class Connected:
    def __init__(self, studio: Any, staff: UUID, headers: dict[str, str]) -> None:
        self.studio, self.staff, self.headers = studio, staff, headers
        self.place = f"/api/staff/{staff}/busy-calendars"

    async def connect(self, url: str, within_seconds: float = 30) -> dict[str, Any]:
        answer = await self.studio.client.post(
            self.place, json={"url": url, "name": "Private"}, headers=self.headers
        )
        assert answer.status_code == 201, answer.text
        return await self.tried(answer.json()["id"], within_seconds=within_seconds)

    async def tried(
        self, id_: str, since: str = "never", within_seconds: float = 30
    ) -> dict[str, Any]:
        """Once it has been tried after `since`, the instant of the last success or failure."""

        async def look() -> dict[str, Any] | None:
            answer = await self.studio.client.get(self.place, headers=self.headers)
            (found,) = [item for item in answer.json()["items"] if item["id"] == id_]
            done = found["failure"] or found["fetched_at"]
            return found if done and found["fetched_at"] != since else None

        return await eventually(look, within_seconds=within_seconds)

    async def disconnect_all(self, staff: UUID) -> None:
        place = f"/api/staff/{staff}/busy-calendars"
        listed = await self.studio.client.get(place, headers=self.headers)
        for item in listed.json().get("items", []):  # Nobody lists those of the archived.
            await self.studio.client.delete(f"{place}/{item['id']}", headers=self.headers)

    async def again(self, id_: str) -> dict[str, Any]:
        answer = await self.studio.client.post(f"{self.place}/{id_}/fetch", headers=self.headers)
        assert answer.status_code == 202, answer.text
        return answer.json()


@pytest.fixture
async def connecting(
    open_studio: Callable[..., Awaitable[Any]],
) -> AsyncIterator[Callable[..., Awaitable[Connected]]]:
    opened: list[Connected] = []

    async def open_one(**options: Any) -> Connected:
        studio = await open_studio(**options)
        # Clocks are moved by these tests, and tokens live for minutes.
        owner = studio.signer.bearer(studio.id, exp=datetime(2030, 1, 1, tzinfo=UTC).timestamp())
        opened.append(Connected(studio, studio.staff[0], owner))
        return opened[-1]

    yield open_one
    # Else the next test that moves the clock would wait for all that is due then, hostile or not.
    for one in opened:
        for staff in one.studio.staff:
            await one.disconnect_all(staff)
