"""A guest who has booked becomes the customer whom catalog introduces."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.copies import keep_copy
from contracts.catalog import CustomerChanged
from scheduling.appointments.models import Appointment
from scheduling.copies.models import Customer
from scheduling.feeds import commands as feeds


async def recognise_guest(session: AsyncSession, event: CustomerChanged) -> None:
    """Appointments of this e-mail that are still nobody's become this customer's."""
    if event.customer.email is None or event.customer.archived_at:
        return
    # The appointment refers to the copy, which the other handler may not have kept yet.
    await keep_copy(session, Customer, event.business_id, event.customer)
    # An UPDATE locks its rows in any order; whoever changes several locks them by their ids.
    nobodys = await session.scalars(
        select(Appointment.id)
        .where(
            Appointment.business_id == event.business_id,
            Appointment.customer_id.is_(None),
            Appointment.customer_email == event.customer.email,
        )
        .order_by(Appointment.id)
        .with_for_update(key_share=True)
    )
    ids = nobodys.all()
    await session.execute(
        update(Appointment)
        .where(Appointment.business_id == event.business_id, Appointment.id.in_(ids))
        .values(customer_id=event.customer.id)
    )
    await feeds.hand_to(session, event.business_id, ids, event.customer.id)
