"""When something recurs, occurrence by occurrence: wall-clock time by a rule, as instants.

The rule is counted out on the wall clock by dateutil, and each occurrence then read in the zone:
a local time that does not exist moves forward by the gap, one that happens twice means the first.
"""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import islice, pairwise, takewhile
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from calendaring.recurrence_rule import END, local_time, parts_of
from contracts.moments import YEARS

Interval: TypeAlias = tuple[int, int]
ONE_DAY = timedelta(days=1)
STEP = {"DAILY": ONE_DAY, "WEEKLY": 7 * ONE_DAY}
RAREST = timedelta(days=3653)
"""Ten years: to find what comes more rarely takes longer than it is worth."""
LOOKED_AT = 400
"""Occurrences that are compared with the next one: a year of days and some."""


class Recurrence(NamedTuple):
    """On the wall clock; without rule its one occurrence."""

    starts_at: datetime
    ends_at: datetime
    rule: str | None = None
    over_at: datetime | None = None
    """No occurrence ends later; absent: it goes on."""
    except_dates: tuple[date, ...] = ()

    @property
    def lasts(self) -> timedelta:
        return self.ends_at - self.starts_at


def occurrences(series: Recurrence, zone: str, begins: int, ends: int) -> list[Interval]:
    """What of it touches `[begins, ends)`, in epoch seconds, sorted."""
    if series.rule is None:
        found = [(_instant(series.starts_at, zone), _instant(series.ends_at, zone))]
    else:
        earliest = begins - int((series.lasts + ONE_DAY).total_seconds())
        local = ZoneInfo(zone)
        first = max(datetime.fromtimestamp(earliest, local).year, series.starts_at.year)
        found = []
        for year in range(first, datetime.fromtimestamp(ends, local).year + 1):
            known = _year(series, zone, year)
            found += known[bisect_left(known, (earliest,)) : bisect_left(known, (ends,))]
    return [one for one in found if one[0] < ends and begins < one[1]]


@lru_cache(maxsize=1024)
def _year(series: Recurrence, zone: str, year: int) -> tuple[Interval, ...]:
    """Those that begin in a local year, kept since every slot asks for the same ones."""
    begins, ends = datetime(year, 1, 1), datetime(year + 1, 1, 1)  # noqa: DTZ001
    if series.over_at:
        ends = min(ends, series.over_at - series.lasts + timedelta(seconds=1))
    local = takewhile(lambda at: at < ends, _from(series, begins))
    instants = (
        (_instant(at, zone), _instant(at + series.lasts, zone))
        for at in local
        if at >= begins and at.date() not in series.except_dates
    )
    return tuple((starts, over) for starts, over in instants if starts < over)


def _from(series: Recurrence, begins: datetime) -> Iterator[datetime]:
    """Wall-clock starts without end, from soon before `begins`, however old the rule is."""
    rule, starts_at = _unending(series), series.starts_at
    if step := STEP.get(rule["FREQ"]):
        # To begin whole intervals later changes nothing of what comes then.
        step *= int(rule.get("INTERVAL", 1))
        starts_at += max(0, (begins - starts_at) // step - 1) * step
    return _counted_out(rule, starts_at)


def _unending(series: Recurrence) -> dict[str, str]:
    return {name: value for name, value in parts_of(series.rule or "").items() if name not in END}


def _counted_out(rule: dict[str, str], starts_at: datetime) -> Iterator[datetime]:
    written = ";".join(f"{name}={value}" for name, value in rule.items())
    return iter(rrulestr(written, dtstart=starts_at))


def _instant(at: datetime, zone: str) -> int:
    return int(at.replace(tzinfo=ZoneInfo(zone)).timestamp())


def ending(series: Recurrence) -> datetime | None:
    """When it is over for good, by the wall clock; None: never. Ask for its `refusal` first."""
    rule = parts_of(series.rule) if series.rule else {"COUNT": "1"}
    if "UNTIL" in rule:
        return local_time(rule["UNTIL"]) + series.lasts
    if "COUNT" not in rule:
        return None
    if rule["COUNT"] == "1":
        return series.ends_at
    starts = islice(_counted_out(_unending(series), series.starts_at), int(rule["COUNT"]))
    *_, last = takewhile(lambda at: at.year <= YEARS.stop, starts)
    return last + series.lasts


def refusal(series: Recurrence) -> str | None:
    """Why this cannot be the rule of what begins so; each look at it is bounded."""
    rule, first = _unending(series), series.starts_at
    # By day and week it is soon clear; by month and year only the period of the start is looked
    # at, because a rule such as February 30th would be searched for until the end of time.
    once = "1" if rule["FREQ"] in STEP else "10000"
    if next(_counted_out(rule | {"INTERVAL": once}, first), None) != first:
        return "starts_at is no occurrence of the rule"
    starts = list(islice(_counted_out(rule, first), 2))
    if len(starts) < 2 or starts[1] > first + RAREST:
        return "the rule comes more rarely than every ten years"
    until = parts_of(series.rule or "").get("UNTIL")
    if until and local_time(until) < first:
        return "UNTIL is before starts_at"
    soon = takewhile(lambda at: at < first + RAREST, _counted_out(rule, first))
    if any(then - at < series.lasts for at, then in pairwise(islice(soon, LOOKED_AT))):
        return "it lasts longer than the time from one occurrence to the next"
    return None
