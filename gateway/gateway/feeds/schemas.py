from typing import Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, StrictBool, model_validator

from chassis.pages import Page
from contracts.text import Line

Scope = Literal["business", "staff_member", "customer", "resource"]


class NewFeed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    scope: Scope
    scope_id: UUID | None = None
    """Of the staff member, customer or resource."""
    names: StrictBool
    """False: the feed says busy, and nothing about whom or what."""
    title: Line
    """What a calendar app calls it."""

    @model_validator(mode="after")
    def says_whose(self) -> Self:
        if (self.scope == "business") != (self.scope_id is None):
            raise ValueError("`scope_id` says which one, and the business has none")
        return self


class FeedRead(BaseModel):
    """Never with its address, which is known to nobody but who was given it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    scope: Scope
    scope_id: UUID | None
    names: bool
    title: str
    made_by: UUID
    """The member who made it; the feed stays when they go, until somebody revokes it."""
    created_at: AwareDatetime
    last_fetched_at: AwareDatetime | None = None
    """To the minute."""


class FeedWithAddress(FeedRead):
    url: str | None
    """Shown this once. Absent where an Idempotency-Key found the feed made already: rotate it."""


FeedPage = Page[FeedRead]
