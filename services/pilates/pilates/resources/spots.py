"""The machines of a session, and which of them are spots on the map of its room."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from pilates.class_sessions.models import ClassSession
from pilates.resources.models import Category, Outage, Reservation, Resource
from pilates.resources.natural_order import natural_order
from pilates.resources.timetable import time_range


@dataclass(frozen=True)
class Spot:
    resource_id: UUID
    label: str
    """Its name, where it has no label."""
    name: str
    x: int | None
    y: int | None
    in_service: bool
    """During all of the session."""
    pooled: bool
    """From the studio's pool: nobody chooses it, and it may be another one tomorrow."""


async def spots_of(session: AsyncSession, class_session: ClassSession) -> list[Spot]:
    """Those that can be chosen: none where it has its machines from the studio's pool."""
    return [machine for machine in await machines_of(session, class_session) if not machine.pooled]


async def machines_of(session: AsyncSession, class_session: ClassSession) -> list[Spot]:
    """What the hold that stands has reserved of its kind, in the order of their labels."""
    if class_session.spot_kind is None:
        return []
    out = exists().where(
        Outage.business_id == Resource.business_id,
        Outage.resource_id == Resource.id,
        Outage.during.overlaps(time_range(class_session.starts_at, class_session.ends_at)),
    )
    found = await session.execute(
        select(
            Resource.id,
            Resource.label,
            Resource.name,
            Resource.x,
            Resource.y,
            out,
            Reservation.pooled,
        )
        .join(
            Reservation,
            (Reservation.business_id == Resource.business_id)
            & (Reservation.resource_id == Resource.id),
        )
        .where(
            Resource.business_id == class_session.business_id,
            Resource.category == Category.MACHINE,
            Resource.kind == class_session.spot_kind,
            Reservation.owner_id == class_session.id,
            Reservation.hold_version == class_session.hold_version,
        )
    )
    spots = [
        Spot(id_, label or name, name, x, y, not is_out, pooled)
        for id_, label, name, x, y, is_out, pooled in found
    ]
    return sorted(spots, key=lambda spot: (natural_order(spot.label), spot.resource_id))


def effective_capacity(capacity: int, spot_kind: str | None, machines: Sequence[Spot]) -> int:
    if spot_kind is None:
        return capacity
    return min(capacity, sum(machine.in_service for machine in machines))
