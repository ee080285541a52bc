from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from contracts.pilates import WaitlistStatus
from portal.bookings.schemas import AtStake, BookingRead


class ManagedBooking(BaseModel):
    """What is needed to cancel or move it, and nothing about whose it is."""

    kind: Literal["appointment", "place"]
    version: int
    """The one to say in `If-Match`."""
    status: str
    business_name: str
    title: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    with_name: str | None
    staff_id: UUID | None
    room_name: str | None
    spot_label: str | None
    currency: str
    pay_by: datetime | None
    pay_url: str | None
    """Where a browser pays, until `pay_by`; whoever holds the link may pay, as by the mail."""
    pay_cents: int | None
    free_until: datetime | None
    at_stake: AtStake
    may_cancel: bool
    may_move: bool


class ManagedWaiting(BaseModel):
    kind: Literal["waitlist_entry"] = "waitlist_entry"
    status: WaitlistStatus
    business_name: str
    title: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    position: int | None
    offer_expires_at: datetime | None


Managed = ManagedBooking | ManagedWaiting


def managed(seen: BookingRead, business_name: str) -> ManagedBooking:
    known = seen.model_dump(include=set(ManagedBooking.model_fields))
    return ManagedBooking(**known, business_name=business_name)
