from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chassis.pages import PageRequest
from contracts.scheduling import AppointmentStatus, DepositStatus


class DepositView(BaseModel):
    """What whoever has the link may know."""

    deposit_status: DepositStatus
    deposit_cents: int
    currency: str
    pay_by: datetime | None
    """Until then it is awaited; absent once that is decided."""
    appointment_status: AppointmentStatus
    service_name: str
    staff_name: str
    starts_at: datetime
    ends_at: datetime


class ReceiptFilter(PageRequest):
    appointment_id: UUID | None = None
    kind: Literal["payment", "refund"] | None = None


class ReceiptView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    number: int
    kind: Literal["payment", "refund"]
    amount_cents: int
    currency: str
    issued_at: datetime
    appointment_id: UUID
    payment_id: UUID
    """A payment and its refund share it."""
    customer_name: str
    service_name: str
