"""What each kind of message must know to be worded, as it stood when its event arrived."""

from datetime import UTC, datetime
from typing import Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.manage_links import ManageLink
from contracts.manage_links import Noun as ManagedNoun
from contracts.pilates import Attendance, CreditOutcome, SkipReason, WaitlistEntry
from contracts.receipts import Receipt
from contracts.scheduling import Appointment
from notifications.mails.look import ACCENT
from notifications.one_line import in_lines

NEVER = datetime.max.replace(tzinfo=UTC)


class Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    manages: ClassVar[ManagedNoun | None] = None
    """What the link in it opens without signing in."""

    business_id: UUID | None = None
    """Absent in what was queued before links were in mails."""
    business_name: str
    locale: str
    """The reader's if we know it, else the business's."""
    reply_to: str | None = None
    accent: str = ACCENT
    portal_slug: str | None = None
    reader_zone: str | None = None
    """Where its reader lives, if we know it."""

    @property
    def ends_at(self) -> datetime:
        """When nobody needs the mail any more."""
        return NEVER

    @property
    def recipient_name(self) -> str:
        return ""

    @property
    def about(self) -> UUID | None:
        """The id of what its link opens."""
        return None

    @property
    def managed(self) -> ManageLink | None:
        if self.manages is None or self.business_id is None or self.about is None:
            return None
        return ManageLink(business_id=self.business_id, noun=self.manages, id=self.about)

    def stored(self) -> dict[str, Any]:
        """What `parse` reads back, made safe to store and to say."""
        return {name: in_lines(value) for name, value in self.model_dump(mode="json").items()}

    @classmethod
    def parse(cls, stored: dict[str, object]) -> Self:
        return cls.model_validate(stored)


class AppointmentFacts(Facts):
    manages = "appointment"

    appointment: Appointment
    previous_starts_at: AwareDatetime | None = None
    previous_ends_at: AwareDatetime | None = None
    previous_staff_id: UUID | None = None
    previous_staff_name: str | None = None
    cancelled_by: Literal["business", "customer"] | None = None
    reason: str | None = None
    cause: str | None = None
    """Of a cancellation or a refund; one that mails have no words for is told without a reason."""
    not_held: str | None = None
    wished_starts_at: AwareDatetime | None = None
    """Of an appointment that could not be moved there."""
    was_confirmed: bool = True
    """False of a cancellation of what was in no calendar yet."""
    late: bool = False
    pay_url: str | None = Field(default=None, pattern="^https?://")

    @property
    def ends_at(self) -> datetime:
        return self.appointment.ends_at

    @property
    def recipient_name(self) -> str:
        return self.appointment.customer_name

    @property
    def about(self) -> UUID:
        return self.appointment.id


class AppointmentReminderFacts(AppointmentFacts):
    @property
    def ends_at(self) -> datetime:
        return self.appointment.starts_at


class ReceiptFacts(AppointmentFacts):
    receipt: Receipt

    @property
    def ends_at(self) -> datetime:
        """Never: what was paid is of interest long after the appointment."""
        return NEVER


class PlaceFacts(Facts):
    manages = "place"

    attendance: Attendance
    occurred_at: AwareDatetime | None = None
    """When that happened which it tells of."""
    promoted: bool = False
    pay_cents: int | None = None
    pay_url: str | None = Field(default=None, pattern="^https?://")
    cause: str | None = None
    previous_starts_at: AwareDatetime | None = None
    previous_ends_at: AwareDatetime | None = None
    previous_name: str | None = None
    previous_instructor_name: str | None = None
    previous_room_name: str | None = None
    previous_spot_label: str | None = None
    cancelled_by: Literal["business", "customer"] | None = None
    reason: str | None = None
    credit: CreditOutcome = "none"

    @property
    def ends_at(self) -> datetime:
        return self.attendance.session.ends_at

    @property
    def recipient_name(self) -> str:
        """Somebody's company has no address: who brought them reads it."""
        return self.attendance.customer_name if self.attendance.customer_email else ""

    @property
    def about(self) -> UUID:
        return self.attendance.id


class PlaceReminderFacts(PlaceFacts):
    @property
    def ends_at(self) -> datetime:
        return self.attendance.session.starts_at


class DropInFacts(PlaceFacts):
    receipt: Receipt

    @property
    def ends_at(self) -> datetime:
        return NEVER


class WaitlistFacts(Facts):
    manages = "waitlist_entry"

    entry: WaitlistEntry
    reason: SkipReason | None = None

    @property
    def ends_at(self) -> datetime:
        return self.entry.session.starts_at

    @property
    def recipient_name(self) -> str:
        return self.entry.customer_name

    @property
    def about(self) -> UUID:
        return self.entry.id


class OfferFacts(WaitlistFacts):
    @property
    def ends_at(self) -> datetime:
        return self.entry.offer_expires_at or self.entry.session.starts_at
