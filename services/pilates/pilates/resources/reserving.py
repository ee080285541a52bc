"""Rooms, machines and props for a session or an appointment.

Whoever decides about their time holds their rows, all of them before the first is reserved.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import NotFound
from pilates.resources.assignment import Use, most_used
from pilates.resources.choosing import Wanted, choose
from pilates.resources.models import Category, Reservation, ReservedFor, Resource
from pilates.resources.naming import shown
from pilates.resources.problems import PropsShort, ResourceTaken, RoomTaken
from pilates.resources.timetable import move, time_range, uses_of


@dataclass(frozen=True)
class Need:
    """What one owner needs under one version of its hold, for `[starts_at, ends_at)`."""

    reserved_for: ReservedFor
    owner_id: UUID
    hold_version: int
    starts_at: datetime
    ends_at: datetime
    room_id: UUID | None = None
    machines: tuple[tuple[str, int], ...] = ()
    """Kind, and how many; of a session's spots, its capacity."""
    props: tuple[tuple[UUID, int], ...] = ()

    @property
    def kinds(self) -> Counter[str]:
        return summed(self.machines)

    @property
    def named_ids(self) -> set[UUID]:
        return {id_ for id_ in (self.room_id, *dict(self.props)) if id_}


async def lock_things(session: AsyncSession, business_id: UUID, needs: Iterable[Need]) -> None:
    """Everything that any of these may get, in the order of their ids, until the commit.

    Sessions and waitlist entries are locked before, customer packages after it. Of a kind these
    are all machines: to make room, others' uses may move between them.
    """
    wanted = list(needs)
    named = {id_ for need in wanted for id_ in need.named_ids}
    await lock_by_id(session, business_id, named, {kind for need in wanted for kind in need.kinds})


async def lock_by_id(
    session: AsyncSession, business_id: UUID, ids: Collection[UUID], kinds: Collection[str] = ()
) -> None:
    machines = (
        (Resource.category == Category.MACHINE)
        & Resource.kind.in_(kinds)
        & Resource.archived_at.is_(None)
    )
    concerned = select(Resource.id).where(
        Resource.business_id == business_id, or_(Resource.id.in_(ids), machines)
    )
    await session.execute(concerned.order_by(Resource.id).with_for_update(key_share=True))


async def reserve(
    session: AsyncSession, business_id: UUID, need: Need, now: datetime
) -> list[UUID]:
    """The ids of what is reserved. Call it once a version, under `lock_things`.

    What the owner has under another version stands in its way nowhere, and stays until `keep_only`
    or `release`.
    Raises RoomTaken, MachinesShort, PropsShort, and NotFound for what is no such thing of this
    business, or not any more.
    """
    things = await things_for(session, business_id, need)
    room = things.get(need.room_id) if need.room_id else None
    over_at = need.ends_at + timedelta(minutes=room.turnover_minutes if room else 0)
    uses = await uses_of(session, business_id, list(things), need.starts_at, over_at)
    rows = []
    if room:
        await check_room(session, business_id, room, need, over_at, uses)
        rows.append(row(need, room.id, over_at))
    for kind, count in need.kinds.items():
        machines = [thing for thing in things.values() if is_machine(thing, kind)]
        wanted = Wanted(
            need.owner_id,
            need.hold_version,
            need.starts_at,
            need.ends_at,
            need.room_id,
            need.reserved_for,
            kind,
            count,
        )
        choice = await choose(session, business_id, wanted, machines, uses, now)
        await move(session, business_id, choice.moves)
        rows += [row(need, id_, need.ends_at, pooled=choice.pooled) for id_ in choice.machine_ids]
    for id_, quantity in summed(need.props).items():
        check_props(things[id_], quantity, need, uses)
        rows.append(row(need, id_, need.ends_at, quantity=quantity, exclusive=False))
    return await insert_all(session, business_id, rows)


async def keep_only(
    session: AsyncSession, business_id: UUID, owner_id: UUID, hold_version: int
) -> None:
    """The pivot: this version stands, what others held is free. Before packages are locked."""
    await _delete(session, business_id, owner_id, Reservation.hold_version != hold_version)


async def release(
    session: AsyncSession, business_id: UUID, owner_id: UUID, *, hold_version: int | None = None
) -> None:
    """What one version holds, or all of them. Before packages are locked."""
    only = () if hold_version is None else (Reservation.hold_version == hold_version,)
    await _delete(session, business_id, owner_id, *only)


async def _delete(session: AsyncSession, business_id: UUID, owner_id: UUID, *only: Any) -> None:
    these = (Reservation.business_id == business_id, Reservation.owner_id == owner_id, *only)
    # In one order with those that `move` them, who hold the machines, which we do not.
    locked = select(Reservation.id).where(*these).order_by(Reservation.id).with_for_update()
    if ids := list(await session.scalars(locked)):
        gone = delete(Reservation).where(
            Reservation.business_id == business_id, Reservation.id.in_(ids)
        )
        await session.execute(gone, execution_options={"synchronize_session": False})


async def things_for(session: AsyncSession, business_id: UUID, need: Need) -> dict[UUID, Resource]:
    machines = (Resource.category == Category.MACHINE) & Resource.kind.in_(need.kinds)
    found = await session.scalars(
        select(Resource)
        .where(
            Resource.business_id == business_id,
            or_(Resource.id.in_(need.named_ids), machines),
            Resource.archived_at.is_(None),
        )
        # What was read before its lock was there may have changed meanwhile.
        .execution_options(populate_existing=True)
    )
    things = {thing.id: thing for thing in found}
    rooms = [] if need.room_id is None else [need.room_id]
    named = [(id_, Category.ROOM) for id_ in rooms]
    named += [(id_, Category.PROP) for id_ in dict(need.props)]
    for id_, category in named:
        if id_ not in things or things[id_].category != category:
            raise NotFound
    return things


def is_machine(thing: Resource, kind: str) -> bool:
    return thing.category == Category.MACHINE and thing.kind == kind


async def check_room(
    session: AsyncSession,
    business_id: UUID,
    room: Resource,
    need: Need,
    over_at: datetime,
    uses: Collection[Use],
) -> None:
    taken = [
        use
        for use in uses
        if use.resource_id == room.id
        and use.owner_id != need.owner_id
        and use.overlaps(need.starts_at, over_at)
    ]
    if taken:
        raise RoomTaken(
            resource_id=str(room.id),
            name=room.name,
            taken_by=await shown(session, business_id, taken),
        )


def check_props(prop: Resource, needed: int, need: Need, uses: Collection[Use]) -> None:
    """Their number is under the lock of their row alone: no constraint can count."""
    others = [use for use in uses if use.resource_id == prop.id and use.owner_id != need.owner_id]
    available = max(prop.quantity - most_used(others, need.starts_at, need.ends_at), 0)
    if needed > available:
        raise PropsShort(
            resource_id=str(prop.id),
            name=prop.name,
            needed=needed,
            available=available,
            short_by=needed - available,
        )


def summed(wanted: Iterable[tuple[Any, int]]) -> Counter[Any]:
    total: Counter[Any] = Counter()
    for what, count in wanted:
        total[what] += count
    return total


def row(
    need: Need,
    resource_id: UUID,
    over_at: datetime,
    *,
    quantity: int = 1,
    exclusive: bool = True,
    pooled: bool = False,
) -> dict[str, Any]:
    return {
        "resource_id": resource_id,
        "reserved_for": need.reserved_for,
        "owner_id": need.owner_id,
        "hold_version": need.hold_version,
        "during": time_range(need.starts_at, over_at),
        "quantity": quantity,
        "exclusive": exclusive,
        "pooled": pooled,
    }


RESERVE = insert(Reservation).on_conflict_do_nothing().returning(Reservation.resource_id)


async def insert_all(
    session: AsyncSession, business_id: UUID, rows: list[dict[str, Any]]
) -> list[UUID]:
    if not rows:
        return []
    taken = await session.scalars(RESERVE, [{"business_id": business_id} | row for row in rows])
    reserved = list(taken)
    if len(reserved) < len(rows):
        raise ResourceTaken
    return reserved
