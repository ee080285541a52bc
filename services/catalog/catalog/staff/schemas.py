from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from catalog.email_address import Email
from catalog.search_text import SearchText
from chassis.pages import PageRequest
from contracts.text import Line, Paragraphs

Status = Literal["active", "invited"]
Colour = Annotated[str, StringConstraints(pattern="^#[0-9A-Fa-f]{6}$")]


class StaffMemberWrite(BaseModel, extra="forbid"):
    name: Line
    email: Email | None = None
    bio: Paragraphs = ""
    colour: Colour | None = None
    """In the calendar."""
    daily_limit: Annotated[int, Field(strict=True, ge=1, le=100)] | None = None
    """Appointments a local day at most; absent: as many as fit."""


class StaffFilter(PageRequest):
    q: SearchText | None = None
    """Part of the name or e-mail."""
    service_id: UUID | None = None
    status: Status | None = None
    archived: bool = False


class StaffMemberView(StaffMemberWrite):
    model_config = ConfigDict(from_attributes=True, extra="ignore")

    id: UUID
    version: int
    status: Status
    service_ids: list[UUID]
    """What they offer; a service says by whom it is offered."""
    archived_at: datetime | None
