"""Ranges of time as callers write them: whole local days, or instants."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Annotated, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    model_validator,
)

MAX_DAYS = 62
YEARS = range(1970, 2200)


NOWHERE = {"Factory", "localtime", "posixrules"}
"""In the database of zones, but no place keeps their time."""


@cache
def time_zones() -> frozenset[str]:
    return frozenset(available_timezones() - NOWHERE)


def check_time_zone(name: str) -> str:
    if name not in time_zones():
        raise ValueError("is not an IANA time zone, such as Europe/Berlin")
    return name


TimeZone = Annotated[str, Field(max_length=64), AfterValidator(check_time_zone)]


def day_or_instant(typed: str | date) -> date:
    """A bare date stays one; an instant needs an offset."""
    if not isinstance(typed, str):
        return typed
    if len(typed) == len("2026-01-31"):
        moment: date = date.fromisoformat(typed)
    else:
        moment = datetime.fromisoformat(typed)
        if moment.tzinfo is None:
            raise ValueError("needs an offset, such as Z or +01:00")
    if moment.year not in YEARS:
        raise ValueError(f"is not between {YEARS.start} and {YEARS.stop}")
    return moment


Moment = Annotated[
    date,
    PlainValidator(day_or_instant, json_schema_input_type=str),
    PlainSerializer(lambda moment: moment.isoformat(), when_used="json"),
]
"""`2026-10-25`, a local day of the business, or `2026-10-25T09:00:00+01:00`, an instant."""


def in_our_years(moment: datetime) -> datetime:
    if moment.year not in YEARS:
        raise ValueError(f"is not between {YEARS.start} and {YEARS.stop}")
    if moment.second or moment.microsecond:
        raise ValueError("is not a whole minute")
    return moment


Start = Annotated[datetime, AfterValidator(in_our_years)]
"""When a booking begins: an instant, or without an offset the wall clock of the business."""


def begin_of(moment: date, zone: str) -> datetime:
    """The instant in UTC; a day begins at the first local time it has."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(0), ZoneInfo(zone))
    return moment.astimezone(UTC)


def end_of(moment: date, zone: str) -> datetime:
    """Exclusive: a local day belongs to the range as a whole, an instant ends it."""
    if not isinstance(moment, datetime):
        moment += timedelta(days=1)
    return begin_of(moment, zone)


class MomentRange(BaseModel):
    """From a day to a day, the last one included, or half-open from an instant to another."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid")

    begins: Moment = Field(alias="from")
    ends: Moment = Field(alias="to")

    @model_validator(mode="after")
    def is_a_range(self) -> Self:
        if isinstance(self.begins, datetime) != isinstance(self.ends, datetime):
            raise ValueError("`from` and `to` are both days or both instants")
        whole_days = timedelta(days=0 if isinstance(self.ends, datetime) else 1)
        lasts = self.ends - self.begins + whole_days
        # One of 62 local days may have 25 hours.
        if not timedelta(0) < lasts <= timedelta(days=MAX_DAYS, hours=1):
            raise ValueError(f"`to` is after `from`, and at most {MAX_DAYS} days after")
        return self

    def in_zone(self, zone: str) -> tuple[datetime, datetime]:
        """Half-open instants in UTC."""
        return begin_of(self.begins, zone), end_of(self.ends, zone)
