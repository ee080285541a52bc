from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, EmailStr, Field, StringConstraints

from contracts.moments import Start
from contracts.text import Line
from scheduling.appointments.schemas import Answers, Phone
from scheduling.slots.refusal import Refusal

Scope = Literal["this", "this_and_future", "all"]
"""Of a series: `all` is all that is still to come; what was changed alone keeps its change."""


class Cancellation(BaseModel, extra="forbid"):
    reason: Annotated[str, StringConstraints(max_length=500)] | None = None
    notify_customer: bool = Field(default=True, strict=True)
    scope: Scope = "this"


class Reopening(BaseModel, extra="forbid"):
    notify_customer: bool = Field(default=True, strict=True)


class Reschedule(BaseModel, extra="forbid"):
    starts_at: Start
    ends_at: Start | None = None
    """Absent: it lasts as long as before."""
    staff_id: UUID | None = None
    """Absent: the same staff member."""
    outside_hours: bool = Field(default=False, strict=True)
    """The studio means it: move outside working hours, into time off, beyond the daily limit, or
    while a connected calendar says busy. Only what is booked or held already is in the way."""
    notify_customer: bool = Field(default=True, strict=True)
    scope: Scope = "this"


class AppointmentPatch(BaseModel, extra="forbid"):
    """What is absent stays as it is."""

    customer_name: Line = ""
    customer_email: Annotated[EmailStr, StringConstraints(max_length=254)] | None = None
    customer_phone: Phone | None = None
    answers: Answers = Field(default_factory=dict)
    """All of them, as they are to be."""


class Starts(BaseModel):
    """Every whole minute of `[begins, ends)`, as the instant at which it would begin."""

    begins: datetime
    ends: datetime


class RefusedStarts(Starts):
    reason: Refusal


class StaffMoves(BaseModel):
    """Together they are the whole range, without overlap."""

    staff_id: UUID
    allowed: list[Starts]
    refused: list[RefusedStarts]


class Moves(BaseModel):
    appointment_id: UUID
    version: int
    """Of the appointment that this is about: the one to say in `If-Match`."""
    staff: list[StaffMoves]
