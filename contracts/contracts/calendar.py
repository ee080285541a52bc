"""One entry shape for every service that has time to show."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel


class CalendarEntry(BaseModel):
    """`[starts_at, ends_at)` of one booking, session or absence."""

    source: Literal["scheduling", "pilates"]
    kind: Literal["appointment", "class_session", "time_off"]
    id: UUID
    title: str
    """`Busy` where the reader may not know more."""
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    status: str
    staff_id: UUID | None = None
    service_id: UUID | None = None
    resource_id: UUID | None = None
    customer_id: UUID | None = None
    customer_name: str | None = None
    version: int


class CalendarEntries(BaseModel):
    entries: list[CalendarEntry]
