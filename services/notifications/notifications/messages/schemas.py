from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    model_validator,
)

from chassis.pages import PageRequest
from contracts.moments import YEARS
from notifications.mails.kinds import Kind

StateName = Literal["queued", "sending", "sent", "failed"]


class MessageView(BaseModel):
    """Never the context: it may hold a one-time link until the mail is sent."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: Kind
    about: UUID
    customer_id: UUID | None
    recipient: str
    subject: str | None
    state: StateName
    attempts: int
    copy_number: int = Field(validation_alias="copy", serialization_alias="copy")
    queued_at: AwareDatetime
    next_attempt_at: AwareDatetime | None
    sent_at: AwareDatetime | None
    failed_reason: str | None


class MessageBody(BaseModel):
    subject: str
    language: str
    text: str
    html: str
    """Written by us out of what strangers typed: show it in a frame without scripts."""


class MessageDetail(MessageView):
    body: MessageBody | None
    """As its reader sees it, but that its links open nothing. Absent where nothing is kept of it
    but that it was sent."""


class MessageFilter(PageRequest):
    state: StateName | None = None
    kind: Kind | None = None
    recipient: str | None = Field(default=None, max_length=320)
    about: UUID | None = None
    customer_id: UUID | None = None


def in_our_years(moment: datetime) -> datetime:
    if moment.year not in YEARS:
        raise ValueError(f"is not between {YEARS.start} and {YEARS.stop}")
    return moment


Instant = Annotated[AwareDatetime, AfterValidator(in_our_years)]


class Resend(BaseModel, extra="forbid"):
    """Which dead letters are said once more."""

    state: Literal["failed"]
    kind: Kind | None = None
    since: Instant | None = None
    until: Instant | None = None
    """When they were first to be said, from `since` to before `until`."""
    cursor: str | None = Field(default=None, max_length=2000)
    """Of the answer before; absent: from the oldest."""

    @model_validator(mode="after")
    def is_a_range(self) -> Self:
        if self.since and self.until and self.since >= self.until:
            raise ValueError("`until` is after `since`")
        return self


class Skipped(BaseModel):
    id: UUID
    kind: Kind
    reason: str
    """Such as `message-held-secret`: by itself it would be refused so, too."""


class Resent(BaseModel):
    resent: int
    skipped: list[Skipped]
    remaining: int
    """That were not looked at yet; ask again with the cursor."""
    next_cursor: str | None
