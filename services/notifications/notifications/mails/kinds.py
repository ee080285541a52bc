"""The kinds of message there are, and what each must know to be worded."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.scheduling import Appointment
from notifications.one_line import in_lines


class Kind(StrEnum):
    APPOINTMENT_REQUESTED = "appointment_requested"
    APPOINTMENT_CONFIRMED = "appointment_confirmed"
    APPOINTMENT_RESCHEDULED = "appointment_rescheduled"
    APPOINTMENT_CANCELLED = "appointment_cancelled"
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
    cancelled_by: Literal["business", "customer"] | None = None
    reason: str | None = None

    @property
    def ends_at(self) -> datetime:
        return self.appointment.ends_at


class MemberInvitedFacts(Facts):
    accept_url: str = Field(pattern="^https?://")
    expires_at: AwareDatetime
    time_zone: str = "UTC"

    @property
    def ends_at(self) -> datetime:
        return self.expires_at


def facts_of(kind: Kind) -> type[Facts]:
    return MemberInvitedFacts if kind is Kind.MEMBER_INVITED else AppointmentFacts
