"""Availability: what may be booked, day by day, in the business's zone."""

import math
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.moments import MomentRange
from scheduling.appointments.problems import NobodyOffersThis
from scheduling.copies.models import Business, Service
from scheduling.slots.bookable_window import earliest_start, last_day
from scheduling.slots.free_slots import Interval, SlotShape, free_slots
from scheduling.slots.schemas import Availability, Day, Slot
from scheduling.slots.staff_time import read_staff_time
from scheduling.working_hours.local_hours import day_bounds


def shape_of(service: Service) -> SlotShape:
    return SlotShape(
        duration=service.duration_minutes * 60,
        buffer_before=service.buffer_before_minutes * 60,
        buffer_after=service.buffer_after_minutes * 60,
        step=service.slot_step_minutes * 60,
    )


async def find(
    session: AsyncSession,
    business: Business,
    service: Service,
    staff_id: UUID | None,
    wanted: MomentRange,
    now: datetime,
    *,
    public: bool,
) -> Availability:
    """Free starts of the range; notice and horizon bind the public, not the studio."""
    if staff_id and staff_id not in service.staff_ids:
        raise NobodyOffersThis
    zone = ZoneInfo(business.time_zone)
    begins, ends = wanted.in_zone(business.time_zone)
    first = begins.astimezone(zone).date()
    last = (ends - timedelta(microseconds=1)).astimezone(zone).date()
    starts = window(business, service, begins, ends, now if public else None)
    staff_ids = [staff_id] if staff_id else service.staff_ids
    free: dict[int, list[UUID]] = defaultdict(list)
    shape = shape_of(service)
    times = await read_staff_time(session, business, staff_ids, first, last, now)
    for person, time in times.items():
        for start in free_slots(time.working, time.blocking(shape), shape, starts):
            free[start].append(person)
    return Availability(
        service_id=service.id,
        time_zone=business.time_zone,
        days=list(by_day(free, zone, service, first, last)),
    )


def window(
    business: Business,
    service: Service,
    begins: datetime,
    ends: datetime,
    public_at: datetime | None,
) -> Interval:
    earliest, until = math.ceil(begins.timestamp()), math.ceil(ends.timestamp())
    if public_at is None:
        return earliest, until
    horizon = day_bounds(business.time_zone, last_day(service, business.time_zone, public_at))[1]
    notice = math.ceil(earliest_start(service, public_at).timestamp())
    return max(earliest, notice), min(until, horizon)


def by_day(
    free: dict[int, list[UUID]], zone: ZoneInfo, service: Service, first: date, last: date
) -> Iterator[Day]:
    days: dict[date, list[Slot]] = defaultdict(list)
    lasts = timedelta(minutes=service.duration_minutes)
    for start, staff_ids in sorted(free.items()):
        starts_at = datetime.fromtimestamp(start, UTC)
        slot = Slot(starts_at=starts_at, ends_at=starts_at + lasts, staff_ids=staff_ids)
        days[starts_at.astimezone(zone).date()].append(slot)
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        yield Day(date=day, slots=days[day])
