from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped

from calendaring.feed_pages import RenderedEvent
from calendaring.vevent import Occasion, vevent
from contracts.calendar import BUSY
from pilates.attendances.models import Attendance
from pilates.attendances.models import Status as PlaceStatus
from pilates.base import Base
from pilates.class_sessions.models import ClassSession, Status

CANCELLED_PLACES = (PlaceStatus.CANCELLED, PlaceStatus.LATE_CANCELLED)


class FeedEvent(RenderedEvent, Base):
    """Of the session with this id in the studio's feeds, of the place with it in a customer's."""

    __tablename__ = "feed_events"
    __table_args__ = (
        Index(
            "ix_feed_events_business",
            "business_id",
            "starts_at",
            "id",
            postgresql_where=text("NOT is_place"),
        ),
        Index(
            "ix_feed_events_staff",
            "business_id",
            "staff_id",
            "starts_at",
            "id",
            postgresql_where=text("staff_id IS NOT NULL"),
        ),
        Index(
            "ix_feed_events_room",
            "business_id",
            "room_id",
            postgresql_where=text("room_id IS NOT NULL"),
        ),
        Index(
            "ix_feed_events_customer",
            "business_id",
            "customer_id",
            "starts_at",
            "id",
            postgresql_where=text("customer_id IS NOT NULL"),
        ),
    )

    is_place: Mapped[bool]
    staff_id: Mapped[UUID | None]
    """This and the room of a session alone: the studio's feeds show it once, not place by place."""
    room_id: Mapped[UUID | None]
    customer_id: Mapped[UUID | None]
    """Of a place alone."""


def rendered_session(class_session: ClassSession, now: datetime) -> dict[str, Any]:
    """A row's values; `now` is when the session changed."""
    is_cancelled = class_session.status == Status.CANCELLED
    event = Occasion(
        uid=class_session.uid,
        sequence=class_session.sequence,
        changed_at=now,
        starts_at=class_session.starts_at,
        ends_at=class_session.ends_at,
        status="CANCELLED" if is_cancelled else "CONFIRMED",
    )
    return {
        "business_id": class_session.business_id,
        "id": class_session.id,
        "is_place": False,
        "staff_id": class_session.instructor_id,
        "room_id": class_session.room_id,
        "customer_id": None,
        "starts_at": class_session.starts_at,
        "cancelled_at": class_session.cancelled_at,
        "named": vevent(event, class_session.name, with_whom_and_where(class_session)),
        "busy": vevent(event, BUSY),
    }


def rendered_place(
    attendance: Attendance, class_session: ClassSession, now: datetime
) -> dict[str, Any]:
    event = Occasion(
        uid=attendance.uid,
        sequence=attendance.sequence,
        changed_at=now,
        starts_at=class_session.starts_at,
        ends_at=class_session.ends_at,
        status=status_of(attendance),
    )
    where = with_whom_and_where(class_session, attendance.spot_label)
    return {
        "business_id": attendance.business_id,
        "id": attendance.id,
        "is_place": True,
        "staff_id": None,
        "room_id": None,
        "customer_id": attendance.customer_id,
        "starts_at": class_session.starts_at,
        "cancelled_at": attendance.cancelled_at,
        "named": vevent(event, class_session.name, where),
        "busy": vevent(event, BUSY),
    }


def status_of(attendance: Attendance) -> str:
    if attendance.status in CANCELLED_PLACES:
        return "CANCELLED"
    # What has been is no less what was agreed; that somebody did not come is the studio's to know.
    return "TENTATIVE" if attendance.pay_by else "CONFIRMED"


def with_whom_and_where(class_session: ClassSession, spot: str | None = None) -> str | None:
    told = (class_session.instructor_name, class_session.room_name, spot)
    return " · ".join(one for one in told if one) or None
