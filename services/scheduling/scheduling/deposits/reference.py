"""What a deposit is called at the payment provider, who gives it back to us in its messages."""

import re
from uuid import UUID

FORM = re.compile(r"deposit\.([0-9a-f]{32})\.([0-9a-f]{32})")


def reference_of(business_id: UUID, deposit_id: UUID) -> str:
    return f"deposit.{business_id.hex}.{deposit_id.hex}"


def named_by(reference: str | None) -> tuple[UUID, UUID] | None:
    """The business and the deposit; None where it is no deposit that is paid."""
    found = FORM.fullmatch(reference or "")
    return (UUID(found[1]), UUID(found[2])) if found else None
