from uuid import UUID

from pydantic import Field

from contracts.scheduling import AppointmentStatus
from scheduling.local_time import MomentRange


class CalendarQuery(MomentRange):
    staff: list[UUID] = Field(default_factory=list, max_length=100)
    """Absent: everybody."""
    service: list[UUID] = Field(default_factory=list, max_length=100)
    resource: list[UUID] = Field(default_factory=list, max_length=100)
    """Appointments have none yet: asking for one leaves them out."""
    status: list[AppointmentStatus] = Field(default_factory=list, max_length=5)
    """Absent: all but the cancelled."""
