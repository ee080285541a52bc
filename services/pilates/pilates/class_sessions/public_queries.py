"""What a booking page shows of classes: numbers and spots, never who is in them."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.pages import PageRequest, read_page
from pilates.attendances.models import Attendance
from pilates.class_sessions.counts import count
from pilates.class_sessions.models import ClassSession, Status
from pilates.class_sessions.public_schemas import (
    PublicPolicies,
    PublicSession,
    PublicSessions,
    PublicSessionsQuery,
    PublicSpot,
)
from pilates.copies.models import BookingPage, Business
from pilates.resources.models import Category, Outage, Reservation, Resource
from pilates.resources.natural_order import natural_order


async def find(
    session: AsyncSession,
    business: Business,
    page: BookingPage,
    wanted: PublicSessionsQuery,
    now: datetime,
) -> PublicSessions:
    """Published sessions of the page's classes that have not begun."""
    begins, ends = wanted.in_zone(business.time_zone)
    upcoming = select(ClassSession).where(
        ClassSession.business_id == business.business_id,
        ClassSession.template_id.in_(page.class_ids),
        ClassSession.status == Status.PUBLISHED,
        ClassSession.starts_at > now,
        ClassSession.starts_at >= begins,
        ClassSession.starts_at < ends,
    )
    order = (ClassSession.starts_at, ClassSession.id)
    asked = PageRequest(limit=wanted.limit, cursor=wanted.cursor)
    rows, next_cursor = await read_page(session, upcoming, order, asked)
    counted = await count(session, business.business_id, rows, now)
    spots = await spots_of_all(session, business.business_id, rows, now)
    items = [
        PublicSession(
            **{
                name: getattr(row, name)
                for name in PublicSession.model_fields
                if hasattr(row, name) and name != "capacity"
            },
            capacity=counted.effective_capacity(row),
            free=counted.free(row),
            waiting=counted.of[row.id].waiting,
            spots=spots.get(row.id, []),
            currency=business.currency,
            policies=policies_of(row),
        )
        for row in rows
    ]
    return PublicSessions(time_zone=business.time_zone, items=items, next_cursor=next_cursor)


def policies_of(row: ClassSession) -> PublicPolicies:
    return PublicPolicies(
        free_until=row.starts_at - timedelta(minutes=row.late_cancel_window_minutes),
        waitlist_until=row.starts_at - timedelta(minutes=row.waitlist_cutoff_minutes),
        waitlist_mode=row.waitlist_mode,
        largest_party=row.largest_party,
    )


async def spots_of_all(
    session: AsyncSession, business_id: UUID, rows: Collection[ClassSession], now: datetime
) -> dict[UUID, list[PublicSpot]]:
    """By session, in the order of their labels; as `resources.spots` finds those of one."""
    ids = [row.id for row in rows if row.spot_kind]
    if not ids:
        return {}
    is_out = exists().where(
        Outage.business_id == Resource.business_id,
        Outage.resource_id == Resource.id,
        Outage.during.overlaps(Reservation.during),
    )
    is_taken = exists().where(
        Attendance.business_id == ClassSession.business_id,
        Attendance.session_id == ClassSession.id,
        Attendance.spot_id == Resource.id,
        Attendance.takes_place(now),
    )
    place = (Resource.id, Resource.label, Resource.name, Resource.x, Resource.y)
    found = await session.execute(
        select(ClassSession.id.label("session_id"), *place, is_out, is_taken)
        .join(
            Reservation,
            (Reservation.business_id == ClassSession.business_id)
            & (Reservation.owner_id == ClassSession.id)
            & (Reservation.hold_version == ClassSession.hold_version)
            & Reservation.pooled.is_(False),
        )
        .join(
            Resource,
            (Resource.business_id == Reservation.business_id)
            & (Resource.id == Reservation.resource_id)
            & (Resource.category == Category.MACHINE)
            & (Resource.kind == ClassSession.spot_kind),
        )
        .where(ClassSession.business_id == business_id, ClassSession.id.in_(ids))
    )
    spots: dict[UUID, list[PublicSpot]] = {}
    for session_id, id_, label, name, x, y, out, taken in found:
        state = "taken" if taken else "out_of_service" if out else "free"
        spot = PublicSpot(resource_id=id_, label=label or name, x=x, y=y, state=state)
        spots.setdefault(session_id, []).append(spot)
    for those in spots.values():
        those.sort(key=lambda spot: (natural_order(spot.label), spot.resource_id))
    return spots
