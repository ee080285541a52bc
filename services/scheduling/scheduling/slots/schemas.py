import datetime as dt
from uuid import UUID

from pydantic import BaseModel

from contracts.moments import MomentRange


class AvailabilityQuery(MomentRange):
    service_id: UUID
    staff_id: UUID | None = None
    """Absent: any staff member who offers the service."""


class Slot(BaseModel):
    starts_at: dt.datetime
    ends_at: dt.datetime
    staff_ids: list[UUID]
    """Who is free then."""


class Day(BaseModel):
    date: dt.date
    """A local date of the business."""
    slots: list[Slot]


class Availability(BaseModel):
    service_id: UUID
    time_zone: str
    days: list[Day]
