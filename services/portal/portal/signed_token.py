"""Secrets in links: whom they concern, 256 random bits, and a MAC that says what they are good for.

The MAC lets nothing be looked up that was not made here, nor be used for anything else. What is
kept of a token is a hash, so whoever reads the database cannot use it.
"""

import base64
import hashlib
import hmac
import secrets
from binascii import Error
from typing import Literal, NamedTuple
from uuid import UUID

Purpose = Literal["sign-in", "email-change", "feed"]
SECRET_BYTES = MAC_BYTES = 32
NAMED_BYTES = 32
LENGTH = NAMED_BYTES + SECRET_BYTES + MAC_BYTES
"""A multiple of three, so that each token has one spelling only."""


class Token(NamedTuple):
    business_id: UUID
    id: UUID
    """Of the row that knows its hash."""
    secret: bytes

    @property
    def key(self) -> tuple[UUID, UUID]:
        return self.business_id, self.id

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.secret).hexdigest()

    def signed(self, purpose: Purpose, key: str) -> str:
        named = self.business_id.bytes + self.id.bytes + self.secret
        return base64.urlsafe_b64encode(named + mac(named, purpose, key)).decode()


def new_token(business_id: UUID, id_: UUID) -> Token:
    return Token(business_id, id_, secrets.token_bytes(SECRET_BYTES))


def read_token(text: str, purpose: Purpose, key: str) -> Token | None:
    """None for whatever was not signed for this purpose, to the last bit."""
    try:
        signed = base64.b64decode(text, b"-_", validate=True)
    except (Error, ValueError):
        return None
    named = signed[:-MAC_BYTES]
    if len(signed) != LENGTH or not hmac.compare_digest(
        signed[-MAC_BYTES:], mac(named, purpose, key)
    ):
        return None
    return Token(UUID(bytes=named[:16]), UUID(bytes=named[16:32]), named[32:])


def mac(named: bytes, purpose: Purpose, key: str) -> bytes:
    return hmac.digest(key.encode(), f"bookly portal {purpose} 1\0".encode() + named, "sha256")
