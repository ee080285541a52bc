from datetime import datetime

from pydantic import BaseModel

from contracts.pilates import AttendanceStatus, PaymentStatus


class DropInView(BaseModel):
    """What whoever has the link may know."""

    payment_status: PaymentStatus
    amount_cents: int
    """For all places of the party."""
    currency: str
    pay_by: datetime | None
    """Until then it is awaited; absent once that is decided."""
    attendance_status: AttendanceStatus
    places: int
    spot_labels: list[str]
    class_name: str
    instructor_name: str | None
    starts_at: datetime
    ends_at: datetime
