import datetime as dt
from uuid import UUID

from pydantic import BaseModel

from contracts.moments import Start
from scheduling.holds.holder import Holder


class HoldWrite(BaseModel, extra="forbid"):
    service_id: UUID
    staff_id: UUID | None = None
    """Absent: any staff member, the one with the fewest booked minutes that day."""
    starts_at: Start
    holder: Holder | None = None
    """As answered with the guest's first hold; absent: this is the first."""


class HoldView(BaseModel):
    id: UUID
    staff_id: UUID
    starts_at: dt.datetime
    ends_at: dt.datetime
    expires_at: dt.datetime
    """Gone iff `now >= expires_at`."""


class NewHoldView(HoldView):
    holder: Holder
    """Keep it: only with it the hold can be seen, booked or given back."""
    staff_name: str


class Holds(BaseModel):
    items: list[HoldView]
