"""From what a person typed to an instant."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, PlainValidator

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


def range_of(begins: date, ends: date, zone: str) -> tuple[datetime, datetime]:
    """Half-open instants of a range; a bare date means the local day, the last one included."""
    last = ends if isinstance(ends, datetime) else ends + timedelta(days=1)
    return begin_of(begins, zone), begin_of(last, zone)


def begin_of(moment: date, zone: str) -> datetime:
    """Like `instant_of`, but a midnight that the clocks skip is when the day begins."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(0))
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def day_or_instant(typed: str | date) -> date:
    """A bare date stays one, so that a range can mean whole local days."""
    if not isinstance(typed, str):
        return typed
    if len(typed) == len("2026-01-31"):
        return date.fromisoformat(typed)
    return datetime.fromisoformat(typed)


Moment = Annotated[date, PlainValidator(day_or_instant, json_schema_input_type=str)]
"""`2026-10-25`, a local day, or `2026-10-25T09:00:00+01:00`, an instant."""

MAX_RANGE = timedelta(days=62)


class RangeRefused(Problem):
    status, title = 422, "The range is empty or longer than 62 days"


class MomentRange(BaseModel):
    """Bare dates include the last day; instants are half-open."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid")

    begins: Moment = Field(alias="from")
    ends: Moment = Field(alias="to")

    def in_zone(self, zone: str) -> tuple[datetime, datetime]:
        try:
            begins, ends = range_of(self.begins, self.ends, zone)
        except OverflowError as error:
            raise RangeRefused from error
        # The last day may have 25 hours.
        if not begins < ends <= begins + MAX_RANGE + timedelta(hours=1):
            raise RangeRefused
        return begins, ends
