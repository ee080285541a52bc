from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Principal
from chassis.pages import read_page
from chassis.problems import NotFound
from contracts.moments import begin_of, end_of
from contracts.permissions import Permission
from contracts.scheduling import CountFutureBookings, FutureBookings
from scheduling.appointments.models import Appointment, Status
from scheduling.appointments.schemas import AppointmentFilter


def visible_to(caller: Principal) -> ColumnElement[bool]:
    """A member without `MANAGE_CALENDAR` knows their own calendar only."""
    own = Appointment.business_id == caller.business_id
    if caller.may(Permission.MANAGE_CALENDAR):
        return own
    return own & (Appointment.staff_id == caller.staff_id)


async def read(session: AsyncSession, caller: Principal, appointment_id: UUID) -> Appointment:
    appointment = await session.scalar(
        select(Appointment).where(visible_to(caller), Appointment.id == appointment_id)
    )
    if appointment is None:
        raise NotFound
    return appointment


async def read_booked(
    session: AsyncSession, business_id: UUID, appointment_id: UUID
) -> Appointment:
    appointment = await session.get(Appointment, (business_id, appointment_id))
    if appointment is None:
        raise NotFound
    return appointment


async def find(
    session: AsyncSession, caller: Principal, zone: str, wanted: AppointmentFilter
) -> tuple[list[Appointment], str | None]:
    found = select(Appointment).where(visible_to(caller))
    for name in ("staff_id", "service_id", "customer_id", "status"):
        if (value := getattr(wanted, name)) is not None:
            found = found.where(getattr(Appointment, name) == value)
    if wanted.begins is not None:
        found = found.where(Appointment.ends_at > begin_of(wanted.begins, zone))
    if wanted.ends is not None:
        found = found.where(Appointment.starts_at < end_of(wanted.ends, zone))
    return await read_page(session, found, (Appointment.starts_at, Appointment.id), wanted)


async def count_future(session: AsyncSession, asked: CountFutureBookings) -> FutureBookings:
    depends = {
        "service": Appointment.service_id,
        "staff_member": Appointment.staff_id,
        "customer": Appointment.customer_id,
    }[asked.noun]
    count = await session.scalar(
        select(func.count())
        .select_from(Appointment)
        .where(
            Appointment.business_id == asked.business_id,
            depends == asked.id,
            Appointment.status.in_((Status.PENDING, Status.CONFIRMED)),
            Appointment.ends_at > asked.at,
        )
    )
    return FutureBookings(count=count or 0)
