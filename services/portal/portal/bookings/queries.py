from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.pages import cursor, position
from chassis.problems import NotFound
from portal.bookings.models import OPEN, Booking
from portal.bookings.schemas import BookingFilter
from portal.copies.models import Service
from portal.portal_sessions.queries import Client

Found = Row[Booking, Any]
ORDER = (Booking.starts_at, Booking.id)


def of_client(client: Client) -> Select[Booking, Any]:
    """With the window of the service, of an appointment."""
    return (
        select(Booking, Service.cancellation_window_minutes)
        .outerjoin(
            Service,
            (Service.business_id == Booking.business_id) & (Service.id == Booking.service_id),
        )
        .where(Booking.business_id == client.business_id, Booking.customer_id == client.id)
    )


async def read(session: AsyncSession, client: Client, booking_id: UUID) -> Found:
    """Somebody else's booking is like none."""
    one = of_client(client).where(Booking.id == booking_id)
    found: Found | None = (await session.execute(one)).first()
    if found is None:
        raise NotFound
    return found


async def find(
    session: AsyncSession, client: Client, wanted: BookingFilter, now: datetime
) -> tuple[Sequence[Found], str | None]:
    """What comes first, or what was last, a page of it."""
    ahead = (Booking.ends_at > now) & Booking.status.in_(OPEN)
    upcoming = wanted.when == "upcoming"
    over: ColumnElement[bool] = or_(Booking.ends_at <= now, Booking.status.not_in(OPEN))
    found = of_client(client).where(ahead if upcoming else over)
    if wanted.cursor is not None:
        place = tuple_(*position(wanted.cursor, ORDER))
        found = found.where(tuple_(*ORDER) > place if upcoming else tuple_(*ORDER) < place)
    directed = ORDER if upcoming else tuple(column.desc() for column in ORDER)
    ordered = found.order_by(*directed).limit(wanted.limit + 1)
    rows: Sequence[Found] = (await session.execute(ordered)).all()
    if len(rows) <= wanted.limit:
        return rows, None
    rows = rows[: wanted.limit]
    last = rows[-1][0]
    return rows, cursor([last.starts_at, last.id])


async def everything(session: AsyncSession, client: Client) -> Sequence[Found]:
    rows: Sequence[Found] = (await session.execute(of_client(client).order_by(*ORDER))).all()
    return rows


async def lies_ahead(session: AsyncSession, client: Client, now: datetime) -> int:
    """How many bookings are still to come."""
    ahead = of_client(client).where(Booking.ends_at > now, Booking.status.in_(OPEN))
    return len((await session.execute(ahead.limit(1000))).all())
