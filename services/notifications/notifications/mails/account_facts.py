"""What mails about packages, accounts and the studio itself must know to be worded."""

import datetime as dt
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.pilates import CustomerPackage
from contracts.receipts import Receipt
from notifications.mails.facts import Facts


class PackageFacts(Facts):
    package: CustomerPackage
    receipt: Receipt | None = None
    reason: str | None = None

    @property
    def recipient_name(self) -> str:
        return self.package.customer_name


class ClientFacts(Facts):
    customer_name: str
    time_zone: str

    @property
    def recipient_name(self) -> str:
        return self.customer_name


class OneTimeLinkFacts(ClientFacts):
    url: str = Field(pattern="^https?://")
    expires_at: AwareDatetime
    new_email: str | None = None

    @property
    def ends_at(self) -> datetime:
        return self.expires_at


class EmailChangedFacts(ClientFacts):
    new_email: str


class MemberInvitedFacts(Facts):
    accept_url: str = Field(pattern="^https?://")
    expires_at: AwareDatetime
    time_zone: str = "UTC"

    @property
    def ends_at(self) -> datetime:
        return self.expires_at


class NoticeFacts(Facts):
    """What the studio is told of one booking, private or in a class."""

    title: str
    customer_name: str | None
    """Absent where the notice is of a class as a whole."""
    customer_email: str | None = None
    customer_phone: str | None = None
    staff_name: str | None
    starts_at: AwareDatetime
    finishes_at: AwareDatetime
    time_zone: str
    status: str
    previous_starts_at: AwareDatetime | None = None
    previous_staff_name: str | None = None
    cancelled_by: Literal["business", "customer"] | None = None
    reason: str | None = None
    late: bool = False
    promoted: bool = False

    @property
    def ends_at(self) -> datetime:
        return self.finishes_at


class AgendaEntry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    title: str
    who: str | None
    """The customer of an appointment."""
    starts_at: AwareDatetime
    finishes_at: AwareDatetime
    taken: int | None = None
    capacity: int | None = None
    """Of a class."""
    waits: bool = False
    """For the studio's word, or for a deposit."""


class AgendaFacts(Facts):
    staff_name: str
    time_zone: str
    day: dt.date
    entries: list[AgendaEntry]

    @property
    def ends_at(self) -> datetime:
        return max(entry.finishes_at for entry in self.entries)

    @property
    def recipient_name(self) -> str:
        return self.staff_name
