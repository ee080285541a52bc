"""Follow catalog: each event carries the whole thing, and old news is ignored."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.copies import keep_copy
from contracts.catalog import (
    BookingPageChanged,
    BusinessChanged,
    CustomerChanged,
    ServiceChanged,
    StaffMemberChanged,
)
from scheduling.appointments.models import Appointment
from scheduling.copies.models import BookingPage, Business, Customer, Service, StaffMember


async def keep_business(session: AsyncSession, event: BusinessChanged) -> None:
    await keep_copy(session, Business, event.business_id, event.business)


async def keep_service(session: AsyncSession, event: ServiceChanged) -> None:
    await keep_copy(session, Service, event.business_id, event.service)


async def keep_staff_member(session: AsyncSession, event: StaffMemberChanged) -> None:
    await keep_copy(session, StaffMember, event.business_id, event.staff_member)


async def keep_booking_page(session: AsyncSession, event: BookingPageChanged) -> None:
    await keep_copy(session, BookingPage, event.business_id, event.booking_page)


async def keep_customer(session: AsyncSession, event: CustomerChanged) -> None:
    await keep_copy(session, Customer, event.business_id, event.customer)
    if event.customer.email and not event.customer.archived_at:
        await recognise_guest(session, event)


async def recognise_guest(session: AsyncSession, event: CustomerChanged) -> None:
    """A guest who has booked becomes this customer once catalog has introduced them."""
    await session.execute(
        update(Appointment)
        .where(
            Appointment.business_id == event.business_id,
            Appointment.customer_id.is_(None),
            Appointment.customer_email == event.customer.email,
        )
        .values(customer_id=event.customer.id)
    )
