from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from chassis.pages import PageRequest
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
