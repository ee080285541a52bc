"""From what a person typed to an instant, and from an instant to what the wall shows."""

from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from chassis.problems import Problem


class NonexistentLocalTime(Problem):
    """`next_valid` is the same wall clock moved forward by the gap."""

    status, title = 422, "The clocks skip this local time"


def instant_of(moment: datetime, zone: str) -> datetime:
    """Read a wall-clock time in the zone, or take the instant that an offset already says.

    A local time that happens twice means the first.
    """
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    local = moment.replace(tzinfo=ZoneInfo(zone), fold=0)
    instant = local.astimezone(UTC)
    back = instant.astimezone(ZoneInfo(zone))
    if back.replace(tzinfo=None) != moment:
        raise NonexistentLocalTime(next_valid=back.isoformat())
    return instant


def on_wall_clock(moment: datetime, zone: str) -> datetime:
    """Without offset; of a doubled local time it does not tell which."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def local_date(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


class InZone(NamedTuple):
    instant: datetime
    moved_by_gap: bool


def in_zone(local: datetime, zone: str) -> InZone:
    """A local time that the clocks skip moves forward by the gap; a doubled one means the first."""
    instant = local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
    return InZone(instant, on_wall_clock(instant, zone) != local)
