"""What the events of a change tell about it, session by session and in sum."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from contracts.event import Event
from contracts.pilates import (
    PlaceBooked,
    PlaceCancelled,
    PlaceChanged,
    PlaceEvent,
    PlaceOffered,
    WaitlistEvent,
    WaitlistLeft,
)
from pilates.class_changes.schemas import Plan, PlannedPlace, PlannedSession

REFUNDED = ("refund_due", "refunded")


def plan_of(planned: Sequence[PlannedSession], events: Iterable[Event], currency: str) -> Plan:
    by_id = {one.session_id: one for one in planned}
    mails = 0
    for event in events:
        if isinstance(event, PlaceEvent):
            note_place(by_id, event)
        elif isinstance(event, WaitlistEvent):
            note_waiter(by_id, event)
        mails += is_mailed(event)
    places = [place for one in planned for place in one.places]
    return Plan(
        sessions=list(planned),
        moves=sum("starts_at" in one.becomes for one in planned),
        cancellations=sum(one.cancelled for one in planned),
        places_cancelled=sum(place.becomes == "cancelled" for place in places),
        credits_returned=sum(place.credits_returned for place in places),
        refunds_cents=sum(place.refund_cents for place in places),
        currency=currency,
        mails=mails,
        conflicts=sum(one.conflict is not None for one in planned),
        token=None,
    )


def note_place(by_id: dict[UUID, PlannedSession], event: PlaceEvent) -> None:
    attendance = event.attendance
    known: dict[str, Any] = {
        "attendance_id": attendance.id,
        "version": attendance.version,
        "customer_name": attendance.customer_name,
    }
    places = by_id[attendance.session.id].places
    if isinstance(event, PlaceCancelled):
        returned = attendance.credits if event.credit == "returned" else 0
        refund = attendance.price_cents if attendance.payment_status in REFUNDED else 0
        places.append(
            PlannedPlace(
                **known, becomes="cancelled", credits_returned=returned, refund_cents=refund
            )
        )
    elif isinstance(event, PlaceChanged):
        places.append(PlannedPlace(**known, becomes="moved"))
    elif isinstance(event, PlaceBooked):
        # Each time it is tried it gets another id.
        places.append(PlannedPlace(**known | {"attendance_id": None}, becomes="booked"))


def note_waiter(by_id: dict[UUID, PlannedSession], event: WaitlistEvent) -> None:
    session = by_id[event.entry.session.id]
    if isinstance(event, PlaceOffered):
        session.offered.append(event.entry.id)
    elif isinstance(event, WaitlistLeft) and event.entry.status == "over":
        session.waiting_over.append(event.entry.id)


def is_mailed(event: Event) -> bool:
    """A promoted waiter hears of the place, not of the queue that they have left."""
    if isinstance(event, PlaceEvent):
        return event.notify_customer and event.attendance.customer_email is not None
    if isinstance(event, WaitlistEvent):
        promoted = event.entry.status == "promoted"
        return event.notify_customer and event.entry.customer_email is not None and not promoted
    return False
