"""The machines of a kind that a session or an appointment gets."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from pilates.resources.assignment import Use, assigned, free_at_worst
from pilates.resources.models import ReservedFor, Resource
from pilates.resources.natural_order import natural_order
from pilates.resources.problems import MachinesShort
from pilates.resources.timetable import Movable, movable, moves_to


@dataclass(frozen=True)
class Wanted:
    owner_id: UUID
    hold_version: int
    starts_at: datetime
    ends_at: datetime
    room_id: UUID | None
    reserved_for: ReservedFor
    kind: str
    count: int

    def use(self, machine_id: UUID | None = None) -> Use:
        who = {"owner_id": self.owner_id, "hold_version": self.hold_version}
        return Use(uuid4(), self.starts_at, self.ends_at, machine_id, **who)  # type: ignore[arg-type]

    def short(self, needed: int, available: int) -> MachinesShort:
        return MachinesShort(
            kind=self.kind, needed=needed, available=available, short_by=needed - available
        )


@dataclass(frozen=True)
class Choice:
    machine_ids: Sequence[UUID]
    pooled: bool
    moves: dict[UUID, UUID] = field(default_factory=dict)
    """Others' reservations that go to another machine for it."""


async def choose(
    session: AsyncSession,
    business_id: UUID,
    wanted: Wanted,
    machines: Collection[Resource],
    uses: Collection[Use],
    now: datetime,
) -> Choice:
    """Among all machines of the kind, with the uses of them in this time.

    Raises MachinesShort.
    """
    in_order = by_preference(wanted, machines, uses)
    in_the_way = [use for use in uses if use.in_the_way_of(wanted.use())]
    standing = [
        machine.id for machine in in_order if machine.room_id and machine.room_id == wanted.room_id
    ]
    mapped = wanted.reserved_for == ReservedFor.SESSION and bool(standing)
    taken = {use.resource_id for use in in_the_way if use.owner_id}
    if mapped and taken.isdisjoint(standing):
        return Choice(standing, pooled=False)
    ids = [machine.id for machine in in_order]
    if not mapped:
        taken |= {use.resource_id for use in in_the_way}
        free = [id_ for id_ in ids if id_ not in taken]
        if len(free) >= wanted.count:
            return Choice(free[: wanted.count], pooled=True)
        at_worst = free_at_worst(set(ids), in_the_way, wanted.starts_at, wanted.ends_at)
        if at_worst < wanted.count:
            raise wanted.short(wanted.count, at_worst)
    found = await movable(session, business_id, ids, wanted.starts_at, wanted.ends_at, now)
    if mapped:
        return of_the_room(wanted, ids, standing, found)
    return of_the_pool(wanted, ids, len(free), found)


def by_preference(
    wanted: Wanted, machines: Collection[Resource], uses: Collection[Use]
) -> list[Resource]:
    """What its owner has anyway, then what stands in no other room's map."""
    own = {use.resource_id for use in uses if use.owner_id == wanted.owner_id}

    def order(machine: Resource) -> tuple[bool, bool, tuple[object, ...]]:
        elsewhere = machine.room_id not in (None, wanted.room_id)
        return machine.id not in own, elsewhere, natural_order(machine.label or machine.name)

    return sorted(sorted(machines, key=lambda machine: machine.id), key=order)


def of_the_pool(wanted: Wanted, ids: Sequence[UUID], free: int, found: Movable) -> Choice:
    """Others move, for what they have may be any machine as well."""
    units = [wanted.use() for _ in range(wanted.count)]
    plan = assigned(ids, found.pinned, [*found.floating, *units])
    if plan is None:
        # Enough are free at each instant, but none of them is from begin to end.
        raise wanted.short(wanted.count, free)
    machine_ids = [plan[unit.id] for unit in units]
    return Choice(machine_ids, pooled=True, moves=moves_to(plan, found.floating))


def of_the_room(
    wanted: Wanted, ids: Sequence[UUID], standing: Sequence[UUID], found: Movable
) -> Choice:
    """All that stand there, out of service or not: they may come back. Who moves makes room.

    What others keep is not on its map; that is too few only where less than its capacity is left,
    or less than is in service.
    """
    here = [use for use in found.pinned if use.in_the_way_of(wanted.use())]
    out = {use.resource_id for use in here if use.owner_id is None}
    kept = {use.resource_id for use in here if use.owner_id}
    busy = Counter(use.resource_id for use in found.floating if use.in_the_way_of(wanted.use()))
    candidates = [id_ for id_ in standing if id_ not in kept]
    candidates.sort(key=lambda id_: busy[id_])
    needed = min(wanted.count, len([id_ for id_ in standing if id_ not in out]))
    available = 0
    for count in range(len(candidates), 0, -1):
        gets = candidates[:count]
        pinned = [*found.pinned, *(wanted.use(id_) for id_ in gets)]
        plan = assigned(ids, pinned, found.floating)
        if plan is not None:
            available = len([id_ for id_ in gets if id_ not in out])
            if available < needed:
                break
            return Choice(gets, pooled=False, moves=moves_to(plan, found.floating))
    raise wanted.short(needed, available)
