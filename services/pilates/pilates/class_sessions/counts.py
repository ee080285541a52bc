"""Who is in a session and what is left of it, of many sessions by one look each."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pilates.attendances.models import Attendance
from pilates.class_sessions.models import ClassSession
from pilates.resources.models import Category, Outage, Reservation, Resource
from pilates.waitlist.models import QUEUED, WaitlistEntry
from pilates.waitlist.models import Status as WaitlistStatus


@dataclass
class Counts:
    booked: int = 0
    offered: int = 0
    waiting: int = 0
    machines: int = 0
    """In service during all of it."""


@dataclass
class Counted:
    of: dict[UUID, Counts] = field(default_factory=dict)

    def effective_capacity(self, row: ClassSession) -> int:
        if row.spot_kind is None or row.hold_version == 0:
            return row.capacity
        return min(row.capacity, self.of[row.id].machines)

    def free(self, row: ClassSession) -> int:
        counts = self.of[row.id]
        return max(self.effective_capacity(row) - counts.booked - counts.offered, 0)


async def count(
    session: AsyncSession, business_id: UUID, rows: Collection[ClassSession], now: datetime
) -> Counted:
    counted = Counted({row.id: Counts() for row in rows})
    await count_places(session, business_id, counted, now)
    await count_queue(session, business_id, counted)
    if any(row.spot_kind for row in rows):
        await count_machines(session, business_id, counted)
    return counted


async def count_places(
    session: AsyncSession, business_id: UUID, counted: Counted, now: datetime
) -> None:
    found = await session.execute(
        select(Attendance.session_id, func.count())
        .where(
            Attendance.business_id == business_id,
            Attendance.session_id.in_(counted.of),
            Attendance.takes_place(now),
        )
        .group_by(Attendance.session_id)
    )
    for session_id, booked in found:
        counted.of[session_id].booked = booked


async def count_queue(session: AsyncSession, business_id: UUID, counted: Counted) -> None:
    offered = WaitlistEntry.status == WaitlistStatus.OFFERED
    found = await session.execute(
        select(
            WaitlistEntry.session_id,
            func.count(),
            func.coalesce(func.sum(WaitlistEntry.party_size).filter(offered), 0),
        )
        .where(
            WaitlistEntry.business_id == business_id,
            WaitlistEntry.session_id.in_(counted.of),
            WaitlistEntry.status.in_(QUEUED),
        )
        .group_by(WaitlistEntry.session_id)
    )
    for session_id, waiting, places in found:
        counted.of[session_id].waiting, counted.of[session_id].offered = waiting, places


async def count_machines(session: AsyncSession, business_id: UUID, counted: Counted) -> None:
    out = exists().where(
        Outage.business_id == Reservation.business_id,
        Outage.resource_id == Reservation.resource_id,
        Outage.during.overlaps(Reservation.during),
    )
    found = await session.execute(
        select(ClassSession.id, func.count())
        .join(
            Reservation,
            (Reservation.business_id == ClassSession.business_id)
            & (Reservation.owner_id == ClassSession.id)
            & (Reservation.hold_version == ClassSession.hold_version),
        )
        .join(
            Resource,
            (Resource.business_id == Reservation.business_id)
            & (Resource.id == Reservation.resource_id)
            & (Resource.category == Category.MACHINE)
            & (Resource.kind == ClassSession.spot_kind),
        )
        .where(ClassSession.business_id == business_id, ClassSession.id.in_(counted.of), ~out)
        .group_by(ClassSession.id)
    )
    for session_id, machines in found:
        counted.of[session_id].machines = machines
