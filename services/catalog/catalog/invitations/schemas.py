from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from catalog.accounts.schemas import Password
from catalog.email_address import Email
from catalog.members.schemas import Role
from catalog.sign_ins.schemas import SECRET_PATTERN, UUID_PATTERN
from contracts.permissions import Permission
from contracts.text import Line


class InvitationWrite(BaseModel, extra="forbid"):
    email: Email
    role: Role = "staff"
    permissions: set[Permission] = Field(default_factory=set, max_length=len(Permission))
    staff_id: UUID | None = None
    """The staff member who joins by accepting."""


class InvitationView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    email: str
    role: Role
    permissions: list[str]
    staff_id: UUID | None
    created_at: datetime
    expires_at: datetime


class Acceptance(BaseModel, extra="forbid"):
    token: Annotated[str, StringConstraints(pattern=f"^{UUID_PATTERN}\\.{SECRET_PATTERN}$")]
    name: Line | None = None
    """Needed by those who have no account yet."""
    password: Password
    """The account's, or the new account's."""

    def parts(self) -> tuple[UUID, str]:
        """Business and secret."""
        business_id, secret = self.token.split(".")
        return UUID(business_id), secret
