from datetime import datetime, time
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from chassis.pages import PageRequest
from contracts.text import Line, Paragraphs

DAY_MINUTES = 24 * 60

Capacity = Annotated[int, Field(strict=True, ge=1, le=500)]
Duration = Annotated[int, Field(strict=True, ge=5, le=DAY_MINUTES)]
Kind = Annotated[Line, Field(max_length=60)]
WindowMinutes = Annotated[int, Field(strict=True, ge=0, le=90 * DAY_MINUTES)]
AnswerMinutes = Annotated[int, Field(strict=True, ge=5, le=7 * DAY_MINUTES)]


def whole_local_minute(moment: time) -> time:
    if moment.tzinfo is not None or moment.second or moment.microsecond:
        raise ValueError("is a local time of whole minutes, such as 22:00")
    return moment


LocalTime = Annotated[time, AfterValidator(whole_local_minute)]


class PropWrite(BaseModel):
    model_config = ConfigDict(from_attributes=True, extra="forbid")

    resource_id: UUID
    quantity: int = Field(strict=True, ge=1, le=1000)


def each_once(props: list[PropWrite]) -> list[PropWrite]:
    if len({prop.resource_id for prop in props}) < len(props):
        raise ValueError("names one prop twice")
    return props


Props = Annotated[list[PropWrite], Field(max_length=20), AfterValidator(each_once)]


class PoliciesWrite(BaseModel, extra="forbid"):
    credit_cost: int = Field(default=1, strict=True, ge=0, le=100)
    price_cents: int = Field(default=0, strict=True, ge=0, le=100_000_00)
    late_cancel_window_minutes: WindowMinutes = 12 * 60
    waitlist_mode: Literal["promote", "offer"] = "promote"
    waitlist_cutoff_minutes: WindowMinutes = 120
    offer_minutes: AnswerMinutes = 30
    decline_minutes: Annotated[int, Field(strict=True, ge=0, le=7 * DAY_MINUTES)] = 60
    quiet_from: LocalTime | None = None
    quiet_until: LocalTime | None = None
    largest_party: int = Field(default=4, strict=True, ge=1, le=20)
    props: Props = Field(default_factory=list)


class ClassWrite(PoliciesWrite):
    """What a template and a one-off session say alike."""

    name: Line
    description: Paragraphs = ""
    capacity: Capacity
    duration_minutes: Duration
    instructor_id: UUID | None = None
    room_id: UUID | None = None
    spot_kind: Kind | None = None
    """The kind of machine that each attendee has to themselves; absent: none."""


class TemplateView(ClassWrite):
    model_config = ConfigDict(from_attributes=True, extra="ignore")

    id: UUID
    version: int
    archived_at: datetime | None


class TemplateFilter(PageRequest, extra="forbid"):
    archived: bool = False
    instructor_id: UUID | None = None
    room_id: UUID | None = None
