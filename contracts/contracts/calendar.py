"""One entry shape for every service that has time to show, read at once or live."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from contracts.event import Event, Snapshot
from contracts.moments import MomentRange

BUSY = "Busy"
"""The title of time whose reader may not know more."""
HIDDEN = ("service_id", "customer_id", "customer_name", "booked", "capacity", "waiting")


class CalendarQuery(MomentRange):
    """What the gateway and every owner of time behind it are asked; no filter lets all pass."""

    staff: list[UUID] = Field(default_factory=list, max_length=100)
    service: list[UUID] = Field(default_factory=list, max_length=100)
    resource: list[UUID] = Field(default_factory=list, max_length=100)
    status: list[str] = Field(default_factory=list, max_length=10)
    """Absent: all but the cancelled."""


class CalendarEntry(Snapshot):
    """`[starts_at, ends_at)` of one booking, session or absence."""

    source: Literal["scheduling", "pilates"]
    kind: Literal["appointment", "class_session", "time_off", "busy"]
    """`busy` comes from a calendar that a staff member has connected."""
    id: UUID
    """Occurrences of recurring time off share it; with `starts_at` it is unique."""
    title: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    status: str
    staff_id: UUID | None = None
    """Absent: the whole business, as on a closure."""
    service_id: UUID | None = None
    resource_id: UUID | None = None
    customer_id: UUID | None = None
    customer_name: str | None = None
    booked: int | None = None
    capacity: int | None = None
    waiting: int | None = None
    """Places of a class session that are taken, all that there are, and how many wait for one."""
    conflict: bool = False
    """It overlaps time off, or a connected calendar, of its staff member."""
    version: int
    """The newer of two entries has the greater one. Of a class session it counts places as well,
    so it is not what `If-Match` wants."""

    def as_busy(self) -> "CalendarEntry":
        """What a member without `MANAGE_CALENDAR` sees of somebody else's time."""
        hidden = dict.fromkeys(HIDDEN)
        return self.model_copy(update={"title": BUSY, "conflict": False, **hidden})


class CalendarEntries(BaseModel):
    entries: list[CalendarEntry]


class CalendarEntryChanged(Event):
    """What the live calendar shows; leaves in the transaction of the change.

    `conflict` is left open here: it depends on more than the entry.
    """

    entry: CalendarEntry
    removed: bool = False
    """It is in no calendar any more, not even as cancelled."""


class SchedulingEntryChanged(CalendarEntryChanged):
    subject: ClassVar = "scheduling.calendar-entry.changed.v1"


class CalendarRangeChanged(Event):
    """Too much changed for single entries, as by recurring time off: read this range again."""

    begins: AwareDatetime
    ends: AwareDatetime
    staff_id: UUID | None = None
    """Absent: anybody's."""


class SchedulingRangeChanged(CalendarRangeChanged):
    subject: ClassVar = "scheduling.calendar-range.changed.v1"
