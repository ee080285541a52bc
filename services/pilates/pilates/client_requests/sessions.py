"""Classes that a customer may book, or move a place to."""

from collections.abc import Collection
from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import InvalidRequest
from contracts.client_requests import (
    ReadSessionsForCustomer,
    SessionForCustomer,
    SessionsForCustomer,
    SessionSpot,
)
from pilates.attendances.models import TAKEN, Attendance
from pilates.class_sessions.counts import count
from pilates.class_sessions.models import ClassSession, Status
from pilates.class_sessions.public_queries import spots_of_all
from pilates.client_requests.replies import own_business
from pilates.waitlist.models import QUEUED, WaitlistEntry

LONGEST = timedelta(days=62, hours=1)
MOST = 200

Mine = Literal["booked", "waiting"]


async def read_sessions(
    session: AsyncSession, asked: ReadSessionsForCustomer
) -> SessionsForCustomer:
    now = session.info["clock"]()
    if not timedelta(0) < asked.ends - asked.begins <= LONGEST:
        raise InvalidRequest("The range is empty, or longer than two months.")
    business = await own_business(session, asked)
    found = select(ClassSession).where(
        ClassSession.business_id == asked.business_id,
        ClassSession.status == Status.PUBLISHED,
        ClassSession.starts_at > now,
    )
    if asked.session_id is not None:
        found = found.where(ClassSession.id == asked.session_id)
    else:
        found = found.where(
            ClassSession.starts_at >= asked.begins, ClassSession.starts_at < asked.ends
        )
    ordered = found.order_by(ClassSession.starts_at, ClassSession.id).limit(MOST + 1)
    every = list(await session.scalars(ordered))
    rows = every[:MOST]
    counted = await count(session, asked.business_id, rows, now)
    spots = await spots_of_all(session, asked.business_id, rows, now)
    mine = await mine_of(session, asked, [row.id for row in rows])
    return SessionsForCustomer(
        sessions=[
            SessionForCustomer(
                **{
                    name: getattr(row, name)
                    for name in SessionForCustomer.model_fields
                    if hasattr(row, name)
                },
                currency=business.currency,
                free=counted.free(row),
                waiting=counted.of[row.id].waiting,
                mine=mine.get(row.id),
                spots=[
                    SessionSpot(id=spot.resource_id, **spot.model_dump(exclude={"resource_id"}))
                    for spot in spots.get(row.id, [])
                ],
            )
            for row in rows
        ],
        more_from=every[MOST].starts_at if len(every) > MOST else None,
    )


async def mine_of(
    session: AsyncSession, asked: ReadSessionsForCustomer, ids: Collection[UUID]
) -> dict[UUID, Mine]:
    waits = await session.scalars(
        select(WaitlistEntry.session_id).where(
            WaitlistEntry.business_id == asked.business_id,
            WaitlistEntry.session_id.in_(ids),
            WaitlistEntry.customer_id == asked.customer_id,
            WaitlistEntry.status.in_(QUEUED),
        )
    )
    places = await session.scalars(
        select(Attendance.session_id).where(
            Attendance.business_id == asked.business_id,
            Attendance.session_id.in_(ids),
            Attendance.customer_id == asked.customer_id,
            Attendance.status.in_(TAKEN),
        )
    )
    mine: dict[UUID, Mine] = dict.fromkeys(waits.all(), "waiting")
    return mine | dict.fromkeys(places.all(), "booked")
