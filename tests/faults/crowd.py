"""Strangers who book until they have an answer, whatever happens behind the gateway meanwhile."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx2

from tests.studio import Studio

AT_ONCE = 16
PATIENCE_SECONDS = 60
TRY_AGAIN = {"/problems/try-again", "/problems/no-reply", "/problems/idempotency-key-in-progress"}


@dataclass
class Crowd:
    """Each stranger wants a time of their own, and knows by their key that they asked before."""

    studio: Studio
    size: int
    domain: str = field(default_factory=lambda: f"{uuid4().hex[:12]}.example.com")
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What was acknowledged, by e-mail."""
    tries: int = 0

    async def book(self) -> None:
        turns = asyncio.Semaphore(AT_ONCE)

        async def take_turn(number: int, place: dict[str, str]) -> None:
            async with turns:
                email = f"guest-{number}@{self.domain}"
                self.answers[email] = await self._insist(email, place)

        async with asyncio.TaskGroup() as group:
            for number, place in enumerate(self.studio.places(self.size)):
                group.create_task(take_turn(number, place))

    async def have_booked(self, share: float) -> None:
        while len(self.answers) < share * self.size:
            await asyncio.sleep(0.01)

    async def _insist(self, email: str, place: dict[str, str]) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                self.tries += 1
                try:
                    answer = await self.studio.book(email, {"Idempotency-Key": email}, **place)
                except httpx2.TransportError:
                    answer = None
                if answer is not None and answer.status_code == 201:
                    booked: dict[str, Any] = answer.json()
                    return booked
                if answer is not None:
                    assert answer.json()["type"] in TRY_AGAIN, answer.text
                await asyncio.sleep(0.1)
