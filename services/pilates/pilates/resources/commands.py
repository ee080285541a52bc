from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import audit
from chassis.auth import Principal
from chassis.preconditions import check_version
from chassis.problems import InvalidRequest, NotFound, TryAgain
from chassis.runtime import Runtime
from pilates.copies.queries import known_business
from pilates.resources.assignment import NEVER, Use, most_used
from pilates.resources.making_room import vacate
from pilates.resources.models import Category, Resource
from pilates.resources.naming import shown
from pilates.resources.placing import Place, lock_place, reserve_for_its_classes
from pilates.resources.problems import PropsShort, ResourceInUse, TooManyResources
from pilates.resources.queries import read_present
from pilates.resources.reserving import lock_by_id
from pilates.resources.schemas import ResourceView, ResourceWrite
from pilates.resources.sessions_concerned import Sessions, tell_sessions
from pilates.resources.timetable import uses_of

MOST = 1000
"""A business: whoever reserves one machine holds all of its kind."""


async def create(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    wanted: ResourceWrite,
    now: datetime,
) -> Resource:
    """A machine on the map of a room belongs to the room's classes from then on."""
    place = Place(caller.business_id, wanted.room_id, wanted.kind)
    sessions = await lock_place(session, place, now)
    await check_not_too_many(session, caller.business_id)
    resource = Resource(business_id=caller.business_id, **wanted.model_dump())
    session.add(resource)
    await session.flush()
    record(session, caller, "resource.created", resource, None, now)
    await join_classes(session, runtime, caller, resource, sessions, now)
    return resource


async def change(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    resource_id: UUID,
    wanted: ResourceWrite,
    seen: int | None,
    now: datetime,
) -> Resource:
    """Raises ResourceInUse where it would leave those who have it reserved."""
    resource = await read_present(session, caller.business_id, resource_id)
    place = Place(caller.business_id, wanted.room_id, wanted.kind)
    moves = (resource.room_id, resource.kind) != (wanted.room_id, wanted.kind)
    moves = moves and resource.category == Category.MACHINE
    sessions = await lock_place(session, place, now, machine=resource) if moves else {}
    await lock_as_read(session, resource, seen)
    before = snapshot(resource)
    if wanted.category != resource.category:
        errors = [{"pointer": "#/body/category", "detail": f"stays {resource.category}"}]
        raise InvalidRequest(errors=errors)
    if moves:
        await check_leaves_nobody(session, resource, now)
    if resource.quantity > wanted.quantity:
        await check_enough(session, resource, wanted.quantity, now)
    resource.become(wanted.model_dump())
    await session.flush()
    record(session, caller, "resource.changed", resource, before, now)
    if moves:
        await join_classes(session, runtime, caller, resource, sessions, now)
    return resource


async def archive(
    session: AsyncSession,
    caller: Principal,
    resource_id: UUID,
    seen: int | None,
    now: datetime,
) -> None:
    """What is of the pool goes to other machines; raises ResourceInUse for the rest."""
    resource = await read_present(session, caller.business_id, resource_id)
    await lock_as_read(session, resource, seen)
    before = snapshot(resource)
    await check_leaves_nobody(session, resource, now)
    resource.become({"archived_at": now})
    record(session, caller, "resource.archived", resource, before, now)


async def lock_as_read(
    session: AsyncSession,
    resource: Resource,
    seen: int | None,
) -> None:
    """With all that may stand in for it.

    Raises Stale, and TryAgain where it has become something else in this moment.
    """
    read_version, read_kind = resource.version, resource.kind
    of_kinds = {read_kind} if resource.category == Category.MACHINE else set()
    await lock_by_id(session, resource.business_id, {resource.id}, of_kinds)
    await session.refresh(resource)
    if resource.archived_at:
        raise NotFound
    check_version(resource.version, seen, snapshot(resource))
    if resource.version != read_version:
        raise TryAgain


async def check_leaves_nobody(session: AsyncSession, resource: Resource, now: datetime) -> None:
    uses = await uses_of(session, resource.business_id, [resource.id], now, NEVER)
    reserved: list[Use] = [use for use in uses if use.owner_id]
    if any(use.pooled for use in reserved):
        _, reserved = await vacate(session, resource, reserved, now)
    standing = await session.scalars(
        select(Resource.id).where(
            Resource.business_id == resource.business_id,
            Resource.room_id == resource.id,
            Resource.archived_at.is_(None),
        )
    )
    if (machines := sorted(map(str, standing))) or reserved:
        raise ResourceInUse(
            count=len(reserved),
            reservations=await shown(session, resource.business_id, reserved),
            machines=machines,
        )


async def check_enough(session: AsyncSession, prop: Resource, quantity: int, now: datetime) -> None:
    uses = await uses_of(session, prop.business_id, [prop.id], now, NEVER)
    needed = most_used((use for use in uses if use.owner_id), now, NEVER)
    if needed > quantity:
        raise PropsShort(
            resource_id=str(prop.id),
            name=prop.name,
            needed=needed,
            available=quantity,
            short_by=needed - quantity,
        )


async def check_not_too_many(session: AsyncSession, business_id: UUID) -> None:
    count = await session.scalar(
        select(func.count())
        .select_from(Resource)
        .where(Resource.business_id == business_id, Resource.archived_at.is_(None))
    )
    if count is not None and count >= MOST:
        raise TooManyResources(most=MOST)


async def join_classes(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    machine: Resource,
    sessions: Sessions,
    now: datetime,
) -> None:
    if not (joined := await reserve_for_its_classes(session, machine, now)):
        return
    business = await known_business(session, runtime, caller.business_id)
    concerned = [one for one in sessions.values() if (one.id, one.hold_version) in joined]
    await tell_sessions(session, concerned, business, now)


def snapshot(resource: Resource) -> dict[str, Any]:
    return ResourceView.model_validate(resource).model_dump(mode="json")


def record(
    session: AsyncSession,
    caller: Principal,
    action: str,
    resource: Resource,
    before: dict[str, Any] | None,
    now: datetime,
) -> None:
    after = snapshot(resource)
    audit.record(session, caller, action, resource.id, at=now, before=before, after=after)
