"""Reminders wait as rows: planned with each change of their booking, said when they are due."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.bookings.models import Booking
from notifications.mail_settings.models import MailSettings
from notifications.mail_settings.queries import settings_of
from notifications.mails.kinds import Kind
from notifications.messages.letterhead import Reader
from notifications.messages.queueing import Sender, Subject, say
from notifications.reminders.due_times import due_times
from notifications.reminders.models import Reminder
from notifications.reminders.quiet_hours import Night

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
    """Say it, unless it begins by then, or a reminder nearer to its start is due by then as well.

    Who was away in the evening wakes nobody: it is said in the morning.
    """
    booking = await session.get(Booking, (reminder.business_id, reminder.booking_id))
    night = await night_of(session, booking, now) if booking else None
    said_at = night.ends_at if night else now
    nearer = select(Reminder.id).where(
        Reminder.business_id == reminder.business_id,
        Reminder.booking_id == reminder.booking_id,
        Reminder.minutes_before < reminder.minutes_before,
        Reminder.due_at <= said_at,
    )
    is_one_too_many = await session.scalar(nearer.limit(1)) is not None
    if booking is None or is_one_too_many or not is_of_use(booking, said_at):
        await session.delete(reminder)
    elif said_at > now:
        reminder.due_at = said_at
    else:
        # With those that lie farther from its start, in whatever order they are looked at.
        await session.execute(
            delete(Reminder).where(
                Reminder.business_id == reminder.business_id,
                Reminder.booking_id == reminder.booking_id,
                Reminder.minutes_before >= reminder.minutes_before,
            )
        )
        await tell(session, booking, reminder.minutes_before, now)


def is_of_use(booking: Booking, said_at: datetime) -> bool:
    return booking.firm and booking.email is not None and booking.starts_at > said_at


async def tell(session: AsyncSession, booking: Booking, minutes_before: int, now: datetime) -> None:
    assert booking.email
    told = booking.told if booking.noun == "appointment" else booking.told["session"]
    await say(
        session,
        KINDS[booking.noun],
        Sender(booking.business_id, told["business_name"], told["locale"]),
        Reader(
            booking.email, booking.customer_id, time_zone=booking.told.get("customer_time_zone")
        ),
        Subject(booking.id, booking.version),
        {"appointment" if booking.noun == "appointment" else "attendance": booking.told},
        at=now,
        part=str(minutes_before),
    )


async def night_of(session: AsyncSession, booking: Booking, now: datetime) -> Night | None:
    quiet = (await settings_of(session, booking.business_id)).quiet_hours
    return quiet.around(now, booking.time_zone) if quiet else None
