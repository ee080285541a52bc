"""Where a customer may move an appointment to: what a guest would be offered, and no more."""

import math
from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import local_date
from chassis.problems import InvalidRequest
from contracts.client_requests import (
    AppointmentSlot,
    AppointmentSlots,
    ReadAppointmentSlots,
    StaffName,
)
from scheduling.appointments.changes.rescheduling import service_of
from scheduling.appointments.models import Appointment
from scheduling.appointments.problems import NobodyOffersThis
from scheduling.client_requests.own_appointment import check_may_move, check_own
from scheduling.copies.models import Business, Service, StaffMember
from scheduling.slots.free_slots import SlotShape, free_slots
from scheduling.slots.queries import window
from scheduling.slots.staff_time import read_staff_time

LONGEST = timedelta(days=62, hours=1)
MOST_SLOTS = 2000
"""NATS carries 1 MiB."""


async def read_slots(session: AsyncSession, asked: ReadAppointmentSlots) -> AppointmentSlots:
    now = session.info["clock"]()
    found = await session.get(Appointment, (asked.business_id, asked.appointment_id))
    appointment = check_own(found, asked)
    await check_may_move(session, appointment, now)
    if not timedelta(0) < asked.ends - asked.begins <= LONGEST:
        raise InvalidRequest("The range is empty, or longer than two months.")
    business = await session.get_one(Business, (asked.business_id, asked.business_id))
    service = await service_of(session, appointment)
    people = who_may_give_it(appointment, service, asked.staff_id)
    free = await starts_of(session, business, service, appointment, people, asked, now)
    shown = sorted(free)[:MOST_SLOTS]
    return AppointmentSlots(
        lasts_minutes=int((appointment.ends_at - appointment.starts_at).total_seconds() // 60),
        staff=await names_of(session, asked.business_id, people),
        slots=[AppointmentSlot(starts_at=instant(one), staff_ids=free[one]) for one in shown],
        more_from=instant(min(one for one in free if one > shown[-1]))
        if len(free) > len(shown)
        else None,
    )


def who_may_give_it(
    appointment: Appointment, service: Service, staff_id: UUID | None
) -> Collection[UUID]:
    """Whoever gives it already may go on to, whatever they offer by now."""
    people = {appointment.staff_id, *service.staff_ids}
    if staff_id is None:
        return people
    if staff_id not in people:
        raise NobodyOffersThis
    return {staff_id}


async def starts_of(
    session: AsyncSession,
    business: Business,
    service: Service,
    appointment: Appointment,
    people: Collection[UUID],
    asked: ReadAppointmentSlots,
    now: datetime,
) -> dict[int, list[UUID]]:
    """In epoch seconds, each with those who are free then."""
    zone = business.time_zone
    times = await read_staff_time(
        session,
        business,
        people,
        local_date(asked.begins, zone),
        local_date(asked.ends - timedelta(microseconds=1), zone),
        now,
        except_for=appointment.id,
    )
    shape = offered_shape(appointment, service)
    starts = window(business, service, asked.begins, asked.ends, now)
    free: dict[int, list[UUID]] = defaultdict(list)
    for person, time in times.items():
        for start in free_slots(time.working, time.blocking(shape), shape, starts):
            free[start].append(person)
    free.pop(math.floor(appointment.starts_at.timestamp()), None)
    return free


def offered_shape(appointment: Appointment, service: Service) -> SlotShape:
    """As long and with the buffers that it has, on the grid of the service."""
    return SlotShape(
        duration=int((appointment.ends_at - appointment.starts_at).total_seconds()),
        buffer_before=appointment.buffer_before_minutes * 60,
        buffer_after=appointment.buffer_after_minutes * 60,
        step=service.slot_step_minutes * 60,
    )


async def names_of(
    session: AsyncSession, business_id: UUID, people: Collection[UUID]
) -> list[StaffName]:
    found = await session.scalars(
        select(StaffMember)
        .where(
            StaffMember.business_id == business_id,
            StaffMember.id.in_(people),
            StaffMember.archived_at.is_(None),
        )
        .order_by(StaffMember.name, StaffMember.id)
    )
    return [StaffName(id=person.id, name=person.name) for person in found]


def instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
