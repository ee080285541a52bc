"""What catalog tells the others: who and what."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.event import Event, Snapshot
from contracts.portal import CustomerErased
from contracts.request import Reply, Request


class Billing(Snapshot):
    """What receipts say of the business."""

    legal_name: str | None = None
    address: str = ""
    tax_number: str | None = None


class Business(Snapshot):
    id: UUID
    version: int
    slug: str
    name: str
    time_zone: str
    """IANA name."""
    currency: str
    """ISO 4217."""
    locale: str
    email: str | None = None
    billing: Billing | None = None


class CustomQuestion(Snapshot):
    """One custom question of a service or a booking page."""

    key: str
    label: str
    kind: Literal["text", "choice", "checkbox"] = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    max_length: int = 500


class DepositPolicy(Snapshot):
    """What is paid before a booking is confirmed; never more than the price."""

    kind: Literal["pay_later", "fixed", "percent", "full"]
    amount_cents: int = 0
    """Of `fixed`, in the minor unit of the business's currency."""
    percent: int = 0
    """Of `percent`: 1 to 100, rounded to the nearest cent."""


class Service(Snapshot):
    id: UUID
    version: int
    name: str
    duration_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    slot_step_minutes: int
    price_cents: int
    deposit_cents: int
    """Read where `deposit` is absent: a fixed deposit, none if 0."""
    staff_ids: list[UUID]
    resource_kinds: list[str]
    credit_cost: int
    notice_minutes: int
    horizon_days: int
    cancellation_window_minutes: int
    requires_approval: bool
    questions: list[CustomQuestion]
    deposit: DepositPolicy | None = None
    archived_at: AwareDatetime | None = None


class StaffMember(Snapshot):
    id: UUID
    version: int
    name: str
    email: str | None = None
    status: Literal["active", "invited"]
    daily_limit: int | None = None
    """Appointments a local day at most; absent: as many as fit."""
    archived_at: AwareDatetime | None = None


class ContactPreferences(Snapshot):
    """By which ways a customer wants to hear from the studio; a booking's mails are always sent."""

    email: bool = True
    sms: bool = False
    marketing: bool = False


class Customer(Snapshot):
    """Never carries notes or tags: no listener may see what needs `VIEW_CUSTOMER_NOTES`."""

    id: UUID
    version: int
    name: str
    email: str | None = None
    phone: str | None = None
    locale: str | None = None
    time_zone: str | None = None
    """IANA name of where they live, if we know it."""
    contact_preferences: ContactPreferences | None = None
    """Absent where catalog has not told: then all is wanted but marketing."""
    archived_at: AwareDatetime | None = None


class BookingPage(Snapshot):
    id: UUID
    version: int
    slug: str
    title: str
    published: bool
    service_ids: list[UUID]
    class_ids: list[UUID] = Field(default_factory=list)
    """Class templates whose sessions the page shows."""
    questions: list[CustomQuestion]
    deposit: DepositPolicy | None = None
    """Stands above the services' own; absent: each service's own."""
    archived_at: AwareDatetime | None = None


class BusinessChanged(Event):
    subject: ClassVar = "catalog.business.changed.v1"
    business: Business


class ServiceChanged(Event):
    subject: ClassVar = "catalog.service.changed.v1"
    service: Service


class StaffMemberChanged(Event):
    subject: ClassVar = "catalog.staff-member.changed.v1"
    staff_member: StaffMember


class CustomerChanged(Event):
    subject: ClassVar = "catalog.customer.changed.v1"
    customer: Customer


class BookingPageChanged(Event):
    subject: ClassVar = "catalog.booking-page.changed.v1"
    booking_page: BookingPage


class CustomerRecordErased(CustomerErased):
    """Catalog's answer to `ErasureRequested`: nobody has this id any more."""

    subject: ClassVar = "catalog.customer-record.erased.v1"


class MemberInvited(Event):
    subject: ClassVar = "catalog.member.invited.v1"
    invitation_id: UUID
    email: str
    business_name: str
    locale: str
    accept_url: str
    """Holds the one-time token; whoever reads it may accept until it is used or `expires_at`."""
    expires_at: AwareDatetime


class AccessRevoked(Event):
    """Tokens of this member (or of this sign-in alone) issued before `issued_before` are void."""

    subject: ClassVar = "catalog.access.revoked.v1"
    member_id: UUID
    sign_in_id: UUID | None = None
    issued_before: AwareDatetime


class Introduction(Reply):
    """The thing as catalog has it now; all absent where there is none in that business."""

    business: Business | None = None
    service: Service | None = None
    staff_member: StaffMember | None = None
    customer: Customer | None = None

    def snapshot(self) -> Snapshot | None:
        return self.business or self.service or self.staff_member or self.customer


class Introduce(Request):
    """Asked by a service that was named a thing whose event has not reached it yet."""

    subject: ClassVar = "ask.catalog.introduction"
    reply: ClassVar = Introduction

    noun: Literal["business", "service", "staff_member", "customer"]
    id: UUID


class PageIntroduction(Reply):
    page: BookingPageChanged | None = None


class IntroducePage(Request):
    subject: ClassVar = "ask.catalog.page-introduction"
    reply: ClassVar = PageIntroduction

    business_id: UUID = UUID(int=0)
    """A visitor knows the page, not whose it is."""
    slug: str
