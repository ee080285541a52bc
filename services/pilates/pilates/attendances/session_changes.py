"""What a change of the session does to the places in it; call these under the session's lock."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.pilates import PlaceChanged
from pilates.attendances.announcing import announce
from pilates.attendances.cancelling import give_up
from pilates.attendances.holding import HeldSession, lock_credits, look_at
from pilates.attendances.keeping_current import bring_up_to_date
from pilates.attendances.models import TAKEN, Attendance, Status
from pilates.attendances.reseating import reseat
from pilates.class_sessions.models import ClassSession
from pilates.copies.models import Business
from pilates.waitlist.announcing import leave
from pilates.waitlist.models import Status as WaitlistStatus


@dataclass(frozen=True)
class Previously:
    """How the session was before, as far as it differs."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    instructor_name: str | None = None
    room_name: str | None = None

    def told(self) -> dict[str, Any]:
        return {f"previous_{name}": value for name, value in vars(self).items()}


@dataclass
class Consequences:
    """What became of places and waiters, for an answer that lists it."""

    moved: list[UUID] = field(default_factory=list)
    """Attendances that go on, at another time or on another spot."""
    cancelled: list[UUID] = field(default_factory=list)
    """Attendances that the studio had to cancel, with what paid for them given back."""
    without_spot: list[UUID] = field(default_factory=list)
    """Attendances whose machine is out of service, and no other one is free."""
    promoted: list[UUID] = field(default_factory=list)
    """Waitlist entries that got a place, or the offer of one."""


async def change_with_session(
    session: AsyncSession,
    class_session: ClassSession,
    business: Business,
    previously: Previously,
    actor: str,
    now: datetime,
    *,
    notify_customers: bool = True,
) -> Consequences:
    """The session has another time, instructor or room by now; its attendees go with it.

    Whoever has another place at the new time is cancelled by the studio; so the credit returns.
    """
    held = await hold_all(session, business, class_session)
    done = Consequences()
    kept_away = await who_is_kept_away(session, held)
    await session.flush()
    for attendance in [one for one in held.attendances if one.status == Status.BOOKED]:
        if attendance.id in kept_away:
            await give_up(
                session,
                held,
                attendance,
                by="business",
                actor=actor,
                reason=None,
                now=now,
                notify_customer=notify_customers,
            )
            done.cancelled.append(attendance.id)
            continue
        attendance.go_with(class_session)
        done.moved.append(attendance.id)
    take_spots_of_new_room(held, done)
    await session.flush()
    for attendance in [one for one in held.attendances if one.id in done.moved]:
        await announce(
            session,
            attendance,
            class_session,
            business,
            PlaceChanged,
            now,
            cause="session_changed",
            notify_customer=notify_customers,
            **previously.told(),
        )
    await move_up(session, held, done, now)
    return done


async def who_is_kept_away(session: AsyncSession, held: HeldSession) -> set[UUID]:
    """Whoever has another place at the session's time as it is now.

    And who is paid for by the same payment, which goes back as a whole.
    """
    row = held.row
    found = await session.scalars(
        select(Attendance.person).where(
            Attendance.business_id == row.business_id,
            Attendance.session_id != row.id,
            Attendance.person.in_([one.person for one in held.attendances]),
            Attendance.during.overlaps(Range(row.starts_at, row.ends_at, bounds="[)")),
            Attendance.status.in_(TAKEN),
        )
    )
    busy = set(found)
    away = [one for one in held.attendances if one.person in busy]
    parties = {one.party_id for one in away if one.has_drop_in}
    return {one.id for one in held.attendances if one in away or one.party_id in parties}


def take_spots_of_new_room(held: HeldSession, done: Consequences) -> None:
    """In the same room everybody stays; in another one each gets a spot of that."""
    there = {spot.resource_id for spot in held.spots}
    strangers = [one for one in held.attendances if one.spot_id not in there]
    for attendance in strangers:
        attendance.spot_id = None
    for attendance in strangers:
        spot = next(iter(held.free_spots()), None)
        attendance.spot_id = spot.resource_id if spot else None
        attendance.spot_label = spot.label if spot else None
        if spot is None and held.spots:
            done.without_spot.append(attendance.id)


async def cancel_with_session(
    session: AsyncSession,
    class_session: ClassSession,
    business: Business,
    reason: str | None,
    actor: str,
    now: datetime,
    *,
    notify_customers: bool = True,
) -> Consequences:
    """Everybody gets back what they paid with, and the queue is over."""
    held = await hold_all(session, business, class_session)
    done = Consequences()
    for attendance in [one for one in held.attendances if one.status == Status.BOOKED]:
        await give_up(
            session,
            held,
            attendance,
            by="business",
            actor=actor,
            reason=reason,
            now=now,
            cause="session_cancelled",
            notify_customer=notify_customers,
        )
        done.cancelled.append(attendance.id)
    for entry in list(held.queue):
        leave(session, held, entry, WaitlistStatus.OVER, now, notify_customer=notify_customers)
    await session.flush()
    return done


async def spots_changed(
    session: AsyncSession,
    class_session: ClassSession,
    business: Business,
    now: datetime,
) -> Consequences:
    """Capacity was edited, or machines have gone out of service or come back.

    Whoever has no usable spot moves to a free one, if there is one; then whoever waits is
    promoted, if the effective capacity has grown.
    """
    held = await hold_all(session, business, class_session)
    done = Consequences()
    seated = await reseat(session, held, now)
    done.moved, done.without_spot = seated.moved, seated.without_spot
    await move_up(session, held, done, now)
    return done


async def hold_all(
    session: AsyncSession, business: Business, class_session: ClassSession
) -> HeldSession:
    held = await look_at(session, business, class_session)
    payers = [one.payer_id for one in held.attendances]
    await lock_credits(session, [held], payers, frees_a_place=True)
    return held


async def move_up(
    session: AsyncSession, held: HeldSession, done: Consequences, now: datetime
) -> None:
    waiting = {one.id for one in held.queue if one.status == WaitlistStatus.WAITING}
    await bring_up_to_date(session, held, now)
    still = {one.id for one in held.queue if one.status == WaitlistStatus.WAITING}
    done.promoted += sorted(waiting - still)
