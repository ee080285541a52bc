"""What the worker does when its time has come: each is one row and one transaction."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import enter_business, in_transaction
from chassis.due_rows import Due, DueAt, Key
from chassis.runtime import Runtime
from notifications.bookings.commands import forget
from notifications.bookings.models import Booking
from notifications.bounces.commands import tell
from notifications.bounces.models import Bounce
from notifications.mail_settings.models import MailSettings
from notifications.reminders.commands import remind
from notifications.reminders.models import Reminder
from notifications.studio.agenda import send_agendas

Work = Callable[[AsyncSession, Any, datetime], Awaitable[None]]


def when(column: Any, work: Work) -> Due:
    """The row is locked, and looked at again: what was due may have been moved meanwhile."""
    due_at: DueAt = column
    row = due_at.class_

    async def at_its_time(runtime: Runtime, key: Key) -> None:
        business_id, id_ = key

        async def once(session: AsyncSession) -> None:
            await enter_business(session, business_id)
            now = runtime.clock()
            mine = select(row).where(row.business_id == business_id, row.id == id_, due_at <= now)
            due = await session.scalar(mine.with_for_update(skip_locked=True))
            if due is not None:
                await work(session, due, now)

        await in_transaction(runtime.sessions, once)

    at_its_time.__name__ = work.__name__
    return Due(due_at, at_its_time)


DUE_WORK = [
    when(Reminder.due_at, remind),
    when(MailSettings.agenda_due_at, send_agendas),
    when(Bounce.tell_at, tell),
    when(Booking.forget_at, forget),
]
