from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from contracts.pilates import SkipReason, WaitlistStatus


class WaitlistItem(BaseModel):
    id: UUID
    version: int
    status: WaitlistStatus
    session_id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    party_size: int
    position: int | None
    """1 is next. Absent once it is over, and while whoever keeps the queue does not answer."""
    offer_expires_at: datetime | None
    """The place is kept until then, and gone iff `now >= offer_expires_at`."""
    skip_reason: SkipReason | None
    """Why the last free place went to somebody behind."""


class Waiting(BaseModel):
    items: list[WaitlistItem]
