import datetime as dt
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from contracts.moments import MomentRange, Start, TimeZone
from scheduling.holds.holder import Holder
from scheduling.slots.refusal import Refusal


class AvailabilityQuery(MomentRange):
    service_id: UUID
    staff_id: UUID | None = None
    """Absent: any staff member who offers the service."""
    time_zone: TimeZone | None = None
    """The client's IANA zone, by whose days the answer is sorted; absent: the business's."""


class PublicAvailabilityQuery(AvailabilityQuery):
    holder: Holder | None = None
    """Its own holds are shown to it as free."""


class Slot(BaseModel):
    starts_at: dt.datetime
    ends_at: dt.datetime
    staff_ids: list[UUID]
    """Who is free then."""


class Suggestion(Slot):
    because: Literal["soonest", "no_gap"]
    """`no_gap`: it leaves its staff member no time too short to be sold."""


class Day(BaseModel):
    date: dt.date
    """A local date of `time_zone`."""
    slots: list[Slot]


class Availability(BaseModel):
    service_id: UUID
    time_zone: str
    suggestions: list[Suggestion]
    days: list[Day]


class ReasonsQuery(BaseModel, extra="forbid"):
    service_id: UUID
    starts_at: Start
    staff_id: UUID | None = None


class StaffReasons(BaseModel):
    staff_id: UUID
    free: bool
    reasons: list[Refusal]
    """Every one, not only the first."""


class Reasons(BaseModel):
    starts_at: dt.datetime
    staff: list[StaffReasons]
