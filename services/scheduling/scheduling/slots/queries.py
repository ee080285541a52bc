"""Availability: what may be booked, and when not, why."""

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import local_date
from scheduling.appointments.problems import NobodyOffersThis
from scheduling.copies.models import Business, Service
from scheduling.slots.bookable_window import earliest_start, last_day
from scheduling.slots.free_slots import Interval, SlotShape, free_slots
from scheduling.slots.refusal import REFUSALS_BY_WEIGHT, why_not
from scheduling.slots.schemas import AvailabilityQuery, Reasons, StaffReasons
from scheduling.slots.staff_time import read_staff_time
from scheduling.slots.suggestions import Edges, Suggested, suggest
from scheduling.working_hours.local_hours import day_bounds


def shape_of(service: Service) -> SlotShape:
    return SlotShape(
        duration=service.duration_minutes * 60,
        buffer_before=service.buffer_before_minutes * 60,
        buffer_after=service.buffer_after_minutes * 60,
        step=service.slot_step_minutes * 60,
    )


@dataclass(frozen=True)
class FreeTime:
    """Starts in epoch seconds, each with the ids of those who are free then."""

    starts: dict[int, list[str]]
    suggested: list[Suggested]
    shape: SlotShape
    range: Interval
    true_until: datetime
    """If nothing else changes, the clock alone changes it at this instant."""


async def find(
    session: AsyncSession,
    business: Business,
    service: Service,
    wanted: AvailabilityQuery,
    now: datetime,
    *,
    public: bool,
    holder: str | None = None,
) -> FreeTime:
    """Free starts of the range; notice and horizon bind the public, not the studio."""
    staff_ids = [wanted.staff_id] if wanted.staff_id else service.staff_ids
    if wanted.staff_id and wanted.staff_id not in service.staff_ids:
        raise NobodyOffersThis
    zone, shape = business.time_zone, shape_of(service)
    begins, ends = wanted.in_zone(zone)
    first, last = local_date(begins, zone), local_date(ends - timedelta(microseconds=1), zone)
    times = await read_staff_time(session, business, staff_ids, first, last, now, holder=holder)
    starts = window(business, service, begins, ends, now if public else None)
    free: dict[int, list[str]] = defaultdict(list)
    edges = {}
    for person, time in times.items():
        # As text, since it is written thousands of times and a UUID is slow to hash.
        staff_id, blocking = str(person), time.blocking(shape)
        edges[staff_id] = Edges(time.working, blocking)
        for start in free_slots(time.working, blocking, shape, starts):
            free[start].append(staff_id)
    ordered = dict(sorted(free.items()))
    changes = [time.changes_at for time in times.values() if time.changes_at]
    return FreeTime(
        starts=ordered,
        suggested=suggest(ordered, edges, shape),
        shape=shape,
        range=(int(begins.timestamp()), int(ends.timestamp())),
        true_until=min([*changes, clock_alone(ordered, business, service, now)]),
    )


def clock_alone(
    free: dict[int, list[str]], business: Business, service: Service, now: datetime
) -> datetime:
    """When notice takes the first start away, or a new day moves the horizon."""
    zone = business.time_zone
    midnight = datetime.fromtimestamp(day_bounds(zone, local_date(now, zone))[1], UTC)
    if not free:
        return midnight
    soonest = datetime.fromtimestamp(next(iter(free)), UTC)
    # The boundary of notice is inclusive.
    last_call = soonest - timedelta(minutes=service.notice_minutes)
    return min(midnight, last_call + timedelta(microseconds=1))


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


async def reasons(
    session: AsyncSession,
    business: Business,
    service: Service,
    staff_id: UUID | None,
    starts_at: datetime,
    now: datetime,
) -> Reasons:
    """Of everyone who offers the service, or of one, why they cannot be booked then."""
    if staff_id and staff_id not in service.staff_ids:
        raise NobodyOffersThis
    day = local_date(starts_at, business.time_zone)
    staff_ids = [staff_id] if staff_id else service.staff_ids
    times = await read_staff_time(session, business, staff_ids, day, day, now)
    start, shape = int(starts_at.timestamp()), shape_of(service)
    found = {person: why_not(start, time, shape) for person, time in times.items()}
    return Reasons(
        starts_at=starts_at,
        staff=[
            StaffReasons(
                staff_id=person,
                free=not refused,
                reasons=[reason for reason in REFUSALS_BY_WEIGHT if reason in refused],
            )
            for person, refused in found.items()
        ],
    )
