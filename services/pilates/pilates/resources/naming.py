"""Who has a thing, for a person to read."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pilates.class_sessions.models import ClassSession
from pilates.resources.assignment import NEVER, Use

LISTED = 100


async def shown(
    session: AsyncSession, business_id: UUID, uses: Collection[Use]
) -> list[dict[str, Any]]:
    """JSON-ready, by their begin. Appointments are scheduling's, which knows more of them."""
    first = sorted(uses, key=lambda use: (use.begins, use.id))[:LISTED]
    named = select(ClassSession.id, ClassSession.name).where(
        ClassSession.business_id == business_id,
        ClassSession.id.in_({use.owner_id for use in first}),
    )
    names = {id_: name for id_, name in await session.execute(named)}
    return [
        {
            "reserved_for": use.reserved_for or "outage",
            "owner_id": str(use.owner_id) if use.owner_id else None,
            "name": names.get(use.owner_id) if use.owner_id else None,
            "starts_at": use.begins.isoformat(),
            "ends_at": use.ends.isoformat() if use.ends != NEVER else None,
        }
        for use in first
    ]
