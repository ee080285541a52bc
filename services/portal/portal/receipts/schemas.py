from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chassis.pages import PageRequest


class ReceiptFilter(PageRequest):
    pass


class Issuer(BaseModel):
    name: str
    """As customers know it."""
    legal_name: str | None
    address: str
    tax_number: str | None
    email: str | None


class ReceiptRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    label: str
    """Its number, with the series that it is counted in."""
    kind: Literal["payment", "refund"]
    amount_cents: int
    """Positive, also of a refund."""
    currency: str
    issued_at: datetime
    about: str
    starts_at: datetime | None
    customer_name: str
    booking_id: UUID | None
    package_id: UUID | None


class ReceiptPage(ReceiptRead):
    issuer: Issuer
    time_zone: str
