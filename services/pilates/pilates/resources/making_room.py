"""Uses of one machine go to others of its kind, where any of them does."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pilates.resources.assignment import Use, assigned
from pilates.resources.models import Category, Resource
from pilates.resources.timetable import movable, move, moves_to


async def vacate(
    session: AsyncSession, machine: Resource, uses: Iterable[Use], now: datetime
) -> tuple[int, list[Use]]:
    """How many of these uses of it have moved to others, and those that stay.

    One after another, for each that finds another machine is a help. Call it under the locks of
    all machines of the kind.
    """
    others = await others_of(session, machine)
    moved, stay = 0, []
    for use in uses:
        if use.pooled and await go_elsewhere(session, machine, others, use, now):
            moved += 1
        else:
            stay.append(use)
    return moved, stay


async def others_of(session: AsyncSession, machine: Resource) -> list[UUID]:
    found = await session.scalars(
        select(Resource.id)
        .where(
            Resource.business_id == machine.business_id,
            Resource.category == Category.MACHINE,
            Resource.kind == machine.kind,
            Resource.archived_at.is_(None),
            Resource.id != machine.id,
        )
        .order_by(Resource.room_id.is_not(None), Resource.id)
    )
    return list(found)


async def go_elsewhere(
    session: AsyncSession, machine: Resource, others: list[UUID], use: Use, now: datetime
) -> bool:
    """Even if it has begun: whoever is on a machine that breaks is glad of another one."""
    ids = [*others, machine.id]
    found = await movable(session, machine.business_id, ids, use.begins, use.ends, now)
    floating = [other for other in found.floating if other.resource_id != machine.id]
    pinned = [other for other in found.pinned if other.resource_id != machine.id]
    plan = assigned(others, pinned, [*floating, use])
    if plan is None:
        return False
    await move(session, machine.business_id, moves_to(plan, [*floating, use]))
    return True
