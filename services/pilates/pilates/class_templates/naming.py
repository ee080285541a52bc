"""What a class names by id: a person of catalog's, a room and props of ours."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import NotFound
from chassis.runtime import Runtime
from pilates.copies.models import StaffMember
from pilates.copies.queries import known
from pilates.resources.models import Category, Resource


@dataclass(frozen=True)
class Named:
    instructor_name: str | None
    room_name: str | None


async def named(
    session: AsyncSession,
    runtime: Runtime,
    business_id: UUID,
    *,
    instructor_id: UUID | None,
    room_id: UUID | None,
    props: Iterable[Mapping[str, Any]] = (),
) -> Named:
    """Raises NotFound for what is no such thing of this business, or not any more."""
    instructor = room = None
    if instructor_id:
        instructor = await known(session, runtime, StaffMember, business_id, instructor_id)
    if room_id:
        [room] = await resources(session, business_id, [room_id], Category.ROOM)
    await resources(
        session, business_id, [UUID(str(p["resource_id"])) for p in props], Category.PROP
    )
    return Named(instructor.name if instructor else None, room.name if room else None)


async def resources(
    session: AsyncSession, business_id: UUID, ids: list[UUID], category: Category
) -> list[Resource]:
    if not ids:
        return []
    found = await session.scalars(
        select(Resource).where(
            Resource.business_id == business_id,
            Resource.id.in_(ids),
            Resource.category == category,
            Resource.archived_at.is_(None),
        )
    )
    things = list(found)
    if len(things) < len(set(ids)):
        raise NotFound
    return things
