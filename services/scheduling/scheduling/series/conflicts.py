"""Many appointments at once: which of them are in the way of what is there, or of one another."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import local_date
from scheduling.appointments.changes.rescheduling import Place
from scheduling.copies.models import Business
from scheduling.series.problems import SeriesConflicts
from scheduling.slots.free_slots import SlotShape
from scheduling.slots.refusal import REFUSALS_BY_WEIGHT, Refusal, why_not
from scheduling.slots.staff_time import StaffTime, read_staff_time


@dataclass(frozen=True)
class Candidate:
    occurs_on: datetime
    """Local time by the rule: which occurrence it is."""
    place: Place
    shape: SlotShape
    moved_by_gap: bool = False


Refused = dict[datetime, Refusal]
"""By `occurs_on`: of several reasons the one that tells most."""


async def refused_among(
    session: AsyncSession,
    business: Business,
    candidates: Collection[Candidate],
    overlooks: Collection[Refusal],
    now: datetime,
) -> Refused:
    """By one look at everybody's time, however many they are."""
    days = [local_date(one.place.starts_at, business.time_zone) for one in candidates]
    people = {one.place.staff_id for one in candidates}
    times = await read_staff_time(session, business, people, min(days), max(days), now)
    return refused(candidates, times, overlooks)


def refused(
    candidates: Iterable[Candidate],
    times: Mapping[UUID, StaffTime],
    overlooks: Collection[Refusal],
) -> Refused:
    """In order: an earlier one takes its time from a later one. `times` is used up by it."""
    found: Refused = {}
    for one in candidates:
        time, start = times[one.place.staff_id], int(one.place.starts_at.timestamp())
        against = why_not(start, time, one.shape) - set(overlooks)
        if against:
            found[one.occurs_on] = next(why for why in REFUSALS_BY_WEIGHT if why in against)
        else:
            begins = start - one.shape.buffer_before
            ends = start + one.shape.duration + one.shape.buffer_after
            time.busy.append((begins, ends))
    return found


def listed(candidates: Iterable[Candidate], found: Refused) -> SeriesConflicts:
    """To be raised: conflict by conflict."""
    return SeriesConflicts(
        conflicts=[
            {
                "occurs_on": one.occurs_on.isoformat(),
                "starts_at": one.place.starts_at.isoformat(),
                "reason": found[one.occurs_on],
            }
            for one in candidates
            if one.occurs_on in found
        ]
    )
