from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, model_validator

from contracts.text import Line
from pilates.class_sessions.schemas import SessionChange
from pilates.class_templates.schemas import ClassWrite

Scope = Literal["this", "this_and_future", "all"]
"""Of a series: `all` is all that is still to come; what was changed alone keeps its change."""
Token = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class ChangesWrite(BaseModel, extra="forbid"):
    scope: Scope
    change: SessionChange | None = None
    cancel: bool = Field(default=False, strict=True)
    reason: Annotated[Line, Field(max_length=200)] | None = None
    """Of the cancellation."""
    notify_customers: bool = Field(default=True, strict=True)
    token: Token | None = None
    """Of the plan that was looked at; absent: nothing is written, and the plan is the answer."""

    @model_validator(mode="after")
    def wants_one_thing(self) -> Self:
        if (self.change is None) != self.cancel:
            raise ValueError("say either `change` or `cancel`")
        if self.change is not None and not self.change.model_fields_set:
            raise ValueError("the change says nothing")
        return self


class TemplateChangesWrite(BaseModel, extra="forbid"):
    template: ClassWrite
    """All of it, as it is to be."""
    notify_customers: bool = Field(default=True, strict=True)
    token: Token | None = None
    """Of the plan that was looked at; absent: nothing is written, and the plan is the answer."""


class PlannedPlace(BaseModel):
    attendance_id: UUID | None
    """Absent of one that is booked by it."""
    version: int
    customer_name: str
    becomes: Literal["moved", "cancelled", "booked"]
    """`booked` is promoted from the waitlist."""
    credits_returned: int = 0
    refund_cents: int = 0


class PlannedSession(BaseModel):
    session_id: UUID
    version: int
    occurs_on: datetime | None
    starts_at: datetime
    becomes: dict[str, Any]
    """What would be different of it, and how."""
    cancelled: bool = False
    keeps: list[str] = Field(default_factory=list)
    """What was changed of it alone, and stays as it is."""
    conflict: dict[str, Any] | None = None
    """RFC 9457: why it is not possible."""
    places: list[PlannedPlace] = Field(default_factory=list)
    offered: list[UUID] = Field(default_factory=list)
    """Waitlist entries that would be offered a place."""
    waiting_over: list[UUID] = Field(default_factory=list)
    """Waitlist entries that end with the session."""


class Plan(BaseModel):
    """What would be moved, cancelled and refunded, and who would get a mail."""

    sessions: list[PlannedSession]
    moves: int
    """Sessions that get another time."""
    cancellations: int
    """Sessions that are cancelled."""
    places_cancelled: int
    credits_returned: int
    refunds_cents: int
    currency: str
    mails: int
    """To clients."""
    conflicts: int
    token: str | None
    """To apply it; absent while there are conflicts."""
    applied: bool = False
