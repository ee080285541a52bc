"""How long somebody has to answer, where nobody has to answer at night. Pure."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)


def answer_until(
    now: datetime, minutes: int, quiet_from: time | None, quiet_until: time | None, zone: str
) -> datetime:
    """The instant by which `minutes` outside quiet hours have passed, in UTC.

    Quiet hours are local times of each day, over midnight where they end before they begin. A
    local time that the clocks skip moves forward by the gap; one that happens twice means the
    first.
    """
    left = timedelta(minutes=minutes)
    if quiet_from is None or quiet_until is None or quiet_from == quiet_until:
        return now + left
    at = now
    day = now.astimezone(ZoneInfo(zone)).date() - ONE_DAY
    while True:
        begins = instant(datetime.combine(day, quiet_from), zone)
        over_midnight = quiet_until <= quiet_from
        ends = instant(datetime.combine(day + ONE_DAY * over_midnight, quiet_until), zone)
        if at + left <= begins:
            return at + left
        if begins < at < ends:
            at = ends
        elif at <= begins:
            left -= begins - at
            at = max(ends, begins)
        day += ONE_DAY


def instant(local: datetime, zone: str) -> datetime:
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
