from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped

from calendaring.feed_pages import RenderedEvent
from calendaring.vevent import Occasion, vevent
from contracts.calendar import BUSY
from scheduling.appointments.models import Appointment, Status
from scheduling.base import Base

STATUS = {
    Status.PENDING: "TENTATIVE",
    Status.CONFIRMED: "CONFIRMED",
    Status.CANCELLED: "CANCELLED",
    # What has been is no less what was agreed; that somebody did not come is the studio's to know.
    Status.COMPLETED: "CONFIRMED",
    Status.NO_SHOW: "CONFIRMED",
}


class FeedEvent(RenderedEvent, Base):
    """Of the appointment with this id."""

    __tablename__ = "feed_events"
    __table_args__ = (
        Index("ix_feed_events_business", "business_id", "starts_at", "id"),
        Index("ix_feed_events_staff", "business_id", "staff_id", "starts_at", "id"),
        Index(
            "ix_feed_events_customer",
            "business_id",
            "customer_id",
            "starts_at",
            "id",
            postgresql_where=text("customer_id IS NOT NULL"),
        ),
    )

    staff_id: Mapped[UUID]
    customer_id: Mapped[UUID | None]


def rendered(appointment: Appointment, now: datetime) -> dict[str, Any]:
    """A row's values; `now` is when the appointment changed."""
    event = Occasion(
        uid=appointment.uid,
        sequence=appointment.sequence,
        changed_at=now,
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        status=STATUS[Status(appointment.status)],
    )
    title = f"{appointment.service_name} · {appointment.customer_name}"
    return {
        "business_id": appointment.business_id,
        "id": appointment.id,
        "staff_id": appointment.staff_id,
        "customer_id": appointment.customer_id,
        "starts_at": appointment.starts_at,
        "cancelled_at": appointment.cancelled_at,
        "named": vevent(event, title, appointment.staff_name),
        "busy": vevent(event, BUSY),
    }
