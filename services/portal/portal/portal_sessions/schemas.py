from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from portal.sign_in_links.schemas import PortalPage


class SignIn(BaseModel, extra="forbid"):
    token: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    """What stands behind the # of the link."""
    keep_signed_in: bool = Field(default=False, strict=True)


class Who(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    email: str | None
    phone: str | None
    locale: str | None


class SessionRead(BaseModel):
    customer: Who
    business: PortalPage
    kept: bool
    expires_at: datetime
    """At the latest; one that is not kept ends half an hour after its last use."""


class SignedIn(SessionRead):
    return_path: str | None
    """Where the client was when the link was asked for."""


class SessionItem(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    device: str
    kept: bool
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    current: bool = False
    """The one that asks."""


class Sessions(BaseModel):
    items: list[SessionItem]
