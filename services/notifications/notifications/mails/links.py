"""Addresses in mails: built from what we are told of ourselves, and signed where they may act."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from uuid import UUID

from contracts import manage_links
from contracts.manage_links import ManageLink

PURPOSE = b"bookly unsubscribe link 1\0"
MAC_BYTES = 16
HIDDEN = "hidden"


@dataclass(frozen=True)
class Message:
    """Which message an unsubscribe link stands in; its row says who reads what."""

    business_id: UUID
    id: UUID


@dataclass(frozen=True)
class Links:
    public_url: str
    secret: str | None
    """Absent for a reader who is not the mail's: then nothing in it lets them act."""

    def manage(self, managed: ManageLink) -> str:
        signed = manage_links.sign(managed, self.secret) if self.secret else HIDDEN
        return f"{self.public_url}/manage/{signed}"

    def portal(self, slug: str) -> str:
        return f"{self.public_url}/portal/{slug}"

    def unsubscribe(self, message: Message) -> str:
        signed = sign(message, self.secret) if self.secret else HIDDEN
        return f"{self.public_url}/api/public/unsubscribe/{signed}"


def sign(message: Message, secret: str) -> str:
    body = message.business_id.bytes + message.id.bytes
    return base64.urlsafe_b64encode(body + mac(body, secret)).decode()


def read(text: str, secret: str) -> Message | None:
    """None unless it was signed with this secret, to the last bit."""
    try:
        signed = base64.b64decode(text, altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    body = signed[:-MAC_BYTES]
    if len(body) != 32 or not hmac.compare_digest(signed[-MAC_BYTES:], mac(body, secret)):
        return None
    return Message(UUID(bytes=body[:16]), UUID(bytes=body[16:]))


def mac(body: bytes, secret: str) -> bytes:
    return hmac.digest(secret.encode(), PURPOSE + body, "sha256")[:MAC_BYTES]
