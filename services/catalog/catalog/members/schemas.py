from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

from contracts.permissions import Permission

Role = Literal["owner", "staff"]


class MemberPatch(BaseModel, extra="forbid"):
    """Only what is present changes."""

    role: Role | None = None
    permissions: set[Permission] | None = Field(default=None, max_length=len(Permission))

    @field_validator("role", "permissions", mode="before")
    @classmethod
    def not_without(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("cannot be removed")
        return value


class MemberView(BaseModel):
    model_config = ConfigDict(from_attributes=True, populate_by_name=True)

    id: UUID
    version: int
    account_id: UUID
    name: str
    email: str
    role: Role
    permissions: list[str] = Field(validation_alias="effective_permissions")
    """All of them for an owner."""
    staff_id: UUID | None
    created_at: datetime
