"""Whereto an appointment may be moved: what this allows, rescheduling accepts."""

import math
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import local_date
from chassis.auth import Principal
from chassis.runtime import Runtime
from contracts.moments import MomentRange
from contracts.permissions import Permission
from scheduling.appointments import queries
from scheduling.appointments.changes.rescheduling import service_of, shape_of
from scheduling.appointments.changes.schemas import Moves, RefusedStarts, StaffMoves, Starts
from scheduling.appointments.drop_zones import Zone, drop_zones
from scheduling.appointments.models import Appointment
from scheduling.copies.models import Business
from scheduling.copies.queries import known
from scheduling.slots.staff_time import read_staff_time


async def find(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    appointment_id: UUID,
    wanted: MomentRange,
    now: datetime,
) -> Moves:
    """Of everyone to whom the caller may move it, as it lasts now."""
    appointment = await queries.read(session, caller, appointment_id)
    appointment.check_movable(now)
    business = await known(session, runtime, Business, caller.business_id, caller.business_id)
    zone = business.time_zone
    begins, ends = wanted.in_zone(zone)
    times = await read_staff_time(
        session,
        business,
        await who_may_have_it(session, caller, appointment),
        local_date(begins, zone),
        local_date(ends - timedelta(microseconds=1), zone),
        now,
        except_for=appointment.id,
    )
    shape = shape_of(appointment, appointment.ends_at - appointment.starts_at)
    starts = math.ceil(begins.timestamp()), math.ceil(ends.timestamp())
    return Moves(
        appointment_id=appointment.id,
        version=appointment.version,
        staff=[shown(person, drop_zones(time, shape, starts)) for person, time in times.items()],
    )


async def who_may_have_it(
    session: AsyncSession, caller: Principal, appointment: Appointment
) -> Collection[UUID]:
    if not caller.may(Permission.MANAGE_CALENDAR):
        return [appointment.staff_id]
    return {appointment.staff_id, *(await service_of(session, appointment)).staff_ids}


def shown(person: UUID, zones: list[Zone]) -> StaffMoves:
    return StaffMoves(
        staff_id=person,
        allowed=[
            Starts(begins=instant(begins), ends=instant(ends))
            for begins, ends, reason in zones
            if reason is None
        ],
        refused=[
            RefusedStarts(begins=instant(begins), ends=instant(ends), reason=reason)
            for begins, ends, reason in zones
            if reason is not None
        ],
    )


def instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
