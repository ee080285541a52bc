"""Another session, or another spot in the same one: the place, and what paid for it, stay."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import audit
from chassis.auth import Principal
from chassis.preconditions import check_version
from chassis.problems import NotFound
from chassis.runtime import Runtime
from contracts.pilates import PlaceChanged
from pilates.attendances.announcing import announce, free_until
from pilates.attendances.booking import charge_for, check_free, check_open
from pilates.attendances.cancelling import CancelledBy, named, payer_of
from pilates.attendances.commands import check_may_manage
from pilates.attendances.holding import (
    HeldSession,
    has_begun,
    hold_session,
    lock_credits,
    lock_sessions,
    look_at,
)
from pilates.attendances.keeping_current import bring_up_to_date, finish
from pilates.attendances.models import TAKEN, Attendance, PaidWith
from pilates.attendances.problems import (
    AlreadyBooked,
    CostsDiffer,
    NoSuchSpot,
    SessionBegun,
    SpotTaken,
    TooLateToMove,
)
from pilates.attendances.reseating import tell
from pilates.attendances.schemas import PlaceMove, SpotChange
from pilates.class_sessions.models import ClassSession
from pilates.copies.models import Business
from pilates.copies.queries import known_business
from pilates.customer_packages.paying import reasons_against_moving
from pilates.customer_packages.problems import NoCredit
from pilates.drop_ins.settling import check_paid_together
from pilates.resources.spots import Spot
from pilates.waitlist.waking import wake_people


async def move(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    session_id: UUID,
    attendance_id: UUID,
    wanted: PlaceMove,
    seen: int,
    now: datetime,
) -> tuple[HeldSession, Attendance]:
    business = await known_business(session, runtime, caller.business_id)
    for id_ in (session_id, wanted.session_id):
        row = await session.get(ClassSession, (caller.business_id, id_))
        if row is None:
            raise NotFound
        check_may_manage(caller, row)
    there, attendance = await move_place(
        session,
        business,
        session_id,
        attendance_id,
        wanted.session_id,
        by="business",
        now=now,
        seen=seen,
        spot_id=wanted.spot_id,
        notify_customer=wanted.notify_customer,
    )
    before, after = {"session_id": str(session_id)}, {"session_id": str(wanted.session_id)}
    audit.record(session, caller, "place.moved", attendance_id, at=now, before=before, after=after)
    return there, attendance


async def move_place(
    session: AsyncSession,
    business: Business,
    session_id: UUID,
    attendance_id: UUID,
    target_id: UUID,
    *,
    by: CancelledBy,
    now: datetime,
    seen: int | None,
    spot_id: UUID | None = None,
    notify_customer: bool = True,
) -> tuple[HeldSession, Attendance]:
    """Keeps the debit: the package that paid must be able to pay for the other class too.

    A customer may move as long as cancelling would cost nothing; the studio always may.
    """
    payer_id = await payer_of(session, business, session_id, attendance_id)
    here, there = await hold_both(session, business, session_id, target_id, payer_id)
    attendance = await named(session, here, attendance_id)
    check_version(attendance.version, seen)
    attendance.check_held(now)
    await bring_up_to_date(session, there, now)
    check_open(there, 1)
    if by == "customer":
        check_in_time(here, there, attendance, now)
    check_free(there, 1)
    check_paid(here, there, attendance, now)
    await check_not_busy(session, there, attendance)
    spot = spot_in(there, spot_id)
    previously = before_move(here, attendance)
    go_over(here, there, attendance, spot)
    await session.flush()
    await wake_people(session, business.business_id, [attendance.person], now)
    await announce(
        session,
        attendance,
        there.row,
        business,
        PlaceChanged,
        now,
        cause="moved",
        notify_customer=notify_customer,
        **previously,
    )
    await bring_up_to_date(session, here, now)
    for held in (here, there):
        finish(session, held, now)
    return there, attendance


def go_over(
    here: HeldSession, there: HeldSession, attendance: Attendance, spot: Spot | None
) -> None:
    here.attendances.remove(attendance)
    attendance.go_with(there.row)
    attendance.spot_id, attendance.spot_label = (
        (spot.resource_id, spot.label) if spot else (None, None)
    )
    attendance.decline_until = None
    there.attendances.append(attendance)
    here.touched = there.touched = True


async def hold_both(
    session: AsyncSession,
    business: Business,
    session_id: UUID,
    target_id: UUID,
    payer_id: UUID | None,
) -> tuple[HeldSession, HeldSession]:
    rows = await lock_sessions(session, business.business_id, session_id, target_id)
    here, there = [await look_at(session, business, row) for row in rows]
    await lock_credits(session, [here, there], [payer_id], frees_a_place=True)
    return here, there


def check_in_time(
    here: HeldSession, there: HeldSession, attendance: Attendance, now: datetime
) -> None:
    until = free_until(attendance, here.row)
    if now > until:
        raise TooLateToMove(until=until.isoformat())
    if has_begun(there.row, now):
        raise SessionBegun(starts_at=there.row.starts_at.isoformat())


def check_paid(
    here: HeldSession, there: HeldSession, attendance: Attendance, now: datetime
) -> None:
    check_paid_together(here, [attendance])
    if attendance.paid_with != PaidWith.CREDIT:
        if there.row.price_cents != attendance.price_cents:
            raise CostsDiffer(price_cents=there.row.price_cents)
        return
    if there.row.credit_cost != attendance.credits:
        raise CostsDiffer(credit_cost=there.row.credit_cost)
    charge = charge_for(there, attendance.id)
    assert attendance.package_id is not None
    package = there.packages.by_id(attendance.package_id)
    zone = there.business.time_zone
    if reasons := reasons_against_moving(package, charge, zone, now):
        told = {"package_id": str(package.id), "name": package.name, "reasons": reasons}
        raise NoCredit(reasons=[told])


async def check_not_busy(session: AsyncSession, there: HeldSession, moving: Attendance) -> None:
    """An UPDATE has no ON CONFLICT: it looks first, and the constraint stays as the backstop."""
    row = there.row
    if moving.session_id == row.id:
        raise AlreadyBooked(session_id=str(row.id), attendance_id=str(moving.id))
    other = await session.scalar(
        select(Attendance).where(
            Attendance.business_id == row.business_id,
            Attendance.id != moving.id,
            Attendance.person == moving.person,
            Attendance.starts_at < row.ends_at,
            Attendance.ends_at > row.starts_at,
            Attendance.status.in_(TAKEN),
        )
    )
    if other is not None:
        raise AlreadyBooked(
            reasons=["time_conflict"],
            session_id=str(other.session_id),
            attendance_id=str(other.id),
        )


def spot_in(held: HeldSession, spot_id: UUID | None) -> Spot | None:
    """The one named, or the first that is free; None where the room has no map."""
    free = {spot.resource_id: spot for spot in held.free_spots()}
    if spot_id is None:
        return next(iter(free.values()), None)
    if spot_id not in {spot.resource_id for spot in held.spots if spot.in_service}:
        raise NoSuchSpot(spot_ids=[str(spot_id)])
    if spot_id not in free:
        raise SpotTaken(spot_ids=[str(spot_id)], free_spot_ids=[str(id_) for id_ in free])
    return free[spot_id]


def before_move(here: HeldSession, attendance: Attendance) -> dict[str, object]:
    row = here.row
    return {
        "previous_starts_at": row.starts_at,
        "previous_ends_at": row.ends_at,
        "previous_name": row.name,
        "previous_instructor_name": row.instructor_name,
        "previous_room_name": row.room_name,
        "previous_spot_label": attendance.spot_label,
    }


async def change_spot(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    session_id: UUID,
    attendance_id: UUID,
    wanted: SpotChange,
    seen: int,
    now: datetime,
) -> Attendance:
    business = await known_business(session, runtime, caller.business_id)
    held = await hold_session(session, business, session_id)
    check_may_manage(caller, held.row)
    attendance = await named(session, held, attendance_id)
    check_version(attendance.version, seen)
    attendance.check_held(now)
    if attendance.spot_id == wanted.spot_id:
        return attendance
    spot = spot_in(held, wanted.spot_id)
    assert spot is not None
    before = attendance.spot_label
    attendance.sit_on(spot.resource_id, spot.label)
    await tell(session, held, attendance, before, now, notify_customer=wanted.notify_customer)
    audit.record(
        session,
        caller,
        "place.spot_changed",
        attendance_id,
        at=now,
        before={"spot": before},
        after={"spot": spot.label},
    )
    return attendance
