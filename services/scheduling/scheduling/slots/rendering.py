"""Free time as JSON text, written slot by slot: thousands are not worth an object each."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from scheduling.slots.queries import FreeTime


def render(free: FreeTime, service_id: UUID, time_zone: str) -> str:
    """An `Availability`, by the local days of this zone."""
    lasts = free.shape.duration

    def slot(start: int, staff_ids: Iterable[str]) -> str:
        people = '","'.join(staff_ids)
        return (
            f'{{"starts_at":"{instant(start)}","ends_at":"{instant(start + lasts)}",'
            f'"staff_ids":["{people}"]'
        )

    zone = ZoneInfo(time_zone)
    slots: dict[date, list[str]] = defaultdict(list)
    for start, staff_ids in free.starts.items():
        slots[local_day(start, zone)].append(slot(start, staff_ids) + "}")
    days = (f'{{"date":"{day}","slots":[{",".join(slots[day])}]}}' for day in dates(free, zone))
    first = (f'{slot(s.start, s.staff_ids)},"because":"{s.because}"}}' for s in free.suggested)
    return (
        f'{{"service_id":"{service_id}","time_zone":{json.dumps(time_zone)},'
        f'"suggestions":[{",".join(first)}],"days":[{",".join(days)}]}}'
    )


@lru_cache(maxsize=65536)
def instant(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()[: len("2026-01-31T09:00:00")] + "Z"


@lru_cache(maxsize=65536)
def local_day(moment: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(moment, zone).date()


def dates(free: FreeTime, zone: ZoneInfo) -> Iterator[date]:
    """Every local date that the range touches, also those with nothing free."""
    first = local_day(free.range[0], zone)
    last = local_day(free.range[1] - 1, zone)
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)
