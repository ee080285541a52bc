"""Sessions and places as their owners announce them, without the ways that lead there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import Sessions, enter_business, in_transaction
from contracts.pilates import ClassSessionPublished, PlaceBooked
from pilates.attendances.announcing import announce as announce_place
from pilates.attendances.models import Attendance
from pilates.class_sessions.announcing import announce, show
from pilates.class_sessions.models import ClassSession
from pilates.copies.models import Business, Customer, StaffMember
from pilates.resources.models import Outage, Reservation, Resource
from pilates.waitlist.models import WaitlistEntry

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
EIGHT = datetime(2027, 1, 4, 8, tzinfo=UTC)
"""On a Monday, when nobody has changed the clocks."""
POLICIES: dict[str, Any] = {
    "credit_cost": 0,
    "price_cents": 0,
    "late_cancel_window_minutes": 720,
    "waitlist_mode": "promote",
    "waitlist_cutoff_minutes": 120,
    "offer_minutes": 30,
    "decline_minutes": 60,
    "quiet_from": None,
    "quiet_until": None,
    "largest_party": 4,
    "props": [],
}


@dataclass
class Planned:
    sessions: Sessions
    business_id: UUID = field(default_factory=uuid4)

    async def within(self, work: Callable[[AsyncSession], Awaitable[Any]]) -> Any:
        async def in_business(session: AsyncSession) -> Any:
            await enter_business(session, self.business_id)
            return await work(session)

        return await in_transaction(self.sessions, in_business)

    async def add(self, *rows: Any) -> None:
        async def adding(session: AsyncSession) -> None:
            for row in rows:
                session.add(row)
                await session.flush()

        await self.within(adding)

    async def open(self) -> None:
        business = Business(
            business_id=self.business_id,
            version=1,
            name="Core",
            time_zone="Europe/Berlin",
            currency="EUR",
            locale="en",
        )
        await self.add(business)

    async def instructor(self, name: str = "Tessa") -> UUID:
        return await self._told(StaffMember, name=name)

    async def customer(self, **known: Any) -> UUID:
        return await self._told(Customer, **({"name": "Mia Sommer"} | known))

    async def _told(self, model: Any, **known: Any) -> UUID:
        row = model(business_id=self.business_id, id=uuid4(), version=1, **known)
        await self.add(row)
        id_: UUID = row.id
        return id_

    async def resource(self, category: str = "room", **known: Any) -> UUID:
        told = {"name": "Studio 1", "kind": category} | known
        row = Resource(business_id=self.business_id, id=uuid4(), category=category, **told)
        await self.add(row)
        return row.id

    async def reserve(self, row: ClassSession, *resource_ids: UUID) -> None:
        told = {"business_id": self.business_id, "owner_id": row.id, "hold_version": 1}
        await self.add(
            *(
                Reservation(
                    **told,
                    resource_id=id_,
                    reserved_for="session",
                    during=Range(row.starts_at, row.ends_at),
                    quantity=1,
                    exclusive=True,
                    pooled=False,
                )
                for id_ in resource_ids
            )
        )

    async def take_out(self, resource_id: UUID, begins: datetime, ends: datetime) -> None:
        outage = Outage(
            business_id=self.business_id,
            resource_id=resource_id,
            during=Range(begins, ends),
            quantity=1,
        )
        await self.add(outage)

    async def session(
        self, starts_at: datetime = EIGHT, now: datetime = NOW, **known: Any
    ) -> ClassSession:
        """Published, and announced as such."""
        told = {
            "id": uuid4(),
            "name": "Reformer Flow",
            "status": "published",
            "capacity": 8,
            "ends_at": starts_at + timedelta(minutes=50),
            "published_at": now,
        } | known
        row = ClassSession(
            business_id=self.business_id,
            starts_at=starts_at,
            description="",
            overridden=[],
            made_at=now,
            **POLICIES,
            **told,
        )
        await self.add(row)
        await self.tell(row, ClassSessionPublished, now)
        return row

    async def tell(
        self, row: ClassSession, fact_type: Any, now: datetime = NOW, **changed: Any
    ) -> None:
        """The session is so by now."""

        async def telling(session: AsyncSession) -> None:
            found = await session.get_one(ClassSession, (self.business_id, row.id))
            for name, value in changed.items():
                setattr(found, name, value)
                setattr(row, name, value)
            business = await session.get_one(Business, self.business_id)
            await announce(session, found, business, fact_type, now)

        await self.within(telling)

    async def place(
        self, row: ClassSession, customer_id: UUID | None = None, now: datetime = NOW, **known: Any
    ) -> Attendance:
        told = {
            "status": "booked",
            "customer_name": "Mia Sommer",
            "party_id": uuid4(),
            "paid_with": "nothing",
            "credits": 0,
            "price_cents": 0,
            "payment_status": "none",
        } | known
        id_ = uuid4()
        place = Attendance(
            business_id=self.business_id,
            id=id_,
            session_id=row.id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            during=Range(row.starts_at, row.ends_at),
            customer_id=customer_id,
            booked_at=now,
            **({"person": str(customer_id or told.get("customer_email") or id_)} | told),
        )
        await self.add(place)
        await self.tell_place(place, row, PlaceBooked, now)
        return place

    async def tell_place(
        self,
        place: Attendance,
        row: ClassSession,
        fact_type: Any,
        now: datetime = NOW,
        **changed: Any,
    ) -> None:
        told = {name: changed.pop(name) for name in list(changed) if name in TOLD}

        async def telling(session: AsyncSession) -> None:
            found = await session.get_one(Attendance, (self.business_id, place.id))
            for name, value in changed.items():
                setattr(found, name, value)
            business = await session.get_one(Business, self.business_id)
            of = await session.get_one(ClassSession, (self.business_id, row.id))
            await announce_place(session, found, of, business, fact_type, now, **told)
            await show(session, of, now)

        await self.within(telling)

    async def waiter(self, row: ClassSession, **known: Any) -> WaitlistEntry:
        told = {
            "status": "waiting",
            "customer_name": "Wim",
            "party_size": 1,
            "pays_with": "nothing",
            "rank": 1,
        } | known
        id_ = uuid4()
        entry = WaitlistEntry(
            business_id=self.business_id,
            id=id_,
            session_id=row.id,
            joined_at=NOW,
            **({"person": str(told.get("customer_email") or id_)} | told),
        )
        await self.add(entry)
        return entry


TOLD = {"cancelled_by", "cause"}
"""Members of a fact, beside what the place is by now."""
