"""Class sessions that have something reserved, locked before it."""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import TryAgain
from pilates.attendances.session_changes import spots_changed
from pilates.calendar.ranges import have_read_again
from pilates.class_sessions.models import ClassSession, Status
from pilates.copies.models import Business
from pilates.resources.models import Category, Reservation, ReservedFor, Resource
from pilates.resources.reserving import lock_by_id
from pilates.resources.schemas import SessionConcerned
from pilates.resources.timetable import time_range

Sessions = dict[UUID, ClassSession]
Find = Callable[[], Awaitable[set[UUID]]]


async def lock_with_sessions(
    session: AsyncSession,
    business_id: UUID,
    find: Find,
    resource_ids: Collection[UUID],
    kinds: Collection[str] = (),
) -> Sessions:
    """The sessions that `find` finds, then the resources and all machines of these kinds.

    Raises TryAgain where a session has come in between and somebody holds it: to wait for it now
    would be against the order of locks.
    """
    asked = await find()
    locked = await lock_sessions(session, business_id, asked)
    await lock_by_id(session, business_id, resource_ids, kinds)
    if late := await find() - asked:
        found = await lock_sessions(session, business_id, late, wait=False)
        if late - found.keys():
            raise TryAgain
        locked |= found
    return locked


async def lock_sessions(
    session: AsyncSession, business_id: UUID, ids: Collection[UUID], *, wait: bool = True
) -> Sessions:
    found = await session.scalars(
        select(ClassSession)
        .where(ClassSession.business_id == business_id, ClassSession.id.in_(ids))
        .order_by(ClassSession.id)
        .with_for_update(key_share=True, skip_locked=not wait)
        .execution_options(populate_existing=True)
    )
    return {one.id: one for one in found}


async def reserved_by_sessions(
    session: AsyncSession, business_id: UUID, *those: ColumnElement[bool]
) -> set[UUID]:
    owners = select(Reservation.owner_id).where(
        Reservation.business_id == business_id,
        Reservation.reserved_for == ReservedFor.SESSION,
        *those,
    )
    return set(await session.scalars(owners))


def mapped_in(business_id: UUID, room_id: UUID, kind: str, now: datetime) -> ColumnElement[bool]:
    """Reservations of sessions to come that have this kind of machine on the map of this room."""
    standing = select(Resource.id).where(
        Resource.business_id == business_id,
        Resource.category == Category.MACHINE,
        Resource.kind == kind,
        Resource.room_id == room_id,
    )
    to_come = Reservation.during.op("<@", is_comparison=True)(time_range(now, None))
    return (
        (Reservation.reserved_for == ReservedFor.SESSION)
        & Reservation.pooled.is_(False)
        & Reservation.resource_id.in_(standing)
        & to_come
    )


async def tell_sessions(
    session: AsyncSession,
    concerned: Collection[ClassSession],
    business: Business,
    now: datetime,
) -> list[SessionConcerned]:
    """What it means for their places and waiters; call it under their locks."""
    told = []
    for one, shown in zip(in_order(concerned), listed(concerned), strict=True):
        became: dict[str, Any] = {}
        if one.status == Status.PUBLISHED:
            became = vars(await spots_changed(session, one, business, now))
        told.append(shown.model_copy(update=became))
    # Also where nobody had to move, there is another number of places by now.
    have_read_again(session, concerned, now)
    return told


def listed(concerned: Collection[ClassSession]) -> list[SessionConcerned]:
    return [
        SessionConcerned(
            session_id=one.id,
            name=one.name,
            status=one.status,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
        )
        for one in in_order(concerned)
    ]


def in_order(concerned: Collection[ClassSession]) -> list[ClassSession]:
    return sorted(concerned, key=lambda one: (one.starts_at, one.id))
