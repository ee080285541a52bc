from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, literal, select
from sqlalchemy.dialects.postgresql import JSON, JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.copies.models import StaffMember
from scheduling.working_hours.models import WorkingHours


def part(business_id: UUID, staff_ids: Collection[UUID]) -> Select[str, UUID, Any]:
    """One row a person who is still there: their week and daily limit."""
    hours = (WorkingHours.business_id == StaffMember.business_id) & (
        WorkingHours.staff_id == StaffMember.id
    )
    return (
        select(
            literal("hours").label("what"),
            StaffMember.id.label("staff_id"),
            func.json_build_object(
                "weekly",
                func.coalesce(WorkingHours.weekly, literal([], JSONB)),
                "daily_limit",
                StaffMember.daily_limit,
                type_=JSON,
            ).label("payload"),
        )
        .outerjoin(WorkingHours, hours)
        .where(
            StaffMember.business_id == business_id,
            StaffMember.id.in_(staff_ids),
            StaffMember.archived_at.is_(None),
        )
    )


async def hours_of(session: AsyncSession, business_id: UUID, staff_id: UUID) -> WorkingHours:
    """Nobody works before hours were set: version 0, an empty week."""
    stored = await session.get(WorkingHours, (business_id, staff_id))
    return stored or WorkingHours(business_id=business_id, staff_id=staff_id, version=0, weekly=[])
