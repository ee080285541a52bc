from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.claims.models import Claim, is_live
from scheduling.copies.models import StaffMember
from scheduling.time_asked_for import BUSINESS, STAFF

IN_ORDER = (
    select(StaffMember)
    .where(
        StaffMember.business_id == BUSINESS,
        StaffMember.id == STAFF,
        StaffMember.archived_at.is_(None),
    )
    .order_by(StaffMember.id)
)
LOCKED = IN_ORDER.with_for_update(key_share=True)
LOCKED_AT_ONCE = IN_ORDER.with_for_update(key_share=True, skip_locked=True)


async def lock_staff(
    session: AsyncSession, business_id: UUID, staff_ids: Collection[UUID], *, wait: bool = True
) -> dict[UUID, StaffMember]:
    """Whoever decides about people's time holds their rows, in the order of their ids.

    The archived are left out; so are those whom somebody else holds, unless told to wait.
    """
    asked = {"business_id": business_id, "staff_ids": list(staff_ids)}
    people = await session.scalars(LOCKED if wait else LOCKED_AT_ONCE, asked)
    return {person.id: person for person in people}


async def take(session: AsyncSession, now: datetime, **claim: Any) -> UUID | None:
    """Claim the time; None where another live claim has it. Call it under the person's lock."""
    claimed = await _insert(session, claim)
    if claimed is None:
        # Nothing left to sweep may mean that the worker has swept it while we waited for its row.
        await _sweep(session, now, claim)
        claimed = await _insert(session, claim)
    return claimed


TAKE = insert(Claim).on_conflict_do_nothing().returning(Claim.id)


async def _insert(session: AsyncSession, claim: dict[str, Any]) -> UUID | None:
    # A plain INSERT into an exclusion constraint deadlocks under contention; this one does not.
    claimed: UUID | None = await session.scalar(TAKE, claim)
    return claimed


TAKE_MANY = insert(Claim).on_conflict_do_nothing().returning(Claim.id, Claim.owner_id)


async def take_many(
    session: AsyncSession, now: datetime, wanted: Sequence[dict[str, Any]]
) -> dict[UUID, UUID]:
    """Of each owner the claim, where no other live claim has the time; the first comes first.

    Call it under the locks of all these people.
    """
    if not wanted:
        return {}
    rows = await session.execute(TAKE_MANY, wanted)
    taken = {owner: id_ for id_, owner in rows if owner}
    for claim in wanted:
        if claim["owner_id"] not in taken and (id_ := await take(session, now, **claim)):
            taken[claim["owner_id"]] = id_
    return taken


async def _sweep(session: AsyncSession, now: datetime, claim: dict[str, Any]) -> None:
    """What has expired stands in the way of nobody, though its row may still be there."""
    await session.execute(
        delete(Claim).where(
            Claim.business_id == claim["business_id"],
            Claim.staff_id == claim["staff_id"],
            Claim.during.overlaps(claim["during"]),
            Claim.expires_at <= now,
        )
    )


async def release(session: AsyncSession, business_id: UUID, id_: UUID) -> None:
    """With the time that it is on its way to, if it is."""
    ids = (id_, way_of(id_))
    await session.execute(delete(Claim).where(Claim.business_id == business_id, Claim.id.in_(ids)))


def way_of(id_: UUID) -> UUID:
    """The claim on the time that it is to move to, as long as that is not certain."""
    return uuid5(id_, "way")


async def release_own(
    session: AsyncSession,
    business_id: UUID,
    holder: str,
    now: datetime,
    **place: Any,
) -> None:
    """A guest's own holds do not stand in their way, and nobody is in two places at once.

    Of this person those that touch it with its buffers, of others those at the same time. One
    guest's requests, for whoever's time, come here one after another: this locks the holder until
    the commit, after people and before claims.
    """
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(holder, 0))))
    same_time = (Claim.starts_at < place["ends_at"]) & (Claim.ends_at > place["starts_at"])
    own = (Claim.staff_id == place["staff_id"]) & Claim.during.overlaps(place["during"])
    # Others' people are not locked here: of theirs, the expired are left to whoever locks them.
    await session.execute(
        delete(Claim).where(
            Claim.business_id == business_id,
            Claim.holder == holder,
            own | (same_time & is_live(now)),
        )
    )


async def keep(session: AsyncSession, business_id: UUID, id_: UUID) -> bool:
    """What was held until its deadline is held for good; False if it has gone meanwhile."""
    kept = await session.scalar(
        update(Claim)
        .where(Claim.business_id == business_id, Claim.id == id_)
        .values(expires_at=None)
        .returning(Claim.id)
    )
    return kept is not None


async def end_at(
    session: AsyncSession, business_id: UUID, id_: UUID, expires_at: datetime | None
) -> None:
    """What was claimed for good is from now on claimed until then."""
    claimed = update(Claim).where(Claim.business_id == business_id, Claim.id == id_)
    await session.execute(claimed.values(expires_at=expires_at))


async def lift(session: AsyncSession, business_id: UUID, ids: Collection[UUID]) -> None:
    """They are about to move, all at once: until then they stand in nobody's way."""
    await session.execute(
        update(Claim)
        .where(Claim.business_id == business_id, Claim.id.in_(ids))
        .values(during=Range(empty=True))
    )


async def move(
    session: AsyncSession, business_id: UUID, id_: UUID, now: datetime, **place: Any
) -> None:
    """To another person or time, which the caller holds the lock of and has found free."""
    await _sweep(session, now, {"business_id": business_id} | place)
    await session.execute(
        update(Claim).where(Claim.business_id == business_id, Claim.id == id_).values(place)
    )
