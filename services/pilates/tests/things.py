"""A studio's rooms, machines and props, and who asks for them at the level of the functions."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import Sessions, enter_business, in_transaction
from pilates.class_sessions.models import ClassSession
from pilates.resources.models import Outage, Reservation, ReservedFor, Resource
from pilates.resources.reserving import Need, lock_things, reserve
from pilates.resources.timetable import time_range
from services.pilates.tests.planned import POLICIES

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def at(clock: str, day: int = 4) -> datetime:
    hour, minute = clock.split(":")
    return datetime(2026, 3, day, int(hour), int(minute), tzinfo=UTC)


@dataclass
class Things:
    sessions: Sessions
    business_id: UUID = field(default_factory=uuid4)

    async def within(self, work: Callable[[AsyncSession], Awaitable[Any]]) -> Any:
        async def in_business(session: AsyncSession) -> Any:
            await enter_business(session, self.business_id)
            return await work(session)

        return await in_transaction(self.sessions, in_business)

    async def add(self, category: str = "machine", kind: str = "reformer", **what: Any) -> UUID:
        known = {"name": kind, "category": category, "kind": kind} | what

        async def adding(session: AsyncSession) -> UUID:
            thing = Resource(business_id=self.business_id, id=uuid4(), **known)
            session.add(thing)
            return thing.id

        added: UUID = await self.within(adding)
        return added

    async def reformers(self, count: int, **what: Any) -> list[UUID]:
        """R1, R2 and so on, with ids in this order."""
        known = {"name": "Reformer", "category": "machine", "kind": "reformer"} | what

        async def adding(session: AsyncSession) -> list[UUID]:
            ids = sorted(uuid4() for _ in range(count))
            labels = (f"R{number}" for number in range(1, count + 1))
            for id_, label in zip(ids, labels, strict=True):
                session.add(Resource(business_id=self.business_id, id=id_, label=label, **known))
            return ids

        added: list[UUID] = await self.within(adding)
        return added

    async def class_session(self) -> UUID:
        """A draft, which is all that a lock needs."""

        async def adding(session: AsyncSession) -> UUID:
            made = ClassSession(
                business_id=self.business_id,
                id=uuid4(),
                status="draft",
                name="Reformer Flow",
                description="",
                capacity=8,
                starts_at=at("09:00"),
                ends_at=at("10:00"),
                overridden=[],
                made_at=NOW,
                **POLICIES,
            )
            session.add(made)
            return made.id

        added: UUID = await self.within(adding)
        return added

    async def out(
        self, resource_id: UUID, begins: str, ends: str | None, quantity: int = 1
    ) -> None:
        async def adding(session: AsyncSession) -> None:
            during = time_range(at(begins), at(ends) if ends else None)
            known = {"business_id": self.business_id, "resource_id": resource_id}
            session.add(Outage(**known, during=during, quantity=quantity))

        await self.within(adding)

    async def need(self, begins: str, ends: str, machines: int = 0, **what: Any) -> list[UUID]:
        """Reserved, or refused with its problem."""
        known: dict[str, Any] = {
            "reserved_for": ReservedFor.SESSION,
            "owner_id": uuid4(),
            "hold_version": 1,
            "starts_at": at(begins),
            "ends_at": at(ends),
            "machines": (("reformer", machines),) if machines else (),
        }
        now = what.pop("now", NOW)
        need = Need(**known | what)

        async def reserving(session: AsyncSession) -> list[UUID]:
            await lock_things(session, self.business_id, [need])
            return await reserve(session, self.business_id, need, now)

        reserved: list[UUID] = await self.within(reserving)
        return reserved

    async def reserved_by(self, owner_id: UUID, hold_version: int | None = None) -> set[UUID]:
        async def reading(session: AsyncSession) -> set[UUID]:
            found = select(Reservation.resource_id).where(Reservation.owner_id == owner_id)
            if hold_version is not None:
                found = found.where(Reservation.hold_version == hold_version)
            return set(await session.scalars(found))

        ids: set[UUID] = await self.within(reading)
        return ids
