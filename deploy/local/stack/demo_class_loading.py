"""Loads the demo studio's classes through the gateway. Loading them again adds nothing."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from stack.demo_classes import (
    MATS,
    PACKAGE_TYPES,
    ROOMS,
    SERIES,
    SOLD,
    TEACHERS,
    Weekly,
    bookings,
    reformers,
    templates,
)
from stack.demo_client import Owner

_FILLED = 7
"""The first sessions that somebody has booked already."""
_NOT_BOOKABLE = (409, 422)


class Classes:
    def __init__(self, owner: Owner, say: Callable[[str], None]) -> None:
        self._owner = owner
        self._say = say

    async def offer(self) -> Mapping[str, str]:
        """Rooms, machines and templates, whose ids by name a page needs."""
        staff = await self._owner.create_missing("/api/staff", list(TEACHERS))
        rooms = await self._owner.create_missing("/api/resources", list(ROOMS))
        things = [*reformers(rooms["Reformer room"]), MATS]
        resources = await self._owner.create_missing("/api/resources", things)
        wanted = templates(staff, resources)
        found = await self._owner.create_missing("/api/class-templates", wanted)
        self._say(f"{len(found)} classes in {len(ROOMS)} rooms, with a map of the reformers")
        return found

    async def fill(self, found: Mapping[str, str], customers: list[str], today: date) -> None:
        types = await self._owner.create_missing("/api/package-types", list(PACKAGE_TYPES))
        if await self._owner.everything("/api/class-series"):
            return
        planned = [await self._plan(weekly, found, today) for weekly in SERIES]
        self._say(f"{sum(map(len, planned))} class sessions in the next two weeks")
        buyers = customers[: len(SOLD)]
        await asyncio.gather(
            *(
                self._sell(types[name], customer)
                for customer, name in zip(buyers, SOLD, strict=True)
            )
        )
        full, *others = (one for sessions in planned for one in sessions)
        others.sort(key=lambda one: one["starts_at"])
        ids = [one["session_id"] for one in (full, *others[: _FILLED - 1])]
        wishes = bookings(ids, buyers)
        await asyncio.gather(*(self._book(session, wishes[session]) for session in ids))
        count = sum(map(len, wishes.values()))
        self._say(f"{len(SOLD)} packages sold, {count} places booked or waited for")

    async def _sell(self, type_id: str, customer: str) -> None:
        sale = {"customer_id": customer, "package_type_id": type_id, "paid_with": "card"}
        await self._owner.ask("POST", "/api/customer-packages", json=sale)

    async def _plan(
        self, weekly: Weekly, found: Mapping[str, str], today: date
    ) -> list[dict[str, Any]]:
        wanted = {"template_id": found[weekly.template], **weekly.series(today)}
        made = (await self._owner.ask("POST", "/api/class-series", json=wanted)).json()
        return [one for one in made["occurrences"] if one["session_id"]]

    async def _book(self, session: str, customers: list[str]) -> None:
        """One after the other, as they would come: the last of them wait."""
        path = f"/api/class-sessions/{session}/attendances"
        for customer in customers:
            place = {"customer_id": customer, "join_waitlist": True, "notify_customer": False}
            # Somebody else may have booked meanwhile, or moved the class.
            await self._owner.ask("POST", path, json=place, accept=_NOT_BOOKABLE)
