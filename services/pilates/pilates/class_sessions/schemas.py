from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from chassis.pages import PageRequest
from contracts.moments import Moment, Start
from contracts.pilates import SessionStatus
from contracts.text import Line, Paragraphs
from pilates.class_templates.schemas import (
    Capacity,
    ClassWrite,
    Duration,
    Kind,
    PoliciesWrite,
    PropWrite,
)

ONE_OFF = ("name", "capacity", "duration_minutes")
NO_START = datetime.min.replace(tzinfo=UTC)
""""Absent" in a type that knows no absence, so that `null` is refused."""


class SessionWrite(ClassWrite):
    """From a template, and what is said beside it differs from it; or all of it is said."""

    template_id: UUID | None = None
    starts_at: Start
    name: Line = ""
    capacity: Capacity = 0
    duration_minutes: Duration = 0
    publish: bool = Field(default=True, strict=True)
    """False: a draft, which holds nothing and nobody."""

    @model_validator(mode="after")
    def says_enough(self) -> Self:
        missing = [name for name in ONE_OFF if name not in self.model_fields_set]
        if self.template_id is None and missing:
            raise ValueError(f"without a template it needs {', '.join(missing)}")
        return self


class SessionChange(PoliciesWrite):
    """What is absent stays as it is."""

    name: Line = ""
    description: Paragraphs = ""
    capacity: Capacity = 0
    starts_at: Start = NO_START
    duration_minutes: Duration = 0
    """Absent: it lasts as long as before."""
    instructor_id: UUID | None = None
    """Another one substitutes."""
    room_id: UUID | None = None
    spot_kind: Kind | None = None


class SessionPatch(SessionChange):
    notify_customers: bool = Field(default=True, strict=True)


class SessionCancellation(BaseModel, extra="forbid"):
    reason: Annotated[Line, Field(max_length=200)] | None = None
    notify_customers: bool = Field(default=True, strict=True)


class ConsequencesView(BaseModel):
    """What became of places and waiters, by their ids."""

    model_config = ConfigDict(from_attributes=True)

    moved: list[UUID]
    """Attendances that go on, at another time or on another spot."""
    cancelled: list[UUID]
    """Attendances that the studio had to cancel, with what paid for them given back."""
    without_spot: list[UUID]
    """Attendances whose machine is not there, and no other one is free."""
    promoted: list[UUID]
    """Waitlist entries that got a place, or the offer of one."""


class SessionFilter(PageRequest):
    model_config = ConfigDict(populate_by_name=True, extra="forbid")

    begins: Moment | None = Field(default=None, alias="from")
    ends: Moment | None = Field(default=None, alias="to")
    template_id: UUID | None = None
    series_id: UUID | None = None
    instructor_id: UUID | None = None
    room_id: UUID | None = None
    status: SessionStatus | None = None


class Proposed(BaseModel):
    """What is being asked for, and is not yet."""

    starts_at: AwareDatetime
    ends_at: AwareDatetime
    instructor_id: UUID | None
    instructor_name: str | None
    room_id: UUID | None
    room_name: str | None


class SessionView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    status: SessionStatus
    template_id: UUID | None
    series_id: UUID | None
    occurs_on: datetime | None
    """Local time by the rule of its series, wherever it has been moved."""
    overridden: list[str]
    """What was changed of it alone; a change of the series leaves that as it is."""
    name: str
    description: str
    starts_at: datetime
    ends_at: datetime
    instructor_id: UUID | None
    instructor_name: str | None
    room_id: UUID | None
    room_name: str | None
    spot_kind: str | None
    capacity: int
    effective_capacity: int
    """What of it can be used: machines that are out of service lower it."""
    booked: int
    offered: int
    """Places that are kept for those who have an offer."""
    free: int
    waiting: int
    """Entries of its waitlist, with those that have an offer."""
    credit_cost: int
    price_cents: int
    late_cancel_window_minutes: int
    waitlist_mode: Literal["promote", "offer"]
    waitlist_cutoff_minutes: int
    offer_minutes: int
    decline_minutes: int
    quiet_from: Any
    quiet_until: Any
    largest_party: int
    props: list[PropWrite]
    proposed: Proposed | None
    """What it is about to become, as soon as its instructor is held."""
    refused: dict[str, Any] | None
    """Why it was not published, or its last change not made."""
    consequences: ConsequencesView | None
    """Of the change that this answers; absent otherwise, and as long as it is open."""
    published_at: datetime | None
    cancelled_at: datetime | None
    cancellation_reason: str | None
