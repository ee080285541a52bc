from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.pages import read_page
from chassis.problems import NotFound
from contracts.pilates import IntroduceResource, ResourceIntroduction
from pilates.class_sessions.models import ClassSession
from pilates.resources.assignment import free_over_time
from pilates.resources.models import Category, Outage, Reservation, Resource
from pilates.resources.natural_order import natural_order
from pilates.resources.schemas import (
    Availability,
    FreeMachines,
    MapSpot,
    Outages,
    OutageView,
    ReservationView,
    ResourceFilter,
    ResourceNow,
    ResourceView,
    RoomMap,
)
from pilates.resources.timetable import time_range, uses_of

SHOWN_OUTAGES = 20
LISTED = 1000


async def read(session: AsyncSession, business_id: UUID, resource_id: UUID) -> Resource:
    resource = await session.get(Resource, (business_id, resource_id))
    if resource is None:
        raise NotFound
    return resource


async def read_present(session: AsyncSession, business_id: UUID, resource_id: UUID) -> Resource:
    resource = await read(session, business_id, resource_id)
    if resource.archived_at:
        raise NotFound
    return resource


async def find(
    session: AsyncSession, business_id: UUID, wanted: ResourceFilter
) -> tuple[list[Resource], str | None]:
    found = select(Resource).where(Resource.business_id == business_id)
    if not wanted.archived:
        found = found.where(Resource.archived_at.is_(None))
    named = {
        Resource.category: wanted.category,
        Resource.kind: wanted.kind,
        Resource.room_id: wanted.room,
    }
    for column, value in named.items():
        if value is not None:
            found = found.where(column == value)
    return await read_page(session, found, (Resource.name, Resource.id), wanted)


async def as_it_is(
    session: AsyncSession, business_id: UUID, resources: Sequence[Resource], now: datetime
) -> list[ResourceNow]:
    """With the outages that are not over."""
    ids = [resource.id for resource in resources]
    found = await outages_of(session, business_id, ids, now)
    return [
        ResourceNow(
            **ResourceView.model_validate(resource).model_dump(),
            outages=[outage_view(outage) for outage in found.get(resource.id, [])][:SHOWN_OUTAGES],
            in_service=in_service(resource, found.get(resource.id, []), now),
        )
        for resource in resources
    ]


def in_service(resource: Resource, outages: Collection[Outage], now: datetime) -> bool:
    out = sum(outage.quantity for outage in outages if begun(outage, now))
    return out < resource.quantity


def begun(outage: Outage, now: datetime) -> bool:
    return outage.during.lower is not None and outage.during.lower <= now


async def outages_of(
    session: AsyncSession, business_id: UUID, resource_ids: Collection[UUID], now: datetime
) -> dict[UUID, list[Outage]]:
    rows = await session.scalars(
        select(Outage)
        .where(
            Outage.business_id == business_id,
            Outage.resource_id.in_(resource_ids),
            Outage.during.overlaps(time_range(now, None)),
        )
        .order_by(func.lower(Outage.during), Outage.id)
        .limit(LISTED)
    )
    found: dict[UUID, list[Outage]] = {}
    for outage in rows:
        found.setdefault(outage.resource_id, []).append(outage)
    return found


async def outages_ahead(session: AsyncSession, resource: Resource, now: datetime) -> Outages:
    found = await outages_of(session, resource.business_id, [resource.id], now)
    return Outages(items=[outage_view(outage) for outage in found.get(resource.id, [])])


def outage_view(outage: Outage) -> OutageView:
    begins = outage.during.lower
    assert begins is not None
    return OutageView(
        id=outage.id,
        starts_at=begins,
        ends_at=outage.during.upper,
        quantity=outage.quantity,
        reason=outage.reason,
    )


async def reservations(
    session: AsyncSession, business_id: UUID, resource_id: UUID, begins: datetime, ends: datetime
) -> list[ReservationView]:
    rows = await session.execute(
        select(Reservation, ClassSession.name)
        .outerjoin(
            ClassSession,
            (ClassSession.business_id == Reservation.business_id)
            & (ClassSession.id == Reservation.owner_id),
        )
        .where(
            Reservation.business_id == business_id,
            Reservation.resource_id == resource_id,
            Reservation.during.overlaps(time_range(begins, ends)),
        )
        .order_by(func.lower(Reservation.during), Reservation.id)
        .limit(LISTED)
    )
    return [reservation_view(reservation, name) for reservation, name in rows]


def reservation_view(reservation: Reservation, name: str | None) -> ReservationView:
    own: dict[str, Any] = {
        member: getattr(reservation, member)
        for member in ReservationView.model_fields
        if hasattr(reservation, member)
    }
    during = reservation.during
    return ReservationView(**own, name=name, starts_at=during.lower, ends_at=during.upper)


async def map_of(session: AsyncSession, business_id: UUID, room_id: UUID, now: datetime) -> RoomMap:
    room = await read_present(session, business_id, room_id)
    if room.category != Category.ROOM:
        raise NotFound
    found = await session.scalars(
        select(Resource).where(
            Resource.business_id == business_id,
            Resource.room_id == room_id,
            Resource.archived_at.is_(None),
        )
    )
    machines = await as_it_is(session, business_id, list(found), now)
    spots = [
        MapSpot(
            resource_id=machine.id,
            label=machine.label or machine.name,
            **machine.model_dump(include={"kind", "name", "x", "y", "in_service"}),
        )
        for machine in machines
    ]
    spots.sort(key=lambda spot: (natural_order(spot.label), spot.resource_id))
    return RoomMap(room_id=room.id, name=room.name, spots=spots)


async def availability(
    session: AsyncSession, business_id: UUID, kind: str, begins: datetime, ends: datetime
) -> Availability:
    """Of all machines of a kind; those on the map of a class count as hers."""
    found = await session.scalars(
        select(Resource.id).where(
            Resource.business_id == business_id,
            Resource.category == Category.MACHINE,
            Resource.kind == kind,
            Resource.archived_at.is_(None),
        )
    )
    ids = set(found)
    uses = await uses_of(session, business_id, ids, begins, ends)
    free = free_over_time(ids, uses, begins, ends)
    intervals = [
        FreeMachines(starts_at=one.begins, ends_at=one.ends, free=one.machines) for one in free
    ]
    at_worst = min(one.machines for one in free)
    return Availability(kind=kind, machines=len(ids), free_at_worst=at_worst, intervals=intervals)


async def introduce(session: AsyncSession, asked: IntroduceResource) -> ResourceIntroduction:
    name = await session.scalar(
        select(Resource.name).where(
            Resource.business_id == asked.business_id,
            Resource.id == asked.id,
            Resource.archived_at.is_(None),
        )
    )
    return ResourceIntroduction(name=name)
