"""Reminders wait as rows: planned with each change of their booking, said when they are due."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.bookings.models import Booking
from notifications.mail_settings.models import MailSettings
from notifications.mails.kinds import Kind
from notifications.messages.letterhead import Reader
from notifications.messages.queueing import Sender, Subject, say
from notifications.reminders.due_times import due_times
from notifications.reminders.models import Reminder

KINDS = {"appointment": Kind.APPOINTMENT_REMINDER, "place": Kind.PLACE_REMINDER}


async def plan(
    session: AsyncSession, booking: Booking, settings: MailSettings, now: datetime
) -> None:
    """Those of its start as it is now, and no others."""
    of_booking = (
        Reminder.business_id == booking.business_id,
        Reminder.booking_id == booking.id,
    )
    await session.execute(delete(Reminder).where(*of_booking))
    if rows := planned(booking, settings, now):
        await session.execute(insert(Reminder), rows)


async def plan_all(session: AsyncSession, settings: MailSettings, now: datetime) -> None:
    """Of every booking to come, when the business wants it otherwise."""
    mine = Reminder.business_id == settings.business_id
    to_come = (Booking.business_id == settings.business_id, Booking.starts_at > now)
    bookings = await session.scalars(select(Booking).where(*to_come, Booking.firm))
    await session.execute(delete(Reminder).where(mine))
    if rows := [row for booking in bookings for row in planned(booking, settings, now)]:
        await session.execute(insert(Reminder), rows)


def planned(booking: Booking, settings: MailSettings, now: datetime) -> list[dict[str, Any]]:
    if not (booking.firm and booking.notify and booking.email):
        return []
    to_come = due_times(
        booking.starts_at,
        settings.reminder_minutes,
        settings.quiet_hours,
        booking.time_zone,
        now,
    )
    of_booking = {"business_id": booking.business_id, "booking_id": booking.id}
    return [of_booking | {"minutes_before": m, "due_at": due_at} for m, due_at in to_come]


async def remind(session: AsyncSession, reminder: Reminder, now: datetime) -> None:
    """Say it, unless it begins already, or a reminder nearer to its start is due as well."""
    booking = await session.get(Booking, (reminder.business_id, reminder.booking_id))
    of_booking = (
        Reminder.business_id == reminder.business_id,
        Reminder.booking_id == reminder.booking_id,
    )
    nearer = select(Reminder.id).where(
        *of_booking,
        Reminder.minutes_before < reminder.minutes_before,
        Reminder.due_at <= now,
    )
    is_late = await session.scalar(nearer.limit(1)) is not None
    await session.delete(reminder)
    if booking is None or not booking.email or is_late or booking.starts_at <= now:
        return
    told = booking.told if booking.noun == "appointment" else booking.told["session"]
    await say(
        session,
        KINDS[booking.noun],
        Sender(booking.business_id, told["business_name"], told["locale"]),
        Reader(booking.email, booking.customer_id),
        Subject(booking.id, booking.version),
        {"appointment" if booking.noun == "appointment" else "attendance": booking.told},
        at=now,
        part=str(reminder.minutes_before),
    )
