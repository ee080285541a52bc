"""What owners tell of bookings is kept, so that a client's page needs nobody but the portal."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.copies import keep_copy
from contracts.catalog import CustomerChanged
from contracts.pilates import Attendance, DropInPaid, DropInRefunded, PlaceCancelled, PlaceEvent
from contracts.scheduling import (
    Appointment,
    AppointmentCancelled,
    AppointmentEvent,
    AppointmentKept,
    DepositPaid,
    DepositRefunded,
)
from portal.bookings.models import Booking
from portal.copies.models import Customer
from portal.copies.queries import whose
from portal.erasures.queries import is_forgotten


async def keep_appointment(session: AsyncSession, event: AppointmentEvent) -> None:
    ending = None
    if isinstance(event, AppointmentCancelled):
        ending = {
            "cancelled_by": event.cancelled_by,
            "reason": event.reason,
            "cause": event.cause,
            "late": event.late,
            "not_held": event.not_held,
        }
    pay_url = getattr(event, "pay_url", None)
    values = values_of_appointment(event.appointment)
    values |= {"ending": ending, "pay_url": pay_url}
    await keep(session, event.business_id, values, event.occurred_at)


async def keep_unmoved(session: AsyncSession, event: AppointmentKept) -> None:
    wish = {"starts_at": event.wished_starts_at.isoformat(), "not_held": event.not_held}
    values = values_of_appointment(event.appointment) | {"wish": wish}
    await keep(session, event.business_id, values, event.occurred_at)


async def keep_wish(
    session: AsyncSession, business_id: UUID, told: Appointment, starts_at: datetime
) -> None:
    """What was answered, unless the event that decides it has been faster."""
    asking = {"starts_at": starts_at.isoformat(), "not_held": None}
    same = Booking.wish["starts_at"].astext == asking["starts_at"]
    await session.execute(
        update(Booking)
        .where(
            Booking.business_id == business_id,
            Booking.id == told.id,
            Booking.version == told.version,
            or_(Booking.wish.is_(None), ~same),
        )
        .values(wish=asking)
    )


async def keep_deposit(session: AsyncSession, event: DepositPaid | DepositRefunded) -> None:
    values = values_of_appointment(event.appointment)
    await keep(session, event.business_id, values, event.occurred_at)


async def keep_place(session: AsyncSession, event: PlaceEvent) -> None:
    ending = None
    if isinstance(event, PlaceCancelled):
        ending = {
            "cancelled_by": event.cancelled_by,
            "reason": event.reason,
            "cause": event.cause,
            "late": event.attendance.status == "late_cancelled",
            "credit": event.credit,
        }
    values = values_of_place(event.attendance)
    values |= {name: getattr(event, name, None) for name in ("pay_url", "pay_cents")}
    values |= {"ending": ending}
    await keep(session, event.business_id, values, event.occurred_at)


async def keep_drop_in(session: AsyncSession, event: DropInPaid | DropInRefunded) -> None:
    values = values_of_place(event.attendance)
    await keep(session, event.business_id, values, event.occurred_at)


def values_of_appointment(told: Appointment) -> dict[str, Any]:
    return {
        "id": told.id,
        "kind": "appointment",
        "version": told.version,
        "status": told.status,
        "customer_id": told.customer_id,
        "customer_email": told.customer_email if told.customer_id is None else None,
        "starts_at": told.starts_at,
        "ends_at": told.ends_at,
        "service_id": told.service_id,
        "free_until": None,
        "told": told.model_dump(mode="json"),
    }


def values_of_place(told: Attendance) -> dict[str, Any]:
    """Of somebody's company, who is no customer, whoever brings them takes care."""
    customer_id = told.customer_id or told.payer_id
    email = told.customer_email or told.payer_email
    return {
        "id": told.id,
        "kind": "place",
        "version": told.version,
        "status": told.status,
        "customer_id": customer_id,
        "customer_email": email if customer_id is None else None,
        "starts_at": told.session.starts_at,
        "ends_at": told.session.ends_at,
        "service_id": None,
        "free_until": told.free_until,
        "told": told.model_dump(mode="json"),
    }


async def keep(
    session: AsyncSession,
    business_id: UUID,
    values: dict[str, Any],
    told_at: datetime,
    *,
    answered: bool = False,
) -> None:
    """The newest version. What was answered to us says less than the event that is on its way,
    so the event of the same version replaces it, and it replaces nothing of the same version.
    """
    untold: dict[str, Any] = dict.fromkeys(("ending", "pay_url", "pay_cents", "wish"))
    known = untold | {"business_id": business_id} | values
    known["told_at"] = told_at
    email = known["customer_email"]
    known["customer_id"] = await whose(session, business_id, known["customer_id"], email)
    if await is_forgotten(session, business_id, known["customer_id"]):
        return
    told = insert(Booking).values(known)
    new = told.excluded
    is_newer = Booking.version < new.version if answered else Booking.version <= new.version
    changing: dict[str, Any] = {
        name: new[name] for name in known if name not in ("business_id", "id", "kind")
    }
    changing |= {
        # A guest whom catalog has introduced since stays the customer.
        "customer_id": func.coalesce(new.customer_id, Booking.customer_id),
        "ending": case(
            (
                new.status.in_(("cancelled", "late_cancelled")),
                func.coalesce(new.ending, Booking.ending),
            ),
            else_=null(),
        ),
        # A new version has decided it; the same one may only be told twice.
        "wish": case(
            (Booking.version < new.version, new.wish), else_=func.coalesce(new.wish, Booking.wish)
        ),
        "pay_url": func.coalesce(new.pay_url, Booking.pay_url),
        "pay_cents": func.coalesce(new.pay_cents, Booking.pay_cents),
    }
    keys = ["business_id", "id"]
    await session.execute(
        told.on_conflict_do_update(index_elements=keys, set_=changing, where=is_newer)
    )


async def adopt_bookings(session: AsyncSession, event: CustomerChanged) -> None:
    """Of this e-mail, what is still nobody's becomes this customer's, as it does at its owner."""
    customer = event.customer
    if customer.email is None or customer.archived_at:
        return
    await keep_copy(session, Customer, event.business_id, customer)
    nobodys = await session.scalars(
        select(Booking.id)
        .where(
            Booking.business_id == event.business_id,
            Booking.customer_id.is_(None),
            Booking.customer_email == customer.email,
        )
        .order_by(Booking.id)
        .with_for_update(key_share=True)
    )
    await session.execute(
        update(Booking)
        .where(Booking.business_id == event.business_id, Booking.id.in_(nobodys.all()))
        .values(customer_id=customer.id, customer_email=None)
    )
