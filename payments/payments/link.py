"""The secret by which somebody pays: it names what is asked and proves that they were asked."""

import base64
import hashlib
import secrets
from binascii import Error
from typing import NamedTuple
from uuid import UUID

PROOF_BYTES = 16


class Link(NamedTuple):
    business_id: UUID
    id: UUID
    proof: bytes

    @property
    def key(self) -> tuple[UUID, UUID]:
        return self.business_id, self.id

    @property
    def secret(self) -> str:
        named = self.business_id.bytes + self.id.bytes + self.proof
        return base64.urlsafe_b64encode(named).decode()

    @property
    def digest(self) -> str:
        """All that is kept of the proof."""
        return hashlib.sha256(self.proof).hexdigest()


def new_link(business_id: UUID, id_: UUID) -> Link:
    return Link(business_id, id_, secrets.token_bytes(PROOF_BYTES))


def read_link(secret: str) -> Link | None:
    try:
        named = base64.b64decode(secret, b"-_", validate=True)
    except (Error, ValueError):
        return None
    if len(named) != 32 + PROOF_BYTES:
        return None
    return Link(UUID(bytes=named[:16]), UUID(bytes=named[16:32]), named[32:])
