"""The day of each staff member who has bookings, in the morning."""

from collections import defaultdict
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import in_zone, local_date
from contracts.pilates import ClassSession
from contracts.scheduling import Appointment
from notifications.bookings.models import Booking
from notifications.copies.models import Business, StaffMember
from notifications.mail_settings.commands import next_agenda
from notifications.mail_settings.models import MailSettings
from notifications.mails.account_facts import AgendaEntry
from notifications.mails.kinds import Kind
from notifications.messages.letterhead import Reader
from notifications.messages.queueing import Sender, Subject, say

DAY = timedelta(days=1)
STILL_ON = ("confirmed", "pending", "published")


async def send_agendas(session: AsyncSession, settings: MailSettings, now: datetime) -> None:
    """Of the day that it is there now, even if nobody was up at the hour that was set."""
    business = await session.get(Business, settings.business_id)
    settings.agenda_due_at = next_agenda(settings, business.time_zone, now) if business else None
    if business is None:
        return
    today = local_date(now, business.time_zone)
    by_staff = await entries_of(session, business, now)
    staff = select(StaffMember).where(
        StaffMember.business_id == business.business_id,
        StaffMember.id.in_(by_staff),
        StaffMember.archived_at.is_(None),
        StaffMember.email.is_not(None),
    )
    for member in await session.scalars(staff.order_by(StaffMember.id)):
        told = {
            "staff_name": member.name,
            "time_zone": business.time_zone,
            "day": today,
            "entries": by_staff[member.id],
        }
        await say(
            session,
            Kind.DAILY_AGENDA,
            Sender(business.business_id, business.name, business.locale),
            Reader(str(member.email), is_customer=False),
            Subject(member.id, today.toordinal()),
            told,
            at=now,
        )


async def entries_of(
    session: AsyncSession, business: Business, now: datetime
) -> dict[UUID, list[AgendaEntry]]:
    """What still ends today, by who does it, in order."""
    today = local_date(now, business.time_zone)
    midnights = (
        in_zone(datetime.combine(day, time(0)), business.time_zone).instant
        for day in (today, today + DAY)
    )
    begins, ends = midnights
    of_today = select(Booking).where(
        Booking.business_id == business.business_id,
        Booking.noun.in_(("appointment", "class_session")),
        Booking.status.in_(STILL_ON),
        Booking.staff_id.is_not(None),
        Booking.starts_at >= begins,
        Booking.starts_at < ends,
        Booking.ends_at > now,
    )
    bookings = list(await session.scalars(of_today.order_by(Booking.starts_at, Booking.id)))
    taken = await places_taken(session, business.business_id, [b.id for b in bookings])
    by_staff = defaultdict[UUID, list[AgendaEntry]](list)
    for booking in bookings:
        if booking.staff_id:
            by_staff[booking.staff_id].append(entry_of(booking, taken.get(booking.id, 0)))
    return by_staff


async def places_taken(
    session: AsyncSession, business_id: UUID, sessions: list[UUID]
) -> dict[UUID | None, int]:
    places = (
        select(Booking.session_id, func.count())
        .where(
            Booking.business_id == business_id,
            Booking.session_id.in_(sessions),
            Booking.status == "booked",
        )
        .group_by(Booking.session_id)
    )
    return {session_id: count for session_id, count in await session.execute(places)}


def entry_of(booking: Booking, taken: int) -> AgendaEntry:
    times = {"starts_at": booking.starts_at, "finishes_at": booking.ends_at}
    if booking.noun == "class_session":
        class_ = ClassSession.model_validate(booking.told)
        named = {"title": class_.name, "who": None, "taken": taken, "capacity": class_.capacity}
    else:
        booked = Appointment.model_validate(booking.told)
        named = {
            "title": booked.service_name,
            "who": booked.customer_name,
            "waits": booked.status == "pending",
        }
    return AgendaEntry.model_validate(times | named)
