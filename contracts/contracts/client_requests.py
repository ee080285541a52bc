"""What a client does through the portal, asked of whoever owns it.

The owner decides: that it is this customer's, and that it is still in time by the owner's clock.
"""

from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.catalog import ContactPreferences, Customer, CustomQuestion
from contracts.event import Snapshot
from contracts.pilates import Attendance, WaitlistEntry
from contracts.request import Reply, Request
from contracts.scheduling import Appointment

ANY_VERSION = -1
"""Whatever it is like by now."""


class OfCustomer(Request):
    """What is not this customer's does not exist."""

    customer_id: UUID


class ByCustomer(OfCustomer):
    """A change: asked again with the same id, it is done once and answered alike.

    Asked with the same id for something else, it is refused.
    """

    request_id: UUID


# Of scheduling.


class AppointmentReply(Reply):
    appointment: Appointment
    """As it is now, as the event says that is on its way."""
    settling: bool = False
    """As it was before: a machine or a credit is still being asked for. `AppointmentRescheduled`
    says that it was had, `AppointmentKept` that it was not."""


class CancelAppointmentAsCustomer(ByCustomer):
    """Until it begins; from the cancellation window on its deposit and credits are forfeited."""

    subject: ClassVar = "ask.scheduling.cancel-as-customer"
    reply: ClassVar = AppointmentReply

    appointment_id: UUID
    version_seen: int = ANY_VERSION
    reason: str | None = None


class RescheduleAppointmentAsCustomer(ByCustomer):
    """Only before the cancellation window, and only to what would be offered to a guest."""

    subject: ClassVar = "ask.scheduling.reschedule-as-customer"
    reply: ClassVar = AppointmentReply

    appointment_id: UUID
    version_seen: int = ANY_VERSION
    starts_at: AwareDatetime
    staff_id: UUID | None = None
    """Absent: the same staff member."""


class AppointmentSlot(Snapshot):
    starts_at: AwareDatetime
    staff_ids: list[UUID]


class StaffName(Snapshot):
    id: UUID
    name: str


class AppointmentSlots(Reply):
    lasts_minutes: int
    staff: list[StaffName]
    slots: list[AppointmentSlot]
    more_from: AwareDatetime | None = None
    """Ask again from there for what did not fit."""


class ReadAppointmentSlots(OfCustomer):
    """Where this appointment could be moved to; its own time does not stand in its way."""

    subject: ClassVar = "ask.scheduling.slots-of-appointment"
    reply: ClassVar = AppointmentSlots

    appointment_id: UUID
    begins: AwareDatetime
    ends: AwareDatetime
    staff_id: UUID | None = None
    """Absent: everybody who gives the service."""


class ServiceForCustomer(Snapshot):
    """What the business offers on one of its published pages."""

    id: UUID
    name: str
    lasts_minutes: int
    price_cents: int
    """Of a booking that credits do not pay."""
    currency: str
    credit_cost: int
    """Of a customer's packages; 0: it is paid in money alone."""
    deposit_cents: int
    """What of the price is paid before a booking stands; 0 where nobody takes payments."""
    requires_approval: bool
    """The studio says yes to each booking."""
    cancellation_window_minutes: int
    questions: list[CustomQuestion]
    staff: list[StaffName]


class ServicesForCustomer(Reply):
    services: list[ServiceForCustomer]


class ReadServicesForCustomer(OfCustomer):
    subject: ClassVar = "ask.scheduling.services-for-customer"
    reply: ClassVar = ServicesForCustomer


class ReadServiceSlots(OfCustomer):
    """When this service can be booked: what a guest would be offered."""

    subject: ClassVar = "ask.scheduling.slots-of-service"
    reply: ClassVar = AppointmentSlots

    service_id: UUID
    begins: AwareDatetime
    ends: AwareDatetime
    staff_id: UUID | None = None
    """Absent: everybody who gives it."""


class BookingReply(Reply):
    appointment: Appointment | None = None
    """As it is now. Absent: it is not booked, and as if it had never been."""
    settling: bool = False
    """Its time is taken, and a machine or a credit for it is being asked for. As long as nobody
    asks for its settlement it is done within seconds, and an event says how it ended."""
    pay_url: str | None = None
    """Where a browser pays the awaited deposit; told once."""
    problem: dict[str, Any] | None = None
    """RFC 9457: why machine or credit cannot be had."""


class BookAppointmentAsCustomer(ByCustomer):
    """What `ReadServiceSlots` offers is accepted, as long as nobody else has booked it."""

    subject: ClassVar = "ask.scheduling.book-appointment-as-customer"
    reply: ClassVar = BookingReply

    service_id: UUID
    starts_at: AwareDatetime
    staff_id: UUID | None = None
    """Absent: whoever has the fewest booked minutes that day."""
    pay_with: Literal["credit", "at_studio"] | None = None
    """Absent: with credits where it costs any. Else in money, as a guest: online where that is
    taken."""
    answers: dict[str, str] = Field(default_factory=dict)


class SettleAppointmentAsCustomer(ByCustomer):
    """Asked at once for what is settling, by who waits for it, with the same `request_id`.

    What cannot be had is answered and then forgotten, so that the same may be asked again.
    """

    subject: ClassVar = "ask.scheduling.settle-appointment-as-customer"
    reply: ClassVar = BookingReply

    appointment_id: UUID
    waits_no_longer: bool = False
    """Still settling, it is then expected: an event says how it ended, also that it was not had."""


# Of pilates.


class PlacesReply(Reply):
    attendances: list[Attendance]
    entry: WaitlistEntry | None = None
    """Where the customer waits for a place, or did until now."""
    pay_url: str | None = None
    """Where a browser pays before `pay_by`; told once. Absent: there is nothing to pay now."""
    pay_cents: int | None = None
    """What is paid there, for all of them."""


class BookPlaceAsCustomer(ByCustomer):
    """One place."""

    subject: ClassVar = "ask.pilates.book-place-as-customer"
    reply: ClassVar = PlacesReply

    session_id: UUID
    spot_id: UUID | None = None
    pay_with: Literal["credit", "at_studio"] | None = None
    """Absent: a credit where the class costs one."""
    join_waitlist: bool = False
    """If there is no place, wait for one."""


class CancelPlaceAsCustomer(ByCustomer):
    """Until the class begins; after `free_until` what paid for it is forfeited.

    Places that one drop-in pays for are cancelled together: else `paid-together`, which names them.
    """

    subject: ClassVar = "ask.pilates.cancel-place-as-customer"
    reply: ClassVar = PlacesReply

    attendance_id: UUID
    version_seen: int = ANY_VERSION
    whole_party: bool = False
    reason: str | None = None


class MovePlaceAsCustomer(ByCustomer):
    """To another session that costs as much, until `free_until`."""

    subject: ClassVar = "ask.pilates.move-place-as-customer"
    reply: ClassVar = PlacesReply

    attendance_id: UUID
    version_seen: int = ANY_VERSION
    session_id: UUID
    spot_id: UUID | None = None


class AcceptOfferAsCustomer(ByCustomer):
    subject: ClassVar = "ask.pilates.accept-offer-as-customer"
    reply: ClassVar = PlacesReply

    entry_id: UUID


class DeclineOfferAsCustomer(ByCustomer):
    subject: ClassVar = "ask.pilates.decline-offer-as-customer"
    reply: ClassVar = PlacesReply

    entry_id: UUID


class LeaveWaitlistAsCustomer(ByCustomer):
    subject: ClassVar = "ask.pilates.leave-waitlist-as-customer"
    reply: ClassVar = PlacesReply

    entry_id: UUID


class WaitlistPosition(Snapshot):
    entry_id: UUID
    position: int
    """1 is next."""


class WaitlistPositions(Reply):
    positions: list[WaitlistPosition]


class ReadWaitlistPositions(OfCustomer):
    """Of everything the customer waits for. It changes as others leave, which no event tells."""

    subject: ClassVar = "ask.pilates.waitlist-positions"
    reply: ClassVar = WaitlistPositions


class SessionSpot(Snapshot):
    id: UUID
    label: str
    x: int | None
    y: int | None
    state: Literal["free", "taken", "out_of_service"]


class SessionForCustomer(Snapshot):
    id: UUID
    template_id: UUID | None
    name: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    instructor_name: str | None
    room_name: str | None
    credit_cost: int
    price_cents: int
    currency: str
    free: int
    """Places that are left."""
    waiting: int
    mine: Literal["booked", "waiting"] | None
    spots: list[SessionSpot] = Field(default_factory=list)
    """Those that can be chosen; none where places are not chosen."""


class SessionsForCustomer(Reply):
    sessions: list[SessionForCustomer]
    more_from: AwareDatetime | None = None


class ReadSessionsForCustomer(OfCustomer):
    """Published sessions that begin within the range and have not begun."""

    subject: ClassVar = "ask.pilates.sessions-for-customer"
    reply: ClassVar = SessionsForCustomer

    begins: AwareDatetime
    ends: AwareDatetime
    session_id: UUID | None = None
    """Only this one, whenever it is."""


# Of catalog.


class ProfileReply(Reply):
    customer: Customer


class ReadProfile(OfCustomer):
    subject: ClassVar = "ask.catalog.profile"
    reply: ClassVar = ProfileReply


class ChangeProfileAsCustomer(ByCustomer):
    """All of it, as it is to be; the e-mail is changed by confirming the new one."""

    subject: ClassVar = "ask.catalog.change-profile-as-customer"
    reply: ClassVar = ProfileReply

    version_seen: int = ANY_VERSION
    name: str
    phone: str | None
    locale: str | None
    time_zone: str | None
    contact_preferences: ContactPreferences


class ChangeEmailAsCustomer(ByCustomer):
    """Refused where another customer has the address by now."""

    subject: ClassVar = "ask.catalog.change-email-as-customer"
    reply: ClassVar = ProfileReply

    email: str
