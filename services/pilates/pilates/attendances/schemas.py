from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, EmailStr, Field, StringConstraints, model_validator

from chassis.pages import PageRequest
from contracts.moments import TimeZone
from contracts.pilates import AttendanceStatus, CreditOutcome, PaidWith, PaymentStatus
from contracts.text import Line
from pilates.waitlist.schemas import WaitlistEntryView

LARGEST_PARTY = 20

Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9 ()/.-]{5,30}$")]
Email = Annotated[EmailStr, StringConstraints(max_length=254)]
Reason = Annotated[Line, StringConstraints(max_length=500)]
SpotIds = Annotated[list[UUID], Field(max_length=LARGEST_PARTY)]


class Guest(BaseModel, extra="forbid"):
    """A person as they introduce themselves; matched to a customer by e-mail."""

    name: Line
    email: Email
    phone: Phone | None = None
    time_zone: TimeZone | None = None
    """Where they are: mails say times there as well."""


class Companion(BaseModel, extra="forbid"):
    """Who comes along; without a name somebody's company."""

    customer_id: UUID | None = None
    name: Line | None = None
    email: Email | None = None
    phone: Phone | None = None

    @model_validator(mode="after")
    def has_a_name_to_the_email(self) -> Self:
        if self.email and not self.name:
            raise ValueError("who has an e-mail has a name")
        return self


class PlacesWrite(BaseModel, extra="forbid"):
    customer_id: UUID | None = None
    customer: Guest | None = None
    companions: list[Companion] = Field(default_factory=list, max_length=LARGEST_PARTY - 1)
    """Booked and paid for together with the customer: all of them or nobody."""
    spot_ids: SpotIds = Field(default_factory=list)
    """One for each, the customer's first; absent: any."""
    pay_with: Literal["credit", "at_studio", "nothing"] | None = None
    """Absent: a credit where the class costs one, nothing where it costs nothing."""
    join_waitlist: bool = Field(default=False, strict=True)
    """If there are not enough places, wait for them."""
    notify_customer: bool = Field(default=True, strict=True)

    @model_validator(mode="after")
    def names_one_customer(self) -> Self:
        if (self.customer_id is None) == (self.customer is None):
            raise ValueError("name either customer_id or customer")
        if len(self.spot_ids) not in (0, 1 + len(self.companions)):
            raise ValueError("name a spot for each, or for nobody")
        if len(set(self.spot_ids)) < len(self.spot_ids):
            raise ValueError("names a spot twice")
        return self


class GuestPlacesWrite(BaseModel, extra="forbid"):
    session_id: UUID
    customer: Guest
    companions: list[Companion] = Field(default_factory=list, max_length=LARGEST_PARTY - 1)
    spot_ids: SpotIds = Field(default_factory=list)
    join_waitlist: bool = Field(default=False, strict=True)

    @model_validator(mode="after")
    def knows_nobodys_id(self) -> Self:
        if any(one.customer_id for one in self.companions):
            raise ValueError("a guest's companions have names, not ids")
        if len(self.spot_ids) not in (0, 1 + len(self.companions)):
            raise ValueError("name a spot for each, or for nobody")
        if len(set(self.spot_ids)) < len(self.spot_ids):
            raise ValueError("names a spot twice")
        return self


class PlaceCancellation(BaseModel, extra="forbid"):
    on_behalf_of: Literal["business", "customer"] = "business"
    """The studio always gives back what was paid; the customer gets it back in time only."""
    whole_party: bool = Field(default=False, strict=True)
    reason: Reason | None = None
    notify_customer: bool = Field(default=True, strict=True)


class PlaceMove(BaseModel, extra="forbid"):
    session_id: UUID
    spot_id: UUID | None = None
    notify_customer: bool = Field(default=True, strict=True)


class SpotChange(BaseModel, extra="forbid"):
    spot_id: UUID
    notify_customer: bool = Field(default=True, strict=True)


class AttendanceFilter(PageRequest):
    status: AttendanceStatus | None = None
    customer_id: UUID | None = None


class AttendanceView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    uid: str
    version: int
    sequence: int
    status: AttendanceStatus
    session_id: UUID
    starts_at: datetime
    ends_at: datetime
    customer_id: UUID | None
    customer_name: str
    customer_email: str | None
    customer_phone: str | None
    party_id: UUID
    payer_id: UUID | None
    spot_id: UUID | None
    spot_label: str | None
    paid_with: PaidWith
    credits: int
    package_id: UUID | None
    package_name: str | None
    price_cents: int | None
    """Absent without `VIEW_FINANCIALS`."""
    payment_status: PaymentStatus
    pay_by: datetime | None
    decline_until: datetime | None
    booked_at: datetime
    cancelled_at: datetime | None
    cancellation_reason: str | None


class BookedPlaces(BaseModel):
    party_id: UUID | None
    attendances: list[AttendanceView]
    waitlist_entry: WaitlistEntryView | None = None
    """Where there were not enough places, and the customer waits for some."""
    checkout_url: str | None = None
    """As a guest's."""


class CancelledPlaces(BaseModel):
    attendances: list[AttendanceView]
    credit: CreditOutcome


class GuestPlaceView(BaseModel):
    """What the guest who booked may know."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    uid: str
    status: AttendanceStatus
    session_id: UUID
    starts_at: datetime
    ends_at: datetime
    customer_name: str
    spot_label: str | None
    paid_with: PaidWith
    price_cents: int
    payment_status: PaymentStatus
    pay_by: datetime | None


class GuestBookedPlaces(BaseModel):
    attendances: list[GuestPlaceView]
    waitlist_position: int | None = None
    checkout_url: str | None = None
    """POST there for the page to pay on; told once, to whoever books."""


class PackageReasons(BaseModel):
    package_id: UUID
    name: str
    reasons: list[str]


class PlaceReasons(BaseModel):
    """Why a customer can have a place or not: each answer on its own."""

    bookable: bool
    session_status: str
    capacity: int
    effective_capacity: int
    """What of it can be used: spots out of service are not."""
    booked: int
    offered: int
    """Kept for whoever has the offer."""
    free: int
    waiting: int
    begun: bool
    conflicts_with: list[UUID]
    """The customer's places at the same time."""
    credit_cost: int
    pays: UUID | None
    """The package that would pay: the eligible one that expires first."""
    packages: list[PackageReasons]
    waitlist_position: int | None
    skip_reason: str | None
    reasons: list[
        Literal[
            "not_open",
            "begun",
            "full",
            "under_offer",
            "party_too_large",
            "time_conflict",
            "no_credit",
        ]
    ]
