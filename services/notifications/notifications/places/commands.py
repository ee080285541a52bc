"""What is said of a place in a class: to whoever has it, and to the studio."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.event import Event
from contracts.pilates import (
    Attendance,
    ClassSession,
    ClassSessionCancelled,
    ClassSessionChanged,
    DropInPaid,
    DropInRefunded,
    PlaceBooked,
    PlaceCancelled,
    PlaceChanged,
    PlaceEvent,
)
from notifications.mails.kinds import Kind
from notifications.messages.letterhead import Reader
from notifications.messages.queueing import Sender, Subject, say
from notifications.places.unpaid import was_never_paid
from notifications.studio.notices import notify

KINDS: dict[type[Event], Kind] = {
    PlaceBooked: Kind.PLACE_BOOKED,
    PlaceChanged: Kind.PLACE_CHANGED,
    PlaceCancelled: Kind.PLACE_CANCELLED,
    DropInPaid: Kind.DROP_IN_PAID,
    DropInRefunded: Kind.DROP_IN_REFUNDED,
}


async def tell_place(session: AsyncSession, event: PlaceEvent) -> None:
    """Nothing where the class is over, nor where neither its guest nor who pays has an address."""
    place = event.attendance
    if place.session.ends_at <= event.occurred_at:
        return
    kind = kind_of(event)
    if event.notify_customer and (reader := reader_of(place)):
        about = Subject(place.id, place.version)
        told = event.model_dump()
        await say(session, kind, sender_of(event), reader, about, told, at=event.occurred_at)
    await notify_studio(session, event)


def kind_of(event: PlaceEvent) -> Kind:
    if isinstance(event, PlaceBooked) and event.promoted:
        return Kind.PLACE_PROMOTED
    if isinstance(event, PlaceChanged) and event.cause == "payment":
        # Somebody else has paid: held until then, the place is booked now.
        return Kind.PLACE_BOOKED
    return KINDS[type(event)]


async def send_drop_in_receipt(session: AsyncSession, event: DropInPaid | DropInRefunded) -> None:
    """Whatever the studio wants said of the place: who paid gets the record of it."""
    place = event.attendance
    if reader := reader_of(place):
        await say(
            session,
            KINDS[type(event)],
            sender_of(event),
            reader,
            Subject(place.id, place.version),
            event.model_dump(),
            at=event.occurred_at,
            receipt_number=event.receipt.number,
        )
    if isinstance(event, DropInPaid) and place.status == "booked":
        await notify_studio(session, event)


def reader_of(place: Attendance) -> Reader | None:
    """Of somebody's company without an address, who brought them."""
    if place.customer_email:
        return Reader(place.customer_email, place.customer_id, time_zone=place.customer_time_zone)
    if place.payer_email:
        return Reader(place.payer_email, place.payer_id)
    return None


def sender_of(event: PlaceEvent) -> Sender:
    class_ = event.attendance.session
    return Sender(event.business_id, class_.business_name, class_.locale)


async def notify_studio(session: AsyncSession, event: PlaceEvent) -> None:
    """Not of what the studio has just done to a whole class, nor of what is not paid yet."""
    place = event.attendance
    if place.payment_status == "awaited":
        return
    if isinstance(event, PlaceCancelled) and (
        was_never_paid(place) or event.cause in ("session_cancelled", "drop_in_not_paid")
    ):
        return
    kind = Kind.BOOKING_NEW
    if isinstance(event, PlaceCancelled):
        kind = Kind.BOOKING_CANCELLED
    elif isinstance(event, PlaceChanged) and event.cause != "payment":
        if event.cause != "moved":
            return
        kind = Kind.BOOKING_CHANGED
    await notify(
        session,
        kind,
        sender_of(event),
        Subject(place.id, place.version),
        notice_of_class(place.session) | who(place) | changes_of(event),
        at=event.occurred_at,
        staff={place.session.instructor_id},
        customer_id=place.customer_id or place.payer_id,
    )


def who(place: Attendance) -> dict[str, Any]:
    return {
        "customer_name": place.customer_name,
        "customer_email": place.customer_email or place.payer_email,
        "customer_phone": place.customer_phone,
    }


def changes_of(event: PlaceEvent) -> dict[str, Any]:
    if isinstance(event, PlaceCancelled):
        late = event.attendance.status == "late_cancelled"
        return {"cancelled_by": event.cancelled_by, "reason": event.reason, "late": late}
    if isinstance(event, PlaceChanged):
        return {"previous_starts_at": event.previous_starts_at}
    return {"promoted": isinstance(event, PlaceBooked) and event.promoted}


def notice_of_class(class_: ClassSession) -> dict[str, Any]:
    return {
        "title": class_.name,
        "customer_name": None,
        "staff_name": class_.instructor_name,
        "starts_at": class_.starts_at,
        "finishes_at": class_.ends_at,
        "time_zone": class_.time_zone,
        "status": class_.status,
    }


async def tell_instructor(
    session: AsyncSession, event: ClassSessionChanged | ClassSessionCancelled
) -> None:
    """Whoever teaches it, and who was to; those with a place in it are told of their places."""
    class_ = event.session
    if class_.ends_at <= event.occurred_at:
        return
    staff, told = {class_.instructor_id}, notice_of_class(class_)
    if isinstance(event, ClassSessionChanged):
        kind = Kind.BOOKING_CHANGED
        if event.previous_starts_at is None and event.previous_instructor_id is None:
            return
        staff.add(event.previous_instructor_id)
        told |= {
            "previous_starts_at": event.previous_starts_at,
            "previous_staff_name": event.previous_instructor_name,
        }
    else:
        kind = Kind.BOOKING_CANCELLED
        told |= {"cancelled_by": "business", "reason": event.reason}
    await notify(
        session,
        kind,
        Sender(event.business_id, class_.business_name, class_.locale),
        Subject(class_.id, class_.version),
        told,
        at=event.occurred_at,
        staff=staff,
        customer_id=None,
        business_too=False,
    )
