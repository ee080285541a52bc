"""What is said of a private appointment: to its customer, and to the studio."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.event import Event
from contracts.scheduling import (
    Appointment,
    AppointmentCancelled,
    AppointmentConfirmed,
    AppointmentEvent,
    AppointmentKept,
    AppointmentReopened,
    AppointmentRequested,
    AppointmentRescheduled,
    DepositPaid,
    DepositRefunded,
)
from notifications.mails.kinds import Kind
from notifications.messages.letterhead import Reader
from notifications.messages.queueing import Sender, Subject, say
from notifications.studio.notices import notify, was_told

KINDS: dict[type[Event], Kind] = {
    AppointmentRequested: Kind.APPOINTMENT_REQUESTED,
    AppointmentConfirmed: Kind.APPOINTMENT_CONFIRMED,
    AppointmentRescheduled: Kind.APPOINTMENT_RESCHEDULED,
    AppointmentKept: Kind.APPOINTMENT_KEPT,
    AppointmentCancelled: Kind.APPOINTMENT_CANCELLED,
    AppointmentReopened: Kind.APPOINTMENT_REOPENED,
    DepositPaid: Kind.DEPOSIT_PAID,
    DepositRefunded: Kind.DEPOSIT_REFUNDED,
}
NOTICES: dict[type[Event], Kind] = {
    AppointmentRequested: Kind.BOOKING_NEW,
    AppointmentConfirmed: Kind.BOOKING_NEW,
    AppointmentRescheduled: Kind.BOOKING_CHANGED,
    AppointmentCancelled: Kind.BOOKING_CANCELLED,
    AppointmentReopened: Kind.BOOKING_NEW,
}


async def tell_appointment(session: AsyncSession, event: AppointmentEvent) -> None:
    """Nothing where what it would speak of is over."""
    booked = event.appointment
    if booked.ends_at <= event.occurred_at:
        return
    if event.notify_customer and booked.customer_email:
        await say(
            session,
            KINDS[type(event)],
            sender_of(event),
            reader_of(booked, booked.customer_email),
            Subject(booked.id, booked.version),
            event.model_dump(),
            at=event.occurred_at,
        )
    await notify_studio(session, event)


async def send_receipt(session: AsyncSession, event: DepositPaid | DepositRefunded) -> None:
    """Whatever the studio wants said of the appointment: who paid gets the record of it."""
    booked = event.appointment
    if not booked.customer_email:
        return
    await say(
        session,
        KINDS[type(event)],
        sender_of(event),
        reader_of(booked, booked.customer_email),
        Subject(booked.id, booked.version),
        event.model_dump(),
        at=event.occurred_at,
        receipt_number=event.receipt.number,
    )


def sender_of(event: AppointmentEvent | DepositPaid | DepositRefunded) -> Sender:
    booked = event.appointment
    return Sender(event.business_id, booked.business_name, booked.locale)


async def notify_studio(session: AsyncSession, event: AppointmentEvent) -> None:
    """Not of what waits for its deposit: if that comes, the confirmation says all there is."""
    booked = event.appointment
    if booked.deposit_status == "awaited" or isinstance(event, AppointmentKept):
        return
    if isinstance(event, AppointmentCancelled) and came_to_nothing(event):
        return
    about = Subject(booked.id, booked.version)
    told_before = await was_told(session, event.business_id, about)
    if isinstance(event, AppointmentConfirmed) and told_before:
        # The studio has confirmed what it was told of when it was asked for.
        return
    await notify(
        session,
        NOTICES[type(event)],
        sender_of(event),
        about,
        notice_of(booked) | changes_of(event),
        at=event.occurred_at,
        staff={booked.staff_id, getattr(event, "previous_staff_id", None)},
        customer_id=booked.customer_id,
    )


def came_to_nothing(event: AppointmentCancelled) -> bool:
    """Its deposit, or what it needs, has never come: the studio has not heard of it before."""
    booked = event.appointment
    never_paid = booked.deposit_cents > 0 and booked.deposit_status == "none"
    has_waited = never_paid or event.cause == "deposit_not_paid" or event.not_held is not None
    return has_waited and not event.was_confirmed


def reader_of(booked: Appointment, email: str) -> Reader:
    return Reader(email, booked.customer_id, time_zone=booked.customer_time_zone)


def notice_of(booked: Appointment) -> dict[str, Any]:
    return {
        "title": booked.service_name,
        "customer_name": booked.customer_name,
        "customer_email": booked.customer_email,
        "customer_phone": booked.customer_phone,
        "staff_name": booked.staff_name,
        "starts_at": booked.starts_at,
        "finishes_at": booked.ends_at,
        "time_zone": booked.time_zone,
        "status": booked.status,
    }


def changes_of(event: AppointmentEvent) -> dict[str, Any]:
    if isinstance(event, AppointmentCancelled):
        return {"cancelled_by": event.cancelled_by, "reason": event.reason, "late": event.late}
    if isinstance(event, AppointmentRescheduled):
        is_elsewhere = event.previous_staff_id not in (None, event.appointment.staff_id)
        before = event.previous_staff_name if is_elsewhere else None
        return {
            "previous_starts_at": event.previous_starts_at,
            "previous_staff_name": before,
        }
    return {}
