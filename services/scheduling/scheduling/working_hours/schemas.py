from datetime import time, timedelta
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, field_validator, model_validator

from scheduling.working_hours.local_date import LocalDate
from scheduling.working_hours.weekly_overlap import overlapping

MOST_DAYS = timedelta(days=366)
WallClock = Annotated[time, PlainSerializer(lambda at: at.isoformat("minutes"))]


class HoursRange(BaseModel, extra="forbid"):
    starts_at: WallClock
    ends_at: WallClock
    """Not after `starts_at` means the next day; 00:00 to 00:00 is the whole day."""

    @field_validator("starts_at", "ends_at")
    @classmethod
    def is_a_plain_minute(cls, at: time) -> time:
        if at.second or at.microsecond or at.tzinfo:
            raise ValueError("working hours are whole minutes of local time, without offset")
        return at


class DailyHours(HoursRange):
    weekday: int = Field(strict=True, ge=0, le=6)
    """Monday is 0, as in ISO 8601 less one."""


class WeeklyHours(BaseModel, extra="forbid"):
    weekly: list[DailyHours] = Field(max_length=70)

    @field_validator("weekly")
    @classmethod
    def do_not_overlap(cls, weekly: list[DailyHours]) -> list[DailyHours]:
        ranges = [(hours.weekday, hours.starts_at, hours.ends_at) for hours in weekly]
        if overlapping(ranges):
            raise ValueError("two ranges overlap")
        return sorted(weekly, key=lambda hours: (hours.weekday, hours.starts_at))


class WorkingHoursView(WeeklyHours):
    model_config = ConfigDict(from_attributes=True, extra="ignore")

    version: int


class DateHours(BaseModel, extra="forbid"):
    ranges: list[HoursRange] = Field(max_length=10)
    """Empty: the person does not work on this date."""

    @field_validator("ranges")
    @classmethod
    def do_not_overlap(cls, ranges: list[HoursRange]) -> list[HoursRange]:
        if overlapping([(0, hours.starts_at, hours.ends_at) for hours in ranges]):
            raise ValueError("two ranges overlap")
        return sorted(ranges, key=lambda hours: hours.starts_at)


class DateHoursView(DateHours):
    model_config = ConfigDict(from_attributes=True, extra="ignore")

    date: LocalDate
    version: int


class DatesQuery(BaseModel):
    model_config = ConfigDict(populate_by_name=True, extra="forbid")

    first: LocalDate = Field(alias="from")
    last: LocalDate = Field(alias="to")

    @model_validator(mode="after")
    def is_a_range(self) -> Self:
        if not timedelta(0) <= self.last - self.first < MOST_DAYS:
            raise ValueError(
                f"`to` is not before `from`, and less than {MOST_DAYS.days} days after"
            )
        return self


class DatesView(BaseModel):
    dates: list[DateHoursView]
    """Those with hours of their own; on all others the week holds."""
