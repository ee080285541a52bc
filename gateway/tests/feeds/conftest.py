"""Owners of time and a catalog as they are seen over NATS."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import nats
import pytest
from nats.aio.msg import Msg

from chassis import requests

VEVENT = """\
BEGIN:VEVENT\r
UID:{uid}\r
DTSTAMP:20270301T090000Z\r
DTSTART:20270322T090000Z\r
DTEND:20270322T100000Z\r
SEQUENCE:0\r
SUMMARY:{summary}\r
END:VEVENT\r
"""


@dataclass
class Owner:
    """Answers in pages; remembers what it was asked."""

    pages: list[str] = field(default_factory=lambda: [""])
    version: str = "1"
    asked: list[dict[str, Any]] = field(default_factory=list)
    is_silent: bool = False
    moves_on: bool = False
    """Changes after each page, as a busy studio might."""

    def book(self, *summaries: str) -> None:
        self.pages = [VEVENT.format(uid=uuid4(), summary=summary) for summary in summaries]
        self.version = uuid4().hex

    async def answer(self, message: Msg) -> None:
        asked = json.loads(message.data)
        self.asked.append(asked)
        if self.is_silent:
            return
        reply: dict[str, Any] = {"version": self.version, "events": None, "next_page": None}
        if asked["unless"] != self.version or asked["page"]:
            at = int(asked["page"] or 0)
            reply["events"] = self.pages[at]
            reply["next_page"] = str(at + 1) if at + 1 < len(self.pages) else None
        if self.moves_on:
            self.version += "+"
        await message.respond(json.dumps({"reply": reply}).encode())


@dataclass
class Owners:
    scheduling: Owner = field(default_factory=Owner)
    pilates: Owner = field(default_factory=Owner)
    known: set[tuple[str, str, str]] = field(default_factory=set)

    def knows(self, business_id: UUID, noun: str) -> str:
        """Catalog has such a thing, or pilates such a resource."""
        id_ = str(uuid4())
        self.known.add((str(business_id), noun, id_))
        return id_

    async def introduce(self, message: Msg) -> None:
        asked = json.loads(message.data)
        found = (asked["business_id"], asked["noun"], asked["id"]) in self.known
        customer = {"id": asked["id"], "version": 1, "name": "Anna Smith"}
        thing = customer if asked["noun"] == "customer" else customer | {"status": "active"}
        reply = {asked["noun"]: thing} if found else {}
        await message.respond(json.dumps({"reply": reply}).encode())

    async def introduce_resource(self, message: Msg) -> None:
        asked = json.loads(message.data)
        found = (asked["business_id"], "resource", asked["id"]) in self.known
        reply = {"name": "Studio 1" if found else None}
        await message.respond(json.dumps({"reply": reply}).encode())


@pytest.fixture
async def owners(nats_url: str) -> AsyncIterator[Owners]:
    connection, found = await nats.connect(nats_url), Owners()
    await connection.subscribe("ask.scheduling.feed", cb=found.scheduling.answer)
    await connection.subscribe("ask.pilates.feed", cb=found.pilates.answer)
    await connection.subscribe("ask.catalog.introduction", cb=found.introduce)
    await connection.subscribe("ask.pilates.resource-introduction", cb=found.introduce_resource)
    await connection.flush()
    yield found
    await connection.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long silence is waited for is the chassis's to show."""
    monkeypatch.setattr(requests, "TIMEOUT_SECONDS", 0.1)


@pytest.fixture
def wanted() -> dict[str, Any]:
    return {"scope": "business", "names": True, "title": "Core Berlin"}


@pytest.fixture
def make(gateway: Any, signer: Any, business: UUID, wanted: dict[str, Any]) -> Any:
    """Makes a feed, by an owner unless told otherwise; answers with its path and the feed."""

    async def made(headers: dict[str, str] | None = None, **changed: Any) -> tuple[str, Any]:
        answer = await gateway.client.post(
            "/api/feeds", json=wanted | changed, headers=headers or signer.bearer(business)
        )
        assert answer.status_code == 201, answer.text
        feed = answer.json()
        return feed["url"].removeprefix("http://localhost:8000"), feed

    return made
