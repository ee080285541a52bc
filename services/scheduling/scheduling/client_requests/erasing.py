"""Appointments of a client who wants to be forgotten stay, and nobody's name is on them."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import cast, func, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import OutboxMessage, publish_on_commit
from clients.mentions import forget_events, forget_mentions
from contracts.calendar import SchedulingEntryChanged
from contracts.portal import ErasureRequested
from contracts.scheduling import AppointmentsErased
from scheduling.appointments.announcing import show
from scheduling.appointments.models import Appointment
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
    # Of before they changed it, too: what they did as a guest is told of by nothing else.
    emails = {email for email in (event.email, *(one.customer_email for one in theirs)) if email}
    await forget_mentions(session, event.business_id, [str(event.customer_id), *emails], ids)
    await forget_on_screens(session, event.business_id, ids)
    for appointment in theirs:
        appointment.customer_name = NOBODY
        appointment.customer_email = appointment.customer_phone = None
        appointment.customer_time_zone = None
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


async def forget_on_screens(
    session: AsyncSession, business_id: UUID, appointments: Collection[UUID]
) -> None:
    """What the live calendar was told of a guest names them, and neither address nor customer."""
    shown = cast(OutboxMessage.body, JSONB)[("entry", "id")].astext
    told = OutboxMessage.address == f"{SchedulingEntryChanged.subject}.{business_id}"
    await forget_events(session, told & shown.in_([str(id_) for id_ in appointments]))
