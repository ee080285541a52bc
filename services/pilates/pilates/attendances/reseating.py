"""Whoever sits on a machine that is out of service gets another one as soon as one is free."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.pilates import PlaceChanged
from pilates.attendances.announcing import announce
from pilates.attendances.holding import HeldSession
from pilates.attendances.models import Attendance, Status


class Reseated(NamedTuple):
    moved: list[UUID]
    without_spot: list[UUID]
    """They keep their place, and the studio sees that there is no machine for it."""


async def reseat(session: AsyncSession, held: HeldSession, now: datetime) -> Reseated:
    """In the order in which they booked; call it under the session's lock."""
    done = Reseated([], [])
    usable = {spot.resource_id for spot in held.spots if spot.in_service}
    homeless = [one for one in held.attendances if held.spots and one.spot_id not in usable]
    for attendance in homeless:
        if attendance.status != Status.BOOKED:
            continue
        spot = next(iter(held.free_spots()), None)
        if spot is None:
            done.without_spot.append(attendance.id)
            continue
        before = attendance.spot_label
        attendance.sit_on(spot.resource_id, spot.label)
        await tell(session, held, attendance, before, now)
        done.moved.append(attendance.id)
    return done


async def tell(
    session: AsyncSession,
    held: HeldSession,
    attendance: Attendance,
    before: str | None,
    now: datetime,
    *,
    notify_customer: bool = True,
) -> None:
    await session.flush()
    await announce(
        session,
        attendance,
        held.row,
        held.business,
        PlaceChanged,
        now,
        cause="spot_changed",
        previous_spot_label=before,
        notify_customer=notify_customer,
    )
