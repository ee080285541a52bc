from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from contracts.text import Line
from scheduling.busy_calendars.fetch_policy import Failure


class BusyCalendarWrite(BaseModel, extra="forbid"):
    url: Annotated[SecretStr, Field(min_length=1, max_length=2000)]
    """Of an iCalendar file (https or webcal). Whoever has it can read it, so no answer has it."""
    name: Line


class BusyCalendarView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    host: str
    connected_at: datetime
    fetched_at: datetime | None
    """When it last could be."""
    next_fetch_at: datetime
    failure: Failure | None
    """Why the last try was in vain. What was known before goes on to block for seven days."""
    answered_status: int | None
    """The HTTP status that came instead of a calendar."""
    failures: int
    """Tries in vain since the last that was not."""
    known_until: datetime | None
    """Busy times that begin later do not block."""
    unreadable: int | None
    """Events that could not be understood and do not block; a series counts as one."""


class BusyCalendars(BaseModel):
    items: list[BusyCalendarView]
