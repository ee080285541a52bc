"""Working hours on the wall clock of a zone, as instants in epoch seconds.

A local time that does not exist moves forward by the gap; one that happens twice means the first.
`fold=0`, the default of Python's datetime, is exactly this rule.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias
from zoneinfo import ZoneInfo

Interval: TypeAlias = tuple[int, int]
LocalRange: TypeAlias = tuple[time, time]
"""Ends the next day if it does not end after its start: 00:00 to 00:00 is a whole day."""
DatedHours: TypeAlias = Mapping[date, Iterable[LocalRange]]

ONE_DAY = timedelta(days=1)
MIDNIGHT = time(0)
NO_EXCEPTIONS: DatedHours = MappingProxyType({})


def working_intervals(
    weekly: Mapping[int, Iterable[LocalRange]],
    zone: str,
    first: date,
    last: date,
    exceptions: DatedHours = NO_EXCEPTIONS,
) -> list[Interval]:
    """Return the shifts that touch the dates `first` to `last`, each with when work ends after it.

    Sorted by when they open; those that overlap or touch are worked through, so they close
    together. Monday is 0. The hours of a date in `exceptions` replace its weekly hours, and an
    empty entry closes it. Nothing is cut at the bounds of the range: the night shift that began
    on the eve of `first` is among them, so that its slots are the same whichever dates are asked
    for. When a shift opens never depends on those dates.
    """
    eve = first - ONE_DAY
    opens_at, _ = day_bounds(zone, first)
    shifts = sorted(
        _shift(zone, day, *hours)
        for day in (eve + timedelta(days=n) for n in range((last - eve).days + 1))
        for hours in exceptions.get(day, weekly.get(day.weekday(), ()))
    )
    return [(begins, ends) for begins, ends in _worked_through(shifts) if ends > opens_at]


@lru_cache(maxsize=4096)
def day_bounds(zone: str, day: date) -> Interval:
    """Return the instants between which it is `day`: mostly 24 hours apart, not always."""
    return _instant(zone, day, MIDNIGHT), _instant(zone, day + ONE_DAY, MIDNIGHT)


def day_instants(zone: str, day: date) -> tuple[datetime, datetime]:
    """The same in UTC."""
    begins, ends = day_bounds(zone, day)
    return datetime.fromtimestamp(begins, UTC), datetime.fromtimestamp(ends, UTC)


@lru_cache(maxsize=16384)
def _shift(zone: str, day: date, starts_at: time, ends_at: time) -> Interval:
    last_day = day if ends_at > starts_at else day + ONE_DAY
    return _instant(zone, day, starts_at), _instant(zone, last_day, ends_at)


def _instant(zone: str, day: date, at: time) -> int:
    return int(datetime.combine(day, at, ZoneInfo(zone)).timestamp())


def _worked_through(shifts: Iterable[Interval]) -> list[Interval]:
    found: list[Interval] = []
    opens: list[int] = []
    closes = 0
    for begins, ends in shifts:
        if begins >= ends:  # A gap in the clock can swallow a whole shift.
            continue
        if opens and begins > closes:
            found += [(earlier, closes) for earlier in opens]
            opens.clear()
        closes = max(closes, ends) if opens else ends
        if begins not in opens[-1:]:
            opens.append(begins)
    return [*found, *((earlier, closes) for earlier in opens)]
