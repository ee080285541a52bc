from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from chassis.pages import PageRequest
from contracts.client_requests import ServiceForCustomer, SessionForCustomer
from contracts.moments import MomentRange, Start
from contracts.text import Line, Paragraphs
from portal.waitlist.schemas import WaitlistItem

Reason = Annotated[Line, StringConstraints(max_length=500)]
Answers = Annotated[dict[Line, Paragraphs], Field(max_length=40)]


class BookingFilter(PageRequest):
    when: Literal["upcoming", "past"] = "upcoming"
    """`past` has what is over or was cancelled, the latest first."""


class AtStake(BaseModel):
    """What is lost if it is cancelled after `free_until`; all empty: nothing."""

    credits: int = 0
    deposit_cents: int = 0
    """Also of a drop-in."""


class Ending(BaseModel):
    cancelled_by: Literal["business", "customer"] | None = None
    reason: str | None = None
    cause: str | None = None
    late: bool = False
    credit: str | None = None
    """What became of the credit: `returned`, `forfeited` or `none`."""
    not_held: str | None = None
    """Why a machine or a credit could not be had for it, such as `no-credit`."""


class WishedMove(BaseModel):
    starts_at: datetime
    not_held: str | None = None
    """Why it stays where it is, such as `machines-short`. Absent: that is still being found out."""


class BookingRead(BaseModel):
    id: UUID
    kind: Literal["appointment", "place"]
    version: int
    """The one to say in `If-Match`."""
    status: str
    title: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    """Of the business, in which it takes place."""
    with_name: str | None
    """Who gives it."""
    staff_id: UUID | None
    session_id: UUID | None
    room_name: str | None
    spot_label: str | None
    attendee: str
    """Somebody's company has places of their own."""
    party_id: UUID | None = None
    """Of places that were booked together."""
    price_cents: int
    currency: str
    credits: int
    package_name: str | None
    payment_status: str
    """Of the deposit, or of the drop-in."""
    pay_by: datetime | None
    pay_url: str | None
    """Where a browser pays, until `pay_by`; from then on the time or the place is not kept."""
    pay_cents: int | None
    """What is paid there; a party is paid for together."""
    free_until: datetime | None
    """Cancelled or moved until then, inclusive, it costs nothing. Absent while it is not known."""
    at_stake: AtStake
    may_cancel: bool
    """As it looks from here; the owner decides."""
    may_move: bool
    ending: Ending | None
    wished_move: WishedMove | None = None
    """The last one that could not be decided at once."""


class Cancellation(BaseModel, extra="forbid"):
    reason: Reason | None = None
    whole_party: bool = Field(default=False, strict=True)
    """Of a place: all that were booked together. One of them that one payment pays for does not go
    by itself, which is `409 paid-together`."""


class Move(BaseModel, extra="forbid"):
    """An appointment to another time, a place to another session."""

    starts_at: Start | None = None
    staff_id: UUID | None = None
    """Absent: the same staff member."""
    session_id: UUID | None = None
    spot_id: UUID | None = None


class NewBooking(BaseModel, extra="forbid"):
    """A place in a class, by its `session_id`, or an appointment: `service_id` and `starts_at`."""

    session_id: UUID | None = None
    spot_id: UUID | None = None
    """Absent: any."""
    join_waitlist: bool = Field(default=False, strict=True)
    """If there is no place, wait for one."""
    service_id: UUID | None = None
    starts_at: Start | None = None
    staff_id: UUID | None = None
    """Absent: whoever has the fewest booked minutes that day."""
    answers: Answers = Field(default_factory=dict)
    pay_with: Literal["credit", "at_studio"] | None = None
    """Absent: credits where it costs any. `at_studio` is its price in money, as a guest pays it:
    online where that is taken."""

    @model_validator(mode="after")
    def is_a_place_or_an_appointment(self) -> Self:
        given = self.model_dump(exclude_defaults=True).keys()
        if given & OF_PLACES and not given & OF_APPOINTMENTS and self.session_id:
            return self
        if given & OF_PLACES or not (self.service_id and self.starts_at):
            raise ValueError("name a session_id, or a service_id and a starts_at")
        return self


OF_PLACES = {"session_id", "spot_id", "join_waitlist"}
OF_APPOINTMENTS = {"service_id", "starts_at", "staff_id", "answers"}


class BookingOutcome(BaseModel):
    bookings: list[BookingRead]
    waitlist_entry: WaitlistItem | None
    """Where there was no place, and the client waits for one."""


class SlotRange(MomentRange):
    staff_id: UUID | None = None
    """Absent: everybody who gives it."""


class ClassRange(MomentRange):
    session_id: UUID | None = None
    """Only this one."""


class Slot(BaseModel):
    starts_at: datetime
    staff_ids: list[UUID]


class Staff(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str


class OpenSlots(BaseModel):
    time_zone: str
    lasts_minutes: int
    staff: list[Staff]
    slots: list[Slot]
    more_from: datetime | None
    """Ask again from there for what did not fit."""


class Slots(OpenSlots):
    booking_id: UUID


class Services(BaseModel):
    time_zone: str
    services: list[ServiceForCustomer]


class Classes(BaseModel):
    time_zone: str
    sessions: list[SessionForCustomer]
    more_from: datetime | None
