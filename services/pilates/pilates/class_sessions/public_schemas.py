from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.moments import MomentRange


class PublicSessionsQuery(MomentRange):
    limit: int = Field(default=50, ge=1, le=100)
    cursor: str | None = Field(default=None, max_length=1000)


class PublicSpot(BaseModel):
    """A machine on the map of the room. Whose it is, is nobody's to know."""

    resource_id: UUID
    """Name it in `spot_ids` to have it."""
    label: str
    x: int | None
    y: int | None
    state: Literal["free", "taken", "out_of_service"]


class PublicPolicies(BaseModel):
    """Of somebody who books now."""

    free_until: datetime
    """Cancelled until then, inclusive, what was paid comes back; it may be over already."""
    waitlist_until: datetime
    """Until then, inclusive, one can wait for a place."""
    waitlist_mode: Literal["promote", "offer"]
    """`promote`: whoever is next has the place; `offer`: has to accept it first."""
    largest_party: int


class PublicSession(BaseModel):
    id: UUID
    template_id: UUID
    name: str
    description: str
    starts_at: datetime
    ends_at: datetime
    instructor_name: str | None
    room_name: str | None
    capacity: int
    """Places that can be used."""
    free: int
    """Without those that are kept for whoever has the offer of one."""
    waiting: int
    """How many are in its queue already."""
    spots: list[PublicSpot]
    """Empty where nobody chooses one."""
    credit_cost: int
    price_cents: int
    """Without a credit; 0 where it costs none, or where credits are the only way in."""
    currency: str
    policies: PublicPolicies


class PublicSessions(BaseModel):
    time_zone: str
    items: list[PublicSession]
    next_cursor: str | None = None
