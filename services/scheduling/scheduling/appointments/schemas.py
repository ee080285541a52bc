from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, EmailStr, Field, StringConstraints, model_validator

from chassis.pages import PageRequest
from contracts.moments import Moment, Start, TimeZone
from contracts.scheduling import AppointmentStatus, DepositStatus
from contracts.text import Line, Paragraphs
from scheduling.holds.holder import Holder
from scheduling.things_needed.needs import PayWith

Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9 ()/.-]{5,30}$")]
Answers = Annotated[dict[Line, Paragraphs], Field(max_length=40)]


class Guest(BaseModel, extra="forbid"):
    """A person as they introduce themselves; matched to a customer by e-mail."""

    name: Line
    email: Annotated[EmailStr, StringConstraints(max_length=254)]
    phone: Phone | None = None
    time_zone: TimeZone | None = None
    """Where they are: mails say times there as well."""


class GuestBooking(BaseModel, extra="forbid"):
    service_id: UUID
    staff_id: UUID | None = None
    """Absent: any staff member, the one with the fewest booked minutes that day."""
    starts_at: Start
    customer: Guest
    answers: Answers = Field(default_factory=dict)
    holder: Holder | None = None
    """The secret of the guest's own holds, which do not stand in their way. A live one of this
    very time is booked before anybody else's, also where notice has run out since it was held."""


class WalkIn(BaseModel, extra="forbid"):
    name: Line
    email: Annotated[EmailStr, StringConstraints(max_length=254)] | None = None
    phone: Phone | None = None


class AppointmentWrite(BaseModel, extra="forbid"):
    service_id: UUID
    staff_id: UUID | None = None
    starts_at: Start
    customer_id: UUID | None = None
    customer: WalkIn | None = None
    outside_hours: bool = Field(default=False, strict=True)
    """The studio means it: book outside working hours, in time off, beyond the daily limit, or
    while a connected calendar says busy. Only what is booked or held already is in the way.
    Anybody's time is taken of those who need not be overruled, if there are any."""
    notify_customer: bool = Field(default=True, strict=True)
    pay_with: PayWith | None = None
    """Absent: with credits if the service costs any. `at_studio` is its price, in money."""

    @model_validator(mode="after")
    def names_one_customer(self) -> "AppointmentWrite":
        if (self.customer_id is None) == (self.customer is None):
            raise ValueError("name either customer_id or customer")
        return self


class AppointmentFilter(PageRequest):
    model_config = ConfigDict(populate_by_name=True)

    begins: Moment | None = Field(default=None, alias="from")
    ends: Moment | None = Field(default=None, alias="to")
    staff_id: UUID | None = None
    service_id: UUID | None = None
    customer_id: UUID | None = None
    status: AppointmentStatus | None = None


class GuestAppointmentView(BaseModel):
    """What the guest who booked may know."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    uid: str
    status: AppointmentStatus
    starts_at: datetime
    ends_at: datetime
    service_id: UUID
    service_name: str
    staff_id: UUID
    staff_name: str
    price_cents: int
    currency: str
    deposit_cents: int
    deposit_status: DepositStatus
    pay_by: datetime | None
    """A deposit is awaited until then; from then on the time is somebody else's."""
    checkout_url: str | None = None
    """POST there for the page to pay on; told once, to whoever books."""
    is_settled: bool = True
    """Until it is, a machine is being asked for; then it is booked, or cancelled."""


class AppointmentView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    uid: str
    version: int
    sequence: int
    status: AppointmentStatus
    starts_at: datetime
    ends_at: datetime
    service_id: UUID
    service_name: str
    staff_id: UUID
    staff_name: str
    customer_id: UUID | None
    customer_name: str
    customer_email: str | None
    customer_phone: str | None
    price_cents: int | None
    deposit_cents: int | None
    """Both absent without `VIEW_FINANCIALS`."""
    deposit_status: DepositStatus
    pay_by: datetime | None
    currency: str
    series_id: UUID | None
    occurs_on: datetime | None
    """Which occurrence of its series: local time by the rule, wherever it has been moved."""
    resource_kinds: list[str]
    """It has a machine of each, held in pilates."""
    credits: int
    """What it costs of the customer's packages."""
    is_settled: bool
    """Until it is, machine and credit for its last change are being asked for."""
    refused: dict[str, Any] | None
    """Why it was not booked, or its last change not made: the problem (RFC 9457)."""
    answers: dict[str, str]
    booked_at: datetime
    cancelled_at: datetime | None
    cancellation_reason: str | None
