"""One entry shape for every service that has time to show."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from contracts.moments import MomentRange


class CalendarQuery(MomentRange):
    """What the gateway and every owner of time behind it are asked; no filter lets all pass."""

    staff: list[UUID] = Field(default_factory=list, max_length=100)
    service: list[UUID] = Field(default_factory=list, max_length=100)
    resource: list[UUID] = Field(default_factory=list, max_length=100)
    status: list[str] = Field(default_factory=list, max_length=10)
    """Absent: all but the cancelled."""


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
