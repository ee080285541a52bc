from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, StringConstraints

from portal.email_address import Email


class EmailChangeWrite(BaseModel, extra="forbid"):
    email: Email


class EmailChangeRead(BaseModel):
    new_email: str
    expires_at: datetime


class Confirmation(BaseModel, extra="forbid"):
    token: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    """What stands behind the # of the link."""


class Confirmed(BaseModel):
    email: str
