"""A session held for one decision about its places: whoever else decides about them waits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import NotFound
from pilates.attendances.models import TAKEN, Attendance
from pilates.class_sessions.models import ClassSession
from pilates.copies.models import Business
from pilates.customer_packages.paying import Packages, lock_packages
from pilates.resources.spots import Spot, effective_capacity, machines_of
from pilates.waitlist.models import QUEUED, WaitlistEntry
from pilates.waitlist.models import Status as WaitlistStatus


@dataclass
class HeldSession:
    """With all that a decision about its places needs, as it stands under the lock."""

    business: Business
    row: ClassSession
    machines: Sequence[Spot]
    attendances: list[Attendance]
    """Those that take a place; kept up to date by whoever books or cancels."""
    queue: list[WaitlistEntry]
    """Waiting or offered, the next one first; kept up to date likewise."""
    packages: Packages
    """Of everybody whose credits this decision may move, locked."""
    touched: bool = field(default=False)
    """Places or queue have changed, so open calendars show it anew."""

    @property
    def effective_capacity(self) -> int:
        return effective_capacity(self.row.capacity, self.row.spot_kind, self.machines)

    @property
    def machines_in_service(self) -> int | None:
        """None where it needs or holds none."""
        if self.row.spot_kind is None or not self.row.hold_version:
            return None
        return sum(one.in_service for one in self.machines)

    @property
    def spots(self) -> list[Spot]:
        """Those that can be chosen, if any."""
        return [one for one in self.machines if not one.pooled]

    def taken(self) -> int:
        return len(self.attendances)

    def offered(self) -> int:
        """Places that are kept for those who have an offer."""
        return sum(one.party_size for one in self.queue if one.status == WaitlistStatus.OFFERED)

    def free(self) -> int:
        """Below zero where machines have gone out of service since they were booked."""
        return self.effective_capacity - self.taken() - self.offered()

    def free_spots(self) -> list[Spot]:
        used = {one.spot_id for one in self.attendances}
        return [one for one in self.spots if one.in_service and one.resource_id not in used]


async def hold_session(
    session: AsyncSession,
    business: Business,
    session_id: UUID,
    payers: Iterable[UUID | None] = (),
    *,
    frees_a_place: bool = False,
) -> HeldSession:
    """Locks the session and the packages, in this order. Raises NotFound.

    `payers` are the customers whose credits are spent or given back.
    """
    [row] = await lock_sessions(session, business.business_id, session_id)
    held = await look_at(session, business, row)
    await lock_credits(session, [held], payers, frees_a_place=frees_a_place)
    return held


async def lock_sessions(
    session: AsyncSession, business_id: UUID, *session_ids: UUID
) -> list[ClassSession]:
    """In the order of their ids, answered in the order asked for. Raises NotFound."""
    found = await session.scalars(
        select(ClassSession)
        .where(ClassSession.business_id == business_id, ClassSession.id.in_(session_ids))
        .order_by(ClassSession.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    rows = {row.id: row for row in found}
    if not rows.keys() >= set(session_ids):
        raise NotFound
    return [rows[id_] for id_ in session_ids]


async def look_at(session: AsyncSession, business: Business, row: ClassSession) -> HeldSession:
    """Of a session that is locked already; no credits can be moved until theirs are."""
    machines = await machines_of(session, row) if row.spot_kind else []
    attendances = await attendances_of(session, row)
    queue = await queue_of(session, row)
    return HeldSession(business, row, machines, attendances, queue, Packages())


async def lock_credits(
    session: AsyncSession,
    held_sessions: Sequence[HeldSession],
    payers: Iterable[UUID | None],
    *,
    frees_a_place: bool = False,
) -> None:
    """All at once, since one after the other would break the order of locks.

    Whoever waits may be promoted as soon as a place is free or becomes free, so then their
    packages are locked as well.
    """
    concerned = set(payers)
    for held in held_sessions:
        if held.queue and (frees_a_place or held.taken() < held.effective_capacity):
            concerned |= {entry.customer_id for entry in held.queue}
    business_id = held_sessions[0].row.business_id
    packages = await lock_packages(session, business_id, concerned - {None})
    for held in held_sessions:
        held.packages = packages


async def attendances_of(session: AsyncSession, row: ClassSession) -> list[Attendance]:
    found = await session.scalars(
        select(Attendance)
        .where(
            Attendance.business_id == row.business_id,
            Attendance.session_id == row.id,
            Attendance.status.in_(TAKEN),
        )
        .order_by(Attendance.booked_at, Attendance.id)
        .execution_options(populate_existing=True)
    )
    return list(found)


async def queue_of(session: AsyncSession, row: ClassSession) -> list[WaitlistEntry]:
    found = await session.scalars(
        select(WaitlistEntry)
        .where(
            WaitlistEntry.business_id == row.business_id,
            WaitlistEntry.session_id == row.id,
            WaitlistEntry.status.in_(QUEUED),
        )
        .order_by(WaitlistEntry.rank, WaitlistEntry.id)
        .execution_options(populate_existing=True)
    )
    return list(found)


def has_begun(row: ClassSession, now: datetime) -> bool:
    return now >= row.starts_at
