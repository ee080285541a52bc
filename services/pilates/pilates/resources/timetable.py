"""Who has what when, outages included."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from pilates.resources.assignment import NEVER, Use
from pilates.resources.models import Outage, Reservation

WIDENINGS = 12
"""Of the time that is looked at, until everything in it that can move lies in it whole."""


def time_range(begins: datetime, ends: datetime | None) -> Range[datetime]:
    return Range(begins, ends, bounds="[)")


async def uses_of(
    session: AsyncSession,
    business_id: UUID,
    resource_ids: Collection[UUID],
    begins: datetime,
    ends: datetime,
) -> list[Use]:
    during = time_range(begins, None if ends == NEVER else ends)
    reserved = await session.execute(
        select(
            Reservation.id,
            Reservation.during,
            Reservation.resource_id,
            Reservation.owner_id,
            Reservation.hold_version,
            Reservation.reserved_for,
            Reservation.quantity,
            Reservation.pooled,
        ).where(
            Reservation.business_id == business_id,
            Reservation.resource_id.in_(resource_ids),
            Reservation.during.overlaps(during),
        )
    )
    out = await session.execute(
        select(Outage.id, Outage.during, Outage.resource_id, Outage.quantity).where(
            Outage.business_id == business_id,
            Outage.resource_id.in_(resource_ids),
            Outage.during.overlaps(during),
        )
    )
    return [use_of(row._asdict()) for rows in (reserved, out) for row in rows]


def use_of(row: dict[str, object]) -> Use:
    during = row.pop("during")
    assert isinstance(during, Range)
    return Use(begins=during.lower, ends=during.upper or NEVER, **row)  # type: ignore[arg-type]


class Movable(NamedTuple):
    """The uses of machines of one kind, around some time."""

    pinned: list[Use]
    floating: list[Use]
    """Which may be on any machine."""


async def movable(
    session: AsyncSession,
    business_id: UUID,
    machine_ids: Collection[UUID],
    begins: datetime,
    ends: datetime,
    now: datetime,
) -> Movable:
    """Looks so far around that time as uses that can move reach from one to the next."""
    for _ in range(WIDENINGS):
        uses = await uses_of(session, business_id, machine_ids, begins, ends)
        pooled = [use for use in uses if use.pooled]
        seen = begins, ends
        begins = min([begins, *(use.begins for use in pooled)])
        ends = max([ends, *(use.ends for use in pooled)])
        if (begins, ends) == seen:
            break
    within = [use for use in uses if seen[0] <= use.begins and use.ends <= seen[1]]
    floating = set(may_move(within, uses, now))
    return Movable([use for use in uses if use not in floating], list(floating))


def may_move(candidates: Iterable[Use], uses: Collection[Use], now: datetime) -> list[Use]:
    """What has begun stays where it is; so does what is being changed, which has two versions.

    So does what is on a machine that is out of service: to be put on another one it would take
    that from somebody who asks for it now.
    """
    versions: dict[UUID | None, set[int]] = {}
    for use in uses:
        versions.setdefault(use.owner_id, set()).add(use.hold_version)
    outages = [use for use in uses if use.owner_id is None]
    return [
        use
        for use in candidates
        if use.pooled
        and use.begins > now
        and len(versions[use.owner_id]) == 1
        and not any(
            out.resource_id == use.resource_id and out.in_the_way_of(use) for out in outages
        )
    ]


def moves_to(plan: Mapping[UUID, UUID], floating: Iterable[Use]) -> dict[UUID, UUID]:
    """Reservations that change their machine, by their id.

    What one owner has several of stays on machines that the owner has anyway.
    """
    by_owner: dict[tuple[UUID | None, int], list[Use]] = {}
    for use in floating:
        by_owner.setdefault((use.owner_id, use.hold_version), []).append(use)
    moves: dict[UUID, UUID] = {}
    for uses in by_owner.values():
        had, gets = {use.resource_id for use in uses}, {plan[use.id] for use in uses}
        leaving = [use.id for use in uses if use.resource_id not in gets]
        moves.update(zip(leaving, sorted(gets - had), strict=True))
    return moves


async def move(session: AsyncSession, business_id: UUID, moves: Mapping[UUID, UUID]) -> None:
    """To other machines. Call it under the locks of all of them."""
    if not moves:
        return
    these = (Reservation.business_id == business_id, Reservation.id.in_(moves))
    found = select(Reservation.id, Reservation.during).where(*these).order_by(Reservation.id)
    # Locked, for their owners may let go of them: whom they release is gone, wherever it moves.
    locked = await session.execute(found.with_for_update())
    during = {id_: at for id_, at in locked}
    if not during:
        return
    # They swap machines, all at once: until then they stand in nobody's way.
    lifted = update(Reservation).where(*these).values(during=Range(empty=True))
    await session.execute(lifted, execution_options={"synchronize_session": False})
    placed = (
        update(Reservation)
        .where(Reservation.business_id == business_id, Reservation.id == bindparam("moved"))
        .values(resource_id=bindparam("to"), during=bindparam("at"))
    )
    rows = [{"moved": id_, "to": moves[id_], "at": at} for id_, at in during.items()]
    connection = await session.connection()
    await connection.execute(placed, rows)
