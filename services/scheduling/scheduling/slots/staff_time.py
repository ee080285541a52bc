"""What the database knows of people's time, in one statement however many people and days."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import CompoundSelect, union_all
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import on_wall_clock
from scheduling.busy_calendars import queries as busy_calendars
from scheduling.claims import queries as claims
from scheduling.copies.models import Business
from scheduling.slots.free_slots import Interval, SlotShape
from scheduling.time_off import queries as time_off
from scheduling.working_hours import queries as working_hours
from scheduling.working_hours.local_hours import day_bounds, day_instants, working_intervals
from scheduling.working_hours.models import dates_of, week_of

WIDEST_CLAIM = timedelta(days=3)
"""A day's appointment with a day's buffer on either side."""
ONE_DAY = timedelta(days=1)
NOBODY = UUID(int=0)

PEOPLES_TIME: CompoundSelect[str, Any, Any] = union_all(
    working_hours.PART, claims.PART, time_off.PART, busy_calendars.PART
)


@dataclass
class StaffTime:
    """One person's, as epoch seconds; each list sorted by start and reaching beyond the range."""

    working: list[Interval]
    """As `working_intervals` has it: shifts that join close together."""
    busy: list[Interval] = field(default_factory=list)
    """Claimed, with the buffers of what claims it."""
    elsewhere: list[Interval] = field(default_factory=list)
    """Busy by a calendar that the person has connected."""
    off: list[Interval] = field(default_factory=list)
    """Time off and closures. Only the appointment itself must not touch them, its buffers may."""
    full: list[Interval] = field(default_factory=list)
    """Local days on which no more appointments may begin."""
    changes_at: datetime | None = None
    """When the first of the holds among `busy` expires."""

    def blocking(self, shape: SlotShape) -> list[Interval]:
        """All of it, so that to `free_slots` each forbids the starts that it must."""
        if not (self.elsewhere or self.off or self.full):
            return self.busy
        reach = shape.duration + shape.buffer_after
        off = ((b + shape.buffer_after, e - shape.buffer_before) for b, e in self.off)
        full = ((b - 1 + reach, e - shape.buffer_before) for b, e in self.full)
        return sorted([*self.busy, *self.elsewhere, *off, *full])


async def read_staff_time(
    session: AsyncSession,
    business: Business,
    staff_ids: Collection[UUID],
    first: date,
    last: date,
    now: datetime,
    *,
    holder: str | None = None,
    except_for: UUID | None = None,
) -> dict[UUID, StaffTime]:
    """For these local dates, of those who are still there.

    `holder` sees through their own holds; `except_for` is a claim that is about to move.
    """
    zone = business.time_zone
    begins = day_instants(zone, first)[0] - WIDEST_CLAIM
    ends = day_instants(zone, last)[1] + WIDEST_CLAIM
    asked = {
        "business_id": business.id,
        "staff_ids": list(staff_ids),
        "around": Range(begins, ends, bounds="[)"),
        "wall_begins": on_wall_clock(begins, zone) - ONE_DAY,
        "wall_ends": on_wall_clock(ends, zone) + ONE_DAY,
        # A shift may begin on the eve, and one may go on after the last of the dates.
        "first": first - ONE_DAY,
        "last": last + ONE_DAY,
        "now": now,
        "holder": holder or "",
        "except_for": except_for or NOBODY,
    }
    told: dict[str, dict[UUID | None, Any]] = defaultdict(dict)
    for row in await session.execute(PEOPLES_TIME, asked):
        told[row.what][row.staff_id] = row.payload
    off = {
        whose: time_off.intervals(what, zone, begins, ends)
        for whose, what in told["time_off"].items()
    }
    times = {
        staff_id: time_of(hours, told["claims"].get(staff_id), zone, first, last)
        for staff_id, hours in sorted(told["hours"].items())
        if staff_id is not None
    }
    for staff_id, time in times.items():
        if connected := told["elsewhere"].get(staff_id):
            time.elsewhere = list(zip(connected["begins"], connected["ends"], strict=True))
        time.off = sorted([*off.get(staff_id, ()), *off.get(None, ())])
    return times


def time_of(hours: Any, claimed: Any, zone: str, first: date, last: date) -> StaffTime:
    # A shift that goes on at midnight is one shift, also on the last of the dates.
    week, dates = week_of(hours["weekly"]), dates_of(hours["dated"])
    working = working_intervals(week, zone, first, last + ONE_DAY, dates)
    time = StaffTime(working)
    if claimed:
        time.busy = list(zip(claimed["begins"], claimed["ends"], strict=True))
        time.full = full_days(claimed["starts"], hours["daily_limit"], zone)
        if claimed["changes_at"]:
            time.changes_at = datetime.fromtimestamp(claimed["changes_at"], UTC)
    return time


def full_days(starts: Iterable[int], limit: int | None, zone: str) -> list[Interval]:
    """The local days on which as many appointments begin as the person takes."""
    if limit is None:
        return []
    local = ZoneInfo(zone)
    per_day = Counter(datetime.fromtimestamp(start, local).date() for start in starts)
    return [day_bounds(zone, day) for day, count in sorted(per_day.items()) if count >= limit]
