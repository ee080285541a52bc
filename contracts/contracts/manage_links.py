"""The link in a mail that opens one booking, and nothing else, without signing in.

Notifications puts it into mails and the portal reads it, so its form is a promise between the two:
what it names, and a MAC over that by the secret which both are told (`BOOKLY_LINK_SECRET`). It ends
with the booking, not by itself, and it is worth as much as that one booking: it shows, moves and
cancels it.
"""

import base64
import binascii
import hmac
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

Noun = Literal["appointment", "place", "waitlist_entry"]
NOUNS: tuple[Noun, ...] = ("appointment", "place", "waitlist_entry")
"""By their place in this tuple in the link, so one is only ever added at its end."""
PURPOSE = b"bookly manage link 1\0"
MAC_BYTES = 18
"""So that the whole is a multiple of three bytes, and has one spelling only."""
LENGTH = 1 + 16 + 16 + MAC_BYTES


class ManageLink(BaseModel):
    model_config = ConfigDict(frozen=True)

    business_id: UUID
    noun: Noun
    id: UUID


def sign(link: ManageLink, secret: str) -> str:
    """The last segment of `<public URL>/manage/…`, safe in a URL."""
    body = bytes([NOUNS.index(link.noun)]) + link.business_id.bytes + link.id.bytes
    return base64.urlsafe_b64encode(body + mac(body, secret)).decode()


def read(text: str, secret: str) -> ManageLink | None:
    """None unless it was signed with this secret, to the last bit."""
    try:
        signed = base64.b64decode(text, altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    body = signed[:-MAC_BYTES]
    if len(signed) != LENGTH or not hmac.compare_digest(signed[-MAC_BYTES:], mac(body, secret)):
        return None
    noun, business_id, id_ = body[0], UUID(bytes=body[1:17]), UUID(bytes=body[17:])
    return ManageLink(business_id=business_id, noun=NOUNS[noun], id=id_)


def mac(body: bytes, secret: str) -> bytes:
    return hmac.digest(secret.encode(), PURPOSE + body, "sha256")[:MAC_BYTES]
