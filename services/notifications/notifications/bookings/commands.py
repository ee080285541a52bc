"""Keep what events say of bookings, the newest of each, and its reminders with it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.pilates import ClassSession, ClassSessionEvent, PlaceEvent
from contracts.scheduling import AppointmentEvent
from notifications.bookings.models import Booking, Noun
from notifications.mail_settings.queries import settings_of
from notifications.messages.letterhead import is_erased
from notifications.one_line import in_lines
from notifications.reminders.commands import plan

KEPT = timedelta(days=30)
"""After its end."""


async def follow_appointment(session: AsyncSession, event: AppointmentEvent) -> None:
    told = event.appointment
    await follow(
        session,
        event.business_id,
        event.occurred_at,
        noun="appointment",
        told=told.model_dump(mode="json"),
        id=told.id,
        version=told.version,
        status=told.status,
        firm=told.status == "confirmed",
        starts_at=told.starts_at,
        ends_at=told.ends_at,
        time_zone=told.time_zone,
        staff_id=told.staff_id,
        customer_id=told.customer_id,
        session_id=None,
        email=told.customer_email,
        notify=event.notify_customer,
    )


async def follow_place(session: AsyncSession, event: PlaceEvent) -> None:
    told = event.attendance
    await follow(
        session,
        event.business_id,
        event.occurred_at,
        noun="place",
        told=told.model_dump(mode="json"),
        id=told.id,
        version=told.version,
        status=told.status,
        firm=told.status == "booked" and told.payment_status != "awaited",
        staff_id=told.session.instructor_id,
        customer_id=told.customer_id,
        session_id=told.session.id,
        email=told.customer_email or told.payer_email,
        notify=event.notify_customer,
        **times_of(told.session),
    )


async def follow_session(session: AsyncSession, event: ClassSessionEvent) -> None:
    told = event.session
    await follow(
        session,
        event.business_id,
        event.occurred_at,
        noun="class_session",
        told=told.model_dump(mode="json"),
        id=told.id,
        version=told.version,
        status=told.status,
        firm=told.status == "published",
        staff_id=told.instructor_id,
        customer_id=None,
        session_id=None,
        email=None,
        notify=False,
        **times_of(told),
    )


def times_of(told: ClassSession) -> dict[str, Any]:
    return {
        "starts_at": told.starts_at,
        "ends_at": told.ends_at,
        "time_zone": told.time_zone,
    }


async def follow(
    session: AsyncSession,
    business_id: UUID,
    at: datetime,
    *,
    noun: Noun,
    told: dict[str, Any],
    **values: Any,
) -> None:
    """Unless the booking has passed this version, or is of a customer who is to be forgotten."""
    if await is_erased(session, business_id, values["customer_id"]):
        return
    values |= {
        "business_id": business_id,
        "noun": noun,
        "told": in_lines(told),
        "forget_at": values["ends_at"] + KEPT,
    }
    statement = insert(Booking).values(values)
    changing = {name: values[name] for name in values if name not in ("business_id", "id")}
    # Who has been told of it is reminded of it, also after a change that was made in silence.
    changing["notify"] = or_(Booking.notify, statement.excluded.notify)
    newest = statement.on_conflict_do_update(
        index_elements=[Booking.business_id, Booking.id],
        set_=changing,
        where=Booking.version < statement.excluded.version,
    ).returning(Booking)
    booking = await session.scalar(newest, execution_options={"populate_existing": True})
    if booking:
        await plan(session, booking, await settings_of(session, business_id), at)


async def forget(session: AsyncSession, booking: Booking, _now: datetime) -> None:
    key = (Booking.business_id == booking.business_id, Booking.id == booking.id)
    await session.execute(delete(Booking).where(*key))
