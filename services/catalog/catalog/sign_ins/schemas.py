from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints

from catalog.accounts.schemas import AccountView, Password
from catalog.businesses.schemas import BusinessSummary
from catalog.email_address import Email
from catalog.members.schemas import MemberView
from contracts.text import Slug

UUID_PATTERN = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
SECRET_PATTERN = "[A-Za-z0-9_-]{43}"  # noqa: S105  It tells the shape of secrets and none of them.

RefreshToken = Annotated[
    str, StringConstraints(pattern=f"^{UUID_PATTERN}\\.{UUID_PATTERN}\\.{SECRET_PATTERN}$")
]


class SignInWrite(BaseModel, extra="forbid"):
    email: Email
    password: Password
    business: Slug | None = None
    """Its slug, for members of several."""


class Refresh(BaseModel, extra="forbid"):
    refresh_token: RefreshToken

    def parts(self) -> tuple[UUID, UUID, str]:
        """Business, sign-in and secret."""
        business_id, sign_in_id, secret = self.refresh_token.split(".")
        return UUID(business_id), UUID(sign_in_id), secret


class Me(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    account: AccountView
    business: BusinessSummary
    member: MemberView


class SignedIn(Me):
    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  RFC 6750's name for it.
    expires_in: int
    """Seconds."""
    refresh_token: str
