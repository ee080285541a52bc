"""Guests of one studio who book privately and in classes, and then think again."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2

from chassis.testing import eventually
from tests.classes import ClassStudio, open_class_studio
from tests.studio import Studio

AT_ONCE = 8
TRIES = 50
CLASSES = 4
MOVED_BY = timedelta(days=20)


@dataclass
class Guests:
    classes: ClassStudio
    sessions: list[str]
    """Guests book the first two, and move to one of the others."""
    size: int
    domain: str = field(default_factory=lambda: f"{uuid4().hex[:12]}.example.com")
    booked: dict[str, str] = field(default_factory=dict)
    """Where each booking is found, by its guest's e-mail."""
    changes: Counter[str] = field(default_factory=Counter)
    """How often each was changed after that."""

    @property
    def studio(self) -> Studio:
        return self.classes.studio

    @property
    def desk(self) -> str:
        return desk_of(self.studio)

    async def book(self) -> None:
        places = self.studio.places(self.size)
        await in_turns(self.book_one(number, place) for number, place in enumerate(places))

    async def book_one(self, number: int, place: dict[str, str]) -> None:
        """Every third in a class."""
        email = f"guest-{number}@{self.domain}"
        if number % 3 == 2:
            session = self.sessions[number % 2]
            answer = await insist(lambda: self.classes.book_as_guest(session, email))
            [place_taken] = answer.json()["attendances"]
            self.booked[email] = f"/api/class-sessions/{session}/attendances/{place_taken['id']}"
        else:
            answer = await insist(lambda: self.studio.book(email, **place))
            self.booked[email] = f"/api/appointments/{answer.json()['id']}"

    async def have_booked(self, share: float) -> None:
        while len(self.booked) < share * self.size:
            await asyncio.sleep(0.01)

    async def think_again(self) -> None:
        """Of five, one moves, one moves and cancels, one cancels, and two leave it."""
        found = enumerate(self.booked.items())
        await in_turns(self.change(email, path, number % 5) for number, (email, path) in found)

    async def change(self, email: str, path: str, mood: int) -> None:
        if mood in (0, 1):
            path = await self.move(path)
        if mood in (1, 2):
            await self.act(path, "cancel")
        self.changes[email] = (1, 2, 1, 0, 0)[mood]

    async def move(self, path: str) -> str:
        """Where it is found from then on."""
        if "/attendances/" in path:
            other = self.sessions[2 + len(self.changes) % 2]
            await self.act(path, "move", session_id=other)
            return f"/api/class-sessions/{other}/attendances/{path.rpartition('/')[2]}"
        booked = await self.studio.told("GET", path)
        starts_at = datetime.fromisoformat(booked["starts_at"]) + MOVED_BY
        await self.act(path, "reschedule", starts_at=starts_at.isoformat())
        return path

    async def act(self, path: str, action: str, **wanted: Any) -> None:
        known = {"If-Match": (await self.studio.ask("GET", path)).headers["ETag"]}
        place = f"{path}/{action}"
        await insist(lambda: self.studio.ask("POST", place, headers=known, json=wanted))

    async def ask_for_links(self, count: int) -> list[str]:
        """Of guests whom the portal has to know by now."""
        emails = list(self.booked)[:count]
        for email in emails:
            path = f"/api/portal/{self.studio.slug}/magic-links"
            answer = await self.studio.gateway.post(path, json={"email": email})
            assert answer.status_code == 202, answer.text
        return emails


def desk_of(studio: Studio) -> str:
    return f"desk@{studio.slug}.example.com"


async def open_doors(gateway: httpx2.AsyncClient, size: int) -> Guests:
    classes = await open_class_studio(gateway)
    studio = classes.studio
    await studio.told("PATCH", "/api/business", json={"email": desk_of(studio)})
    for number in range(5):
        await studio.hire(f"Tessa Teacher {number + 1}")
    await studio.offer()
    template = await classes.template(capacity=100, credit_cost=0)
    begins = studio.first_midnight + timedelta(days=5)
    sessions = [
        await classes.session(template, begins + timedelta(hours=2 * number))
        for number in range(CLASSES)
    ]
    offered = {"service_ids": [studio.service], "class_ids": [template]}
    page = {"slug": studio.slug, "title": "Move with us", "published": True}
    await studio.told("POST", "/api/booking-pages", json=page | {"configuration": offered})
    await eventually(lambda: studio.slots(studio.first_midnight.date()))
    return Guests(classes, sessions, size)


async def in_turns(tasks: Iterable[Coroutine[Any, Any, None]]) -> None:
    turns = asyncio.Semaphore(AT_ONCE)

    async def take_turn(task: Coroutine[Any, Any, None]) -> None:
        async with turns:
            await task

    async with asyncio.TaskGroup() as group:
        for task in tasks:
            group.create_task(take_turn(task))


async def insist(ask: Callable[[], Awaitable[httpx2.Response]]) -> httpx2.Response:
    """A machine with other work may say "try again", which has changed nothing."""
    for _ in range(TRIES):
        answer = await ask()
        if answer.status_code != httpx2.codes.SERVICE_UNAVAILABLE:
            break
        await asyncio.sleep(0.2)
    assert answer.is_success, answer.text
    return answer
