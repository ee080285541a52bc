"""What pilates tells the others, and what it can be asked: things' time, places and credits."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime

from contracts.calendar import CalendarEntryChanged, CalendarRangeChanged
from contracts.event import Event, Snapshot
from contracts.portal import CustomerErased
from contracts.receipts import Receipt
from contracts.request import Reply, Request

SessionStatus = Literal["draft", "pending", "published", "cancelled"]
"""`pending`: published by the studio, and its instructor is still being asked for."""
AttendanceStatus = Literal["booked", "cancelled", "late_cancelled", "attended", "no_show"]
PaidWith = Literal["credit", "drop_in", "at_studio", "nothing"]
"""`nothing`: the class costs neither credits nor money."""
PaymentStatus = Literal["none", "awaited", "paid", "forfeited", "refund_due", "refunded"]
CreditOutcome = Literal["none", "returned", "forfeited"]
WaitlistStatus = Literal["waiting", "offered", "promoted", "left", "declined", "lapsed", "over"]
"""`lapsed`: an offer that nobody accepted in time; `over`: the session began or was cancelled."""
SkipReason = Literal["no_credit", "time_conflict", "party_too_large", "not_a_customer"]
LedgerKind = Literal[
    "sale", "debit", "reversal", "forfeiture", "waiver", "adjustment", "expiry", "void"
]
"""`forfeiture` moves no credit, it says that a debit stays; `waiver` reverses one all the same;
`void` takes what was left when the sale was taken back."""


class ClassSession(Snapshot):
    id: UUID
    version: int
    uid: str
    """RFC 5545 UID: one per session, for ever."""
    sequence: int
    """RFC 5545 SEQUENCE: grows with each change of time, instructor, room or status."""
    status: SessionStatus
    template_id: UUID | None
    series_id: UUID | None
    name: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    capacity: int
    instructor_id: UUID | None
    instructor_name: str | None
    room_id: UUID | None
    room_name: str | None
    credit_cost: int
    price_cents: int
    currency: str
    late_cancel_window_minutes: int
    hold_version: int = 0
    """The hold on the instructor's time that stands; those of lower versions are released."""
    business_name: str
    time_zone: str
    locale: str


class ClassSessionEvent(Event):
    session: ClassSession


class ClassSessionPublished(ClassSessionEvent):
    subject: ClassVar = "pilates.class-session.published.v1"


class ClassSessionChanged(ClassSessionEvent):
    """Another time, instructor, room or capacity: what is absent has not changed."""

    subject: ClassVar = "pilates.class-session.changed.v1"
    previous_starts_at: AwareDatetime | None = None
    previous_ends_at: AwareDatetime | None = None
    previous_instructor_id: UUID | None = None
    previous_instructor_name: str | None = None
    previous_room_name: str | None = None


class ClassSessionCancelled(ClassSessionEvent):
    """By the studio; of every place in it a `PlaceCancelled` speaks."""

    subject: ClassVar = "pilates.class-session.cancelled.v1"
    reason: str | None = None


class Attendance(Snapshot):
    """One person's place in a session, with all that a mail or a feed says about it."""

    id: UUID
    version: int
    uid: str
    """RFC 5545 UID: one per place, for ever; a move to another session keeps it."""
    sequence: int
    status: AttendanceStatus
    session: ClassSession
    customer_id: UUID | None
    """Unknown of a guest who is no customer yet, and of somebody's company."""
    customer_name: str
    customer_email: str | None
    customer_phone: str | None
    customer_time_zone: str | None = None
    """IANA name of where a guest was, as their browser said; of a customer, catalog knows."""
    party_id: UUID
    """Of all places that were booked together."""
    payer_id: UUID | None
    """The customer whose package or card paid; absent for a guest."""
    payer_email: str | None
    spot_label: str | None
    paid_with: PaidWith
    credits: int
    package_id: UUID | None
    package_name: str | None
    price_cents: int
    """Of a drop-in; 0 where a credit paid."""
    payment_status: PaymentStatus
    pay_by: AwareDatetime | None
    """A place whose drop-in is awaited is gone iff `now >= pay_by`."""
    free_until: AwareDatetime
    """Cancelled until then, inclusive, the credit or the money comes back."""
    booked_at: AwareDatetime


class PlaceEvent(Event):
    attendance: Attendance
    notify_customer: bool = True


class PlaceBooked(PlaceEvent):
    subject: ClassVar = "pilates.place.booked.v1"
    promoted: bool = False
    """From the waitlist; `free_until` then says how long declining costs nothing."""
    pay_url: str | None = None
    """Where a browser pays the awaited drop-in; whoever has it may pay. Told to the payer alone."""
    pay_cents: int | None = None
    """What is paid there, for the whole party."""


class PlaceChanged(PlaceEvent):
    """Its session was changed, it was moved to another one, it has another spot, or is paid for.

    `payment`: by somebody else for the whole party; of the money itself a `DropInPaid` speaks.
    """

    subject: ClassVar = "pilates.place.changed.v1"
    cause: Literal["session_changed", "moved", "spot_changed", "payment"]
    previous_starts_at: AwareDatetime | None = None
    previous_ends_at: AwareDatetime | None = None
    previous_name: str | None = None
    previous_instructor_name: str | None = None
    previous_room_name: str | None = None
    previous_spot_label: str | None = None


class PlaceCancelled(PlaceEvent):
    subject: ClassVar = "pilates.place.cancelled.v1"
    cancelled_by: Literal["business", "customer"]
    reason: str | None = None
    cause: Literal["requested", "declined", "session_cancelled", "drop_in_not_paid"] = "requested"
    credit: CreditOutcome = "none"


class AttendanceRecorded(PlaceEvent):
    """`attended` or `no_show`; `booked` again where that was a mistake."""

    subject: ClassVar = "pilates.attendance.recorded.v1"


class PlacesErased(CustomerErased):
    """Pilates' answer to `ErasureRequested`: places and ledgers stay, and nobody's name on them."""

    subject: ClassVar = "pilates.places.erased.v1"


class DropInPaid(PlaceEvent):
    """Of the payer's place, which stands from now on; so do the others of its party."""

    subject: ClassVar = "pilates.drop-in.paid.v1"
    receipt: Receipt


class DropInRefunded(PlaceEvent):
    """The money is back with the payer, all of it."""

    subject: ClassVar = "pilates.drop-in.refunded.v1"
    receipt: Receipt
    cause: Literal["paid_too_late", "cancelled", "by_the_studio", "not_owed"]


class WaitlistEntry(Snapshot):
    id: UUID
    version: int
    status: WaitlistStatus
    session: ClassSession
    customer_id: UUID | None
    customer_name: str
    customer_email: str | None
    customer_time_zone: str | None = None
    """IANA name of where a guest was, as their browser said; of a customer, catalog knows."""
    party_size: int
    position: int | None
    """1 is next; absent once it is over."""
    offer_expires_at: AwareDatetime | None
    """The place is kept for this customer until then, and gone iff `now >= offer_expires_at`."""
    skip_reason: SkipReason | None
    """Why the last place that was free went to somebody behind."""


class WaitlistEvent(Event):
    entry: WaitlistEntry
    notify_customer: bool = True


class WaitlistJoined(WaitlistEvent):
    subject: ClassVar = "pilates.waitlist.joined.v1"


class PlaceOffered(WaitlistEvent):
    """The first who accepts, until `offer_expires_at`, is this customer and nobody else."""

    subject: ClassVar = "pilates.place.offered.v1"


class WaiterSkipped(WaitlistEvent):
    """Somebody behind got the place; this entry keeps its own."""

    subject: ClassVar = "pilates.waiter.skipped.v1"
    reason: SkipReason


class WaitlistLeft(WaitlistEvent):
    """`entry.status` says how it ended; a promoted one is a `PlaceBooked` as well."""

    subject: ClassVar = "pilates.waitlist.left.v1"


class CustomerPackage(Snapshot):
    id: UUID
    version: int
    customer_id: UUID
    customer_name: str
    customer_email: str | None
    package_type_id: UUID
    name: str
    credits: int
    """As sold."""
    balance: int
    """The sum of its ledger."""
    starts_on: str | None
    """ISO date; absent until its first use where validity begins with that."""
    expires_on: str | None
    """ISO date, the last day on which a class may start; absent: no end, or not begun."""
    frozen: bool
    price_cents: int
    currency: str
    sold_at: AwareDatetime
    voided_at: AwareDatetime | None = None
    """Its sale was taken back then; it pays for nothing any more."""
    business_name: str
    time_zone: str
    locale: str


class CustomerPackageEvent(Event):
    package: CustomerPackage


class PackageSold(CustomerPackageEvent):
    subject: ClassVar = "pilates.package.sold.v1"
    receipt: Receipt | None = None
    """Absent of a package that was given for nothing."""


class PackageChanged(CustomerPackageEvent):
    """Balance, expiry or a freeze; of what moved a `LedgerEntryRecorded` speaks."""

    subject: ClassVar = "pilates.package.changed.v1"


class PackageVoided(CustomerPackageEvent):
    """The sale was taken back, and what was left of it."""

    subject: ClassVar = "pilates.package.voided.v1"
    reason: str
    receipt: Receipt | None = None
    """Absent where no money went back."""


class PackageExpiryNeared(CustomerPackageEvent):
    """Told once, some days before its last day, if credits are left."""

    subject: ClassVar = "pilates.package-expiry.neared.v1"


class LedgerEntry(Snapshot):
    id: UUID
    package_id: UUID
    customer_id: UUID
    kind: LedgerKind
    credits: int
    """What it adds to the balance; negative for a debit, 0 for a forfeiture."""
    balance: int
    """After it."""
    position: int = 0
    """Counts up by one per package, from 1; 0 where it was recorded before this was told."""
    attendance_id: UUID | None
    appointment_id: UUID | None
    about: str | None
    """The class or service and its local date, for a reader."""
    reason: str | None
    at: AwareDatetime


class LedgerEntryRecorded(Event):
    subject: ClassVar = "pilates.ledger-entry.recorded.v1"
    entry: LedgerEntry


class PilatesEntryChanged(CalendarEntryChanged):
    subject: ClassVar = "pilates.calendar-entry.changed.v1"


class PilatesRangeChanged(CalendarRangeChanged):
    subject: ClassVar = "pilates.calendar-range.changed.v1"


class AppointmentHeld(Reply):
    """Machine and credit wait for the appointment's event, which confirms or releases them."""

    credits: int
    package_id: UUID | None
    resource_ids: list[UUID]


class HoldForAppointment(Request):
    """Asked with the same appointment and version again, the answer is the same.

    Refused with the problem that says why: nothing of it is held then. What the version before
    holds stays until an event of the appointment says which `hold_version` stands.
    """

    subject: ClassVar = "ask.pilates.hold-for-appointment"
    reply: ClassVar = AppointmentHeld

    appointment_id: UUID
    hold_version: int
    customer_id: UUID | None
    service_id: UUID
    service_name: str
    resource_kinds: list[str]
    """One machine of each."""
    credit_cost: int
    starts_at: AwareDatetime
    ends_at: AwareDatetime


class SessionHoldState(Reply):
    hold_version: int
    """The one that stands; 0 where none does."""
    pending_version: int | None
    """One that is still being decided."""


class ReadSessionHold(Request):
    """Asked by the holder of an instructor's time at its deadline."""

    subject: ClassVar = "ask.pilates.session-hold"
    reply: ClassVar = SessionHoldState

    session_id: UUID


class FuturePlaces(Reply):
    count: int


class CountFuturePlaces(Request):
    """How many sessions and places that have not ended depend on this person or service."""

    subject: ClassVar = "ask.pilates.future-places"
    reply: ClassVar = FuturePlaces

    noun: Literal["service", "staff_member", "customer"]
    id: UUID
    at: AwareDatetime


class ResourceIntroduction(Reply):
    name: str | None
    """Absent: there is no such resource."""


class IntroduceResource(Request):
    subject: ClassVar = "ask.pilates.resource-introduction"
    reply: ClassVar = ResourceIntroduction

    id: UUID
