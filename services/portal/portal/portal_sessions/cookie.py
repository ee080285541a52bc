"""What a client's browser keeps: which session, and the secret that proves it."""

import re
from datetime import timedelta
from typing import NamedTuple, Self
from uuid import UUID

NAME = "__Host-bookly-portal"
"""The prefix makes browsers refuse it without Secure, or for another path or host (RFC 6265bis)."""
ID = "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
SHAPE = re.compile(rf"{ID}\.{ID}\.([A-Za-z0-9_-]{{43}})")


class Cookie(NamedTuple):
    business_id: UUID
    session_id: UUID
    secret: str

    @classmethod
    def read(cls, value: str | None) -> Self | None:
        if not value or not (found := SHAPE.fullmatch(value)):
            return None
        return cls(UUID(found[1]), UUID(found[2]), found[3])

    @property
    def value(self) -> str:
        return f"{self.business_id}.{self.session_id}.{self.secret}"


def header(cookie: Cookie, kept_for: timedelta | None) -> str:
    """Of Set-Cookie; one that is not kept goes with the browser."""
    age = f"; Max-Age={int(kept_for.total_seconds())}" if kept_for else ""
    return f"{NAME}={cookie.value}{age}; Path=/; Secure; HttpOnly; SameSite=Lax"


FORGET = f"{NAME}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax"
