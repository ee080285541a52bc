from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.pilates import SkipReason, WaitlistStatus


class WaitlistWrite(BaseModel, extra="forbid"):
    customer_id: UUID
    party_size: int = Field(default=1, strict=True, ge=1, le=20)
    pays_with: Literal["credit", "at_studio"] | None = None
    """Absent: a credit where the class costs one, nothing where it costs nothing."""
    notify_customer: bool = Field(default=True, strict=True)


class WaitlistOrder(BaseModel, extra="forbid"):
    entry_ids: Annotated[list[UUID], Field(min_length=1, max_length=500)]
    """All that wait, as they are to stand."""


class WaitlistEntryView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    status: WaitlistStatus
    session_id: UUID
    customer_id: UUID | None
    customer_name: str
    customer_email: str | None
    party_size: int
    pays_with: str
    position: int | None = None
    """1 is next; absent once it is over."""
    joined_at: datetime
    offer_expires_at: datetime | None
    skip_reason: SkipReason | None
    skipped_at: datetime | None


class Waitlist(BaseModel):
    items: list[WaitlistEntryView]
