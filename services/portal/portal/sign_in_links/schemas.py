from typing import Annotated

from pydantic import BaseModel, StringConstraints

from portal.email_address import Email

ID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
SLUG = "[a-z0-9]+(-[a-z0-9]+)*"
IN_THE_PORTAL = rf"portal/{SLUG}(/(bookings|waitlist|packages|receipts|classes)(/{ID})?|/profile)?"
ON_A_PAGE = rf"book/{SLUG}(/{ID})?"
ReturnPath = Annotated[
    str, StringConstraints(pattern=rf"^/({IN_THE_PORTAL}|{ON_A_PAGE})$", max_length=200)
]
"""Pages of ours, and no others: neither another host's, nor with a query or a fragment."""


class LinkWrite(BaseModel, extra="forbid"):
    email: Email
    return_path: ReturnPath | None = None
    """Where to go on once signed in."""


class LinkRequested(BaseModel):
    """The same for every address: if it is a client's, a mail is on its way."""

    lasts_minutes: int = 15


class PortalPage(BaseModel):
    """What anybody may see before they sign in."""

    slug: str
    name: str
    time_zone: str
    locale: str
