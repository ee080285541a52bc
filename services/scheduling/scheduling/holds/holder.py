"""By what a guest without a name knows their own holds."""

import hashlib
import secrets
from typing import Annotated

from pydantic import StringConstraints

Holder = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
"""A secret of 256 bits that the first hold is answered with; the page keeps it in its tab."""


def new_holder() -> str:
    return secrets.token_urlsafe(32)


def hashed(holder: str) -> str:
    return hashlib.sha256(holder.encode()).hexdigest()
