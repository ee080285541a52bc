from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from contracts.moments import TimeZone
from contracts.text import Line, reject_control_characters

Phone = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=40),
    AfterValidator(reject_control_characters),
]
Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$")]


class ContactPreferences(BaseModel):
    """By which ways the client wants to hear from the studio; a booking's mails always come."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    email: bool = Field(default=True, strict=True)
    sms: bool = Field(default=False, strict=True)
    marketing: bool = Field(default=False, strict=True)


class ProfileWrite(BaseModel, extra="forbid"):
    """The e-mail is changed by confirming the new one."""

    name: Line
    phone: Phone | None = None
    locale: Locale | None = None
    time_zone: TimeZone | None = None
    """Where the client lives, if not where the studio is; mails say times in both."""
    contact_preferences: ContactPreferences = Field(default_factory=ContactPreferences)


class ProfileRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    name: str
    email: str | None
    phone: str | None
    locale: str | None
    time_zone: str | None
    contact_preferences: ContactPreferences
