"""What scheduling tells the others, and what it can be asked: people's time."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime

from contracts.event import Event, Snapshot
from contracts.portal import CustomerErased
from contracts.receipts import Receipt
from contracts.request import Reply, Request

AppointmentStatus = Literal["pending", "confirmed", "cancelled", "completed", "no_show"]
DepositStatus = Literal["none", "awaited", "paid", "forfeited", "refund_due", "refunded"]
"""`forfeited`: kept by the studio after a late cancellation."""


class Appointment(Snapshot):
    """One customer's private booking, with all that a mail or a feed says about it."""

    id: UUID
    version: int
    uid: str
    """RFC 5545 UID: one per booking, for ever."""
    sequence: int
    """RFC 5545 SEQUENCE: grows by one with each change of time, staff or status."""
    status: AppointmentStatus
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    service_id: UUID
    service_name: str
    staff_id: UUID
    staff_name: str
    customer_id: UUID | None
    """Unknown while a guest who has booked has not yet been matched to a customer."""
    customer_name: str
    customer_email: str | None
    customer_phone: str | None
    customer_time_zone: str | None = None
    """IANA name of where a guest was, as their browser said; of a customer, catalog knows."""
    price_cents: int
    currency: str
    deposit_cents: int = 0
    deposit_status: DepositStatus = "none"
    pay_by: AwareDatetime | None = None
    """A pending appointment whose deposit is awaited is gone iff `now >= pay_by`."""
    series_id: UUID | None = None
    hold_version: int = 0
    """The hold on machines and credits that stands; those of lower versions are released."""
    credits: int = 0
    """What it costs of the customer's packages."""
    business_name: str
    time_zone: str
    locale: str


class AppointmentEvent(Event):
    appointment: Appointment
    notify_customer: bool = True
    """False where the studio asked for silence, as when it records a past appointment."""


class AppointmentRequested(AppointmentEvent):
    """A pending appointment holds its time and waits for the studio."""

    subject: ClassVar = "scheduling.appointment.requested.v1"
    pay_url: str | None = None
    """Where a browser pays the awaited deposit; whoever has it may pay. Absent: none is asked."""


class AppointmentConfirmed(AppointmentEvent):
    subject: ClassVar = "scheduling.appointment.confirmed.v1"


class AppointmentRescheduled(AppointmentEvent):
    """Another time, another length or another staff member: what is absent has not changed."""

    subject: ClassVar = "scheduling.appointment.rescheduled.v1"
    previous_starts_at: AwareDatetime
    previous_ends_at: AwareDatetime | None = None
    previous_staff_id: UUID | None = None
    previous_staff_name: str | None = None


class AppointmentKept(AppointmentEvent):
    """It was said that it would be moved, if it can; it cannot, and stays as it was."""

    subject: ClassVar = "scheduling.appointment.kept.v1"
    wished_starts_at: AwareDatetime
    not_held: str
    """Why machine or credit cannot be had then, as of a cancellation."""


class AppointmentCancelled(AppointmentEvent):
    subject: ClassVar = "scheduling.appointment.cancelled.v1"
    cancelled_by: Literal["business", "customer"]
    reason: str | None = None
    cause: Literal["requested", "deposit_not_paid"] = "requested"
    not_held: str | None = None
    """Why machine or credit could not be had for it, by the name of the problem such as
    `machines-short` or `no-credit`; absent where that is not why."""
    was_confirmed: bool = True
    """False of what was still pending: it is in nobody's calendar, and by the business declined."""
    late: bool = False
    """By the customer, inside the cancellation window: deposit and credits are forfeited."""


class AppointmentCompleted(AppointmentEvent):
    subject: ClassVar = "scheduling.appointment.completed.v1"


class AppointmentMissed(AppointmentEvent):
    """The customer did not come: `no_show`."""

    subject: ClassVar = "scheduling.appointment.missed.v1"


class AppointmentReopened(AppointmentEvent):
    """Completed, missed or cancelled by mistake, it is confirmed again."""

    subject: ClassVar = "scheduling.appointment.reopened.v1"


class AppointmentsErased(CustomerErased):
    """Scheduling's answer to `ErasureRequested`: appointments stay, and nobody's name on them."""

    subject: ClassVar = "scheduling.appointments.erased.v1"


class DepositPaid(Event):
    subject: ClassVar = "scheduling.deposit.paid.v1"
    appointment: Appointment
    receipt: Receipt


class DepositRefunded(Event):
    subject: ClassVar = "scheduling.deposit.refunded.v1"
    appointment: Appointment
    receipt: Receipt
    cause: Literal["paid_too_late", "cancelled", "by_the_studio", "not_owed"]


class FutureBookings(Reply):
    count: int


class CountFutureBookings(Request):
    """How many bookings that have not ended depend on this service, staff member or customer."""

    subject: ClassVar = "ask.scheduling.future-bookings"
    reply: ClassVar = FutureBookings

    noun: Literal["service", "staff_member", "customer"]
    id: UUID
    at: AwareDatetime
    """Future is after this instant: the asker's now."""


class SessionTime(Snapshot):
    """The instructor's time that one class session needs."""

    session_id: UUID
    hold_version: int
    staff_id: UUID
    starts_at: AwareDatetime
    ends_at: AwareDatetime


class SessionTimeRefused(Snapshot):
    session_id: UUID
    problem: dict[str, object]
    """RFC 9457: why not."""


class SessionTimesHeld(Reply):
    """All but the refused are held until an event of the session says which version stands."""

    refused: list[SessionTimeRefused]


class HoldSessionTimes(Request):
    """Asked again, what is held is held still. A version that was released stays released, and
    so does one that a later version of its session has overtaken.
    """

    subject: ClassVar = "ask.scheduling.session-times"
    reply: ClassVar = SessionTimesHeld

    sessions: list[SessionTime]
    at: AwareDatetime
    """The asker's now."""
    all_or_none: bool = False
    """If one is refused, nothing is held."""
    dry_run: bool = False
    """Hold nothing, and say what would be refused."""


class AppointmentHoldState(Reply):
    hold_version: int
    """The one that stands; 0 where none does."""
    pending_version: int | None
    """One that is still being decided."""


class ReadAppointmentHold(Request):
    """Asked by the holder of machines and credits at the hold's deadline."""

    subject: ClassVar = "ask.scheduling.appointment-hold"
    reply: ClassVar = AppointmentHoldState

    appointment_id: UUID
