from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chassis.pages import PageRequest


class ReceiptFilter(PageRequest):
    customer_id: UUID | None = None
    package_id: UUID | None = None
    attendance_id: UUID | None = None
    kind: Literal["payment", "refund"] | None = None


class ReceiptView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    series: str
    number: int
    """Together they name it, such as `C12`."""
    kind: Literal["payment", "refund"]
    amount_cents: int
    """Positive, also of a refund."""
    currency: str
    issued_at: datetime
    customer_id: UUID | None
    customer_name: str
    about: str
    paid_with: str
    package_id: UUID | None
    attendance_id: UUID | None
    payment_id: UUID | None
    """Of what was paid online; a payment and its refund share it."""
