"""What the others hear of an appointment; every change of one ends here."""

from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import publish_on_commit
from contracts.calendar import SchedulingEntryChanged
from contracts.scheduling import Appointment as AppointmentSnapshot
from contracts.scheduling import AppointmentEvent, DepositPaid, DepositRefunded
from scheduling.appointments.models import Appointment
from scheduling.calendar.entries import entry_of
from scheduling.copies.models import Business
from scheduling.feeds import commands as feeds

Fact = TypeVar("Fact", bound=AppointmentEvent | DepositPaid | DepositRefunded)


async def announce(
    session: AsyncSession,
    appointment: Appointment,
    business: Business,
    fact_type: type[Fact],
    now: datetime,
    **members: Any,
) -> Fact:
    """To listeners as a fact; to open calendars and feeds as it is now."""
    fact = fact_type(
        occurred_at=now,
        business_id=business.id,
        appointment=snapshot(appointment, business),
        **members,
    )
    await show(session, appointment, now)
    publish_on_commit(session, fact)
    return fact


async def show(session: AsyncSession, appointment: Appointment, now: datetime) -> None:
    """To open calendars as an entry, to feeds as a text."""
    await feeds.keep(session, appointment, now)
    publish_on_commit(
        session,
        SchedulingEntryChanged(
            occurred_at=now, business_id=appointment.business_id, entry=entry_of(appointment)
        ),
    )


def snapshot(appointment: Appointment, business: Business) -> AppointmentSnapshot:
    """All that a mail or a feed says, so that no listener has to ask back."""
    own = {
        name: getattr(appointment, name)
        for name in AppointmentSnapshot.model_fields
        if hasattr(appointment, name)
    }
    return AppointmentSnapshot(
        **own,
        business_name=business.name,
        time_zone=business.time_zone,
        locale=business.locale,
    )
