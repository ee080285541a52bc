"""What a demand is called at the payment provider, who gives it back to us in its messages.

Its first word says whose it is: every service hears all messages and knows its own.
"""

import re
from uuid import UUID

FORM = re.compile(r"([a-z-]+)\.([0-9a-f]{32})\.([0-9a-f]{32})")


def reference_of(word: str, business_id: UUID, id_: UUID) -> str:
    return f"{word}.{business_id.hex}.{id_.hex}"


def named_by(word: str, reference: str | None) -> tuple[UUID, UUID] | None:
    """The business and the demand; None where it is none of those with this word."""
    found = FORM.fullmatch(reference or "")
    if found is None or found[1] != word:
        return None
    return UUID(found[2]), UUID(found[3])
