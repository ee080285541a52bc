"""Where reports about one mail go (VERP): an address that names the mail, which nobody can make up.

It has no capitals, which some servers do not keep, and fills the 64 octets that RFC 5321 allows
before the @.
"""

import base64
import binascii
import hmac
from uuid import UUID

from notifications.mails.links import Message

PURPOSE = b"bookly return address 1\0"
MAC_BYTES = 8
"""A report can do no more than say that one address has no mailbox."""
LENGTH = 16 + 16 + MAC_BYTES


def return_address(message: Message, domain: str, secret: str) -> str:
    body = message.business_id.bytes + message.id.bytes
    return f"{base64.b32encode(body + mac(body, secret)).decode().lower()}@{domain}"


def read(address: str, domain: str, secret: str) -> Message | None:
    """None unless it was signed with this secret, to the last bit."""
    local, at, of = address.rpartition("@")
    if not at or of.lower() != domain.lower():
        return None
    try:
        signed = base64.b32decode(local, casefold=True)
    except (ValueError, binascii.Error):
        return None
    body = signed[:-MAC_BYTES]
    if len(signed) != LENGTH or not hmac.compare_digest(signed[-MAC_BYTES:], mac(body, secret)):
        return None
    return Message(UUID(bytes=body[:16]), UUID(bytes=body[16:]))


def mac(body: bytes, secret: str) -> bytes:
    return hmac.digest(secret.encode(), PURPOSE + body, "sha256")[:MAC_BYTES]
