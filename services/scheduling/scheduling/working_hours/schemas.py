from datetime import time
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, field_validator

from scheduling.working_hours.weekly_overlap import overlapping

WallClock = Annotated[time, PlainSerializer(lambda at: at.isoformat("minutes"))]


class DailyHours(BaseModel, extra="forbid"):
    weekday: int = Field(strict=True, ge=0, le=6)
    """Monday is 0, as in ISO 8601 less one."""
    starts_at: WallClock
    ends_at: WallClock
    """Not after `starts_at` means the next day; 00:00 to 00:00 is the whole day."""

    @field_validator("starts_at", "ends_at")
    @classmethod
    def is_a_plain_minute(cls, at: time) -> time:
        if at.second or at.microsecond or at.tzinfo:
            raise ValueError("working hours are whole minutes of local time, without offset")
        return at


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
