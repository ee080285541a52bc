"""The kinds of message there are, and what each must know to be worded."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.receipts import Receipt
from contracts.scheduling import Appointment
from notifications.one_line import in_lines


class Kind(StrEnum):
    APPOINTMENT_REQUESTED = "appointment_requested"
    APPOINTMENT_CONFIRMED = "appointment_confirmed"
    APPOINTMENT_RESCHEDULED = "appointment_rescheduled"
    APPOINTMENT_CANCELLED = "appointment_cancelled"
    APPOINTMENT_REOPENED = "appointment_reopened"
    DEPOSIT_PAID = "deposit_paid"
    DEPOSIT_REFUNDED = "deposit_refunded"
    MEMBER_INVITED = "member_invited"

    @property
    def holds_secret(self) -> bool:
        """Whoever reads such a mail may act by it, so it is never kept once it is sent."""
        return self is Kind.MEMBER_INVITED


class Facts(BaseModel):
    """All that a mail says, as it stood when its event arrived."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    business_name: str
    locale: str
    reply_to: str | None = None

    @property
    def ends_at(self) -> datetime:
        """When nobody needs the mail any more."""
        raise NotImplementedError

    def stored(self) -> dict[str, Any]:
        """What `parse` reads back, made safe to store and to say."""
        return {name: in_lines(value) for name, value in self.model_dump(mode="json").items()}

    @classmethod
    def parse(cls, stored: dict[str, object]) -> Self:
        return cls.model_validate(stored)


class AppointmentFacts(Facts):
    appointment: Appointment
    previous_starts_at: AwareDatetime | None = None
    previous_ends_at: AwareDatetime | None = None
    previous_staff_id: UUID | None = None
    previous_staff_name: str | None = None
    cancelled_by: Literal["business", "customer"] | None = None
    reason: str | None = None
    cause: str | None = None
    """Of a cancellation or a refund; one that mails have no words for is told without a reason."""
    was_confirmed: bool = True
    """False of a cancellation of what was in no calendar yet."""
    pay_url: str | None = Field(default=None, pattern="^https?://")

    @property
    def ends_at(self) -> datetime:
        return self.appointment.ends_at


class ReceiptFacts(AppointmentFacts):
    receipt: Receipt

    @property
    def ends_at(self) -> datetime:
        """Never: what was paid is of interest long after the appointment."""
        return datetime.max.replace(tzinfo=UTC)


class MemberInvitedFacts(Facts):
    accept_url: str = Field(pattern="^https?://")
    expires_at: AwareDatetime
    time_zone: str = "UTC"

    @property
    def ends_at(self) -> datetime:
        return self.expires_at


def facts_of(kind: Kind) -> type[Facts]:
    match kind:
        case Kind.MEMBER_INVITED:
            return MemberInvitedFacts
        case Kind.DEPOSIT_PAID | Kind.DEPOSIT_REFUNDED:
            return ReceiptFacts
        case _:
            return AppointmentFacts
