"""Appointments of a client who wants to be forgotten stay, and nobody's name is on them."""

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import publish_on_commit
from contracts.portal import ErasureRequested
from contracts.scheduling import AppointmentsErased
from scheduling.appointments.announcing import show
from scheduling.appointments.models import Appointment
from scheduling.client_requests.mentions import forget_mentions
from scheduling.copies.models import Customer
from scheduling.deposits.models import Deposit

NOBODY = "—"


async def erase_client(session: AsyncSession, event: ErasureRequested) -> None:
    whose = [Appointment.customer_id == event.customer_id]
    if event.email is not None:
        whose.append(Appointment.customer_email == event.email)
    found = await session.scalars(
        select(Appointment)
        .where(Appointment.business_id == event.business_id, or_(*whose))
        .order_by(Appointment.id)
        .with_for_update(key_share=True)
    )
    theirs = found.all()
    ids = [appointment.id for appointment in theirs]
    words = [str(event.customer_id), *([event.email] if event.email else [])]
    await forget_mentions(session, event.business_id, words, ids)
    for appointment in theirs:
        appointment.customer_name = NOBODY
        appointment.customer_email = appointment.customer_phone = None
        appointment.cancellation_reason = None
        appointment.answers = {}
        await show(session, appointment, event.occurred_at)
    business_id = event.business_id
    deposits = update(Deposit).where(Deposit.business_id == business_id, Deposit.id.in_(ids))
    await session.execute(deposits.values(checkout_email=None))
    await session.execute(select(func.forget_on_receipts(ids, NOBODY)))
    copy = update(Customer).where(
        Customer.business_id == business_id, Customer.id == event.customer_id
    )
    await session.execute(copy.values(name=NOBODY, email=None, phone=None))
    publish_on_commit(
        session,
        AppointmentsErased(
            occurred_at=event.occurred_at,
            business_id=event.business_id,
            erasure_id=event.erasure_id,
            customer_id=event.customer_id,
        ),
    )
