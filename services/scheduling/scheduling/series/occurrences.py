"""A rule counted out on the wall clock, and each occurrence then read in the business's zone."""

from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from scheduling.local_time import on_wall_clock
from scheduling.series.problems import SeriesRuleRefused
from scheduling.time_off import occurrences as time_off
from scheduling.time_off.recurrence_rule import parts_of

LONGEST = timedelta(days=2 * 366)
"""From the first start to the last."""


class InZone(NamedTuple):
    instant: datetime
    moved_by_gap: bool


def local_starts(rule: str, starts_at: datetime, lasts: timedelta) -> list[datetime]:
    """As many as its COUNT says, the first of them `starts_at`. Raises SeriesRuleRefused."""
    counted = time_off.Series(starts_at, starts_at + lasts, rule)
    if reason := time_off.refusal(counted):
        raise SeriesRuleRefused(f"{reason[0].upper()}{reason[1:]}.")
    count = int(parts_of(rule)["COUNT"])
    in_time = takewhile(
        lambda start: start - starts_at <= LONGEST, iter(rrulestr(rule, dtstart=starts_at))
    )
    starts = list(islice(in_time, count))
    if len(starts) < count:
        raise SeriesRuleRefused("A series ends within two years.", fits=len(starts))
    return starts


def in_zone(local: datetime, zone: str) -> InZone:
    """A local time that the clocks skip moves forward by the gap; a doubled one means the first."""
    instant = local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
    return InZone(instant, on_wall_clock(instant, zone) != local)
