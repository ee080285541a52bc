"""A machine that is put on the map of a room is a spot of the room's classes to come."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import NotFound
from pilates.resources.models import Category, Reservation, ReservedFor, Resource
from pilates.resources.reserving import insert_all, lock_by_id
from pilates.resources.sessions_concerned import (
    Sessions,
    lock_with_sessions,
    mapped_in,
    reserved_by_sessions,
)


class Place(NamedTuple):
    business_id: UUID
    room_id: UUID | None
    kind: str


async def lock_place(
    session: AsyncSession,
    place: Place,
    now: datetime,
    *,
    machine: Resource | None = None,
) -> Sessions:
    """The sessions that have the room's machines of this kind, then the room and the machines.

    With them the machine that is to come here from elsewhere, and what may stand in for it.
    Raises NotFound where there is no such room.
    """
    ids, kinds = ({machine.id}, {machine.kind, place.kind}) if machine else (set(), {place.kind})
    if place.room_id is None:
        await lock_by_id(session, place.business_id, ids, kinds)
        return {}
    mapped = mapped_in(place.business_id, place.room_id, place.kind, now)

    async def find() -> set[UUID]:
        return await reserved_by_sessions(session, place.business_id, mapped)

    sessions = await lock_with_sessions(
        session, place.business_id, find, {place.room_id, *ids}, kinds
    )
    room = await session.get(Resource, (place.business_id, place.room_id), populate_existing=True)
    if room is None or room.archived_at or room.category != Category.ROOM:
        raise NotFound
    return sessions


async def reserve_for_its_classes(
    session: AsyncSession, machine: Resource, now: datetime
) -> set[tuple[UUID, int]]:
    """For every hold, also one that is not decided on yet; the owners and versions of them."""
    if machine.room_id is None:
        return set()
    holds = await session.execute(
        select(Reservation.owner_id, Reservation.hold_version, Reservation.during)
        .where(mapped_in(machine.business_id, machine.room_id, machine.kind, now))
        .where(Reservation.business_id == machine.business_id)
        .distinct()
    )
    rows = [
        {
            "resource_id": machine.id,
            "reserved_for": ReservedFor.SESSION,
            **hold._mapping,
            "quantity": 1,
            "exclusive": True,
            "pooled": False,
        }
        for hold in holds
    ]
    await insert_all(session, machine.business_id, rows)
    return {(row["owner_id"], row["hold_version"]) for row in rows}
