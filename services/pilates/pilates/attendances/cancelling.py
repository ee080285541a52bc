"""A place is given up: what comes back, and who gets it next."""

from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import audit
from chassis.auth import Principal
from chassis.preconditions import check_version
from chassis.problems import NotFound
from chassis.runtime import Runtime
from contracts.pilates import CreditOutcome, PlaceCancelled
from pilates.attendances.announcing import announce, free_until
from pilates.attendances.commands import check_may_manage
from pilates.attendances.holding import HeldSession, has_begun, hold_session
from pilates.attendances.keeping_current import bring_up_to_date, finish
from pilates.attendances.models import Attendance, PaidWith, Status
from pilates.attendances.problems import SessionBegun
from pilates.attendances.schemas import PlaceCancellation
from pilates.class_sessions.models import ClassSession
from pilates.copies.models import Business
from pilates.copies.queries import known_business
from pilates.customer_packages.ledger import forfeit, give_back
from pilates.drop_ins.settling import check_paid_together, settle_drop_in
from pilates.waitlist.waking import wake_people

CancelledBy = Literal["business", "customer"]


class Cancelled(NamedTuple):
    held: HeldSession
    attendances: list[Attendance]
    credit: CreditOutcome


async def cancel(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    session_id: UUID,
    attendance_id: UUID,
    wanted: PlaceCancellation,
    seen: int,
    now: datetime,
) -> Cancelled:
    business = await known_business(session, runtime, caller.business_id)
    row = await session.get(ClassSession, (caller.business_id, session_id))
    if row is None:
        raise NotFound
    check_may_manage(caller, row)
    cancelled = await cancel_places(
        session,
        business,
        session_id,
        attendance_id,
        by=wanted.on_behalf_of,
        actor=caller.actor,
        now=now,
        seen=seen,
        whole_party=wanted.whole_party,
        reason=wanted.reason,
        notify_customer=wanted.notify_customer,
    )
    for attendance in cancelled.attendances:
        after = {"status": attendance.status, "reason": wanted.reason}
        audit.record(session, caller, "place.cancelled", attendance.id, at=now, after=after)
    return cancelled


async def cancel_places(
    session: AsyncSession,
    business: Business,
    session_id: UUID,
    attendance_id: UUID,
    *,
    by: CancelledBy,
    actor: str,
    now: datetime,
    seen: int | None,
    whole_party: bool = False,
    reason: str | None = None,
    notify_customer: bool = True,
) -> Cancelled:
    """One place, or all that were booked with it; then whoever waits moves up.

    Raises PlaceNotHeld for what is cancelled already: of many who cancel at once, one does; and
    PaidTogether.
    """
    payer_id = await payer_of(session, business, session_id, attendance_id)
    held = await hold_session(session, business, session_id, [payer_id], frees_a_place=True)
    attendance = await named(session, held, attendance_id)
    check_version(attendance.version, seen)
    attendance.check_held(now)
    if by == "customer" and has_begun(held.row, now):
        raise SessionBegun(starts_at=held.row.starts_at.isoformat())
    going = [attendance]
    if whole_party:
        going = [one for one in held.attendances if one.party_id == attendance.party_id]
        going = [one for one in going if one.status == Status.BOOKED]
    check_paid_together(held, going)
    outcomes = [
        await give_up(
            session,
            held,
            one,
            by=by,
            actor=actor,
            reason=reason,
            now=now,
            notify_customer=notify_customer,
        )
        for one in going
    ]
    await bring_up_to_date(session, held, now)
    finish(session, held, now)
    return Cancelled(held, going, outcomes[0])


async def payer_of(
    session: AsyncSession, business: Business, session_id: UUID, attendance_id: UUID
) -> UUID | None:
    """Raises NotFound. Whoever paid stays who paid, so this may be read before the lock."""
    attendance = await session.get(Attendance, (business.business_id, attendance_id))
    if attendance is None or attendance.session_id != session_id:
        raise NotFound
    return attendance.payer_id


async def named(session: AsyncSession, held: HeldSession, attendance_id: UUID) -> Attendance:
    """As it stands under the lock; it may have moved to another session since."""
    attendance = await session.scalar(
        select(Attendance)
        .where(
            Attendance.business_id == held.row.business_id,
            Attendance.session_id == held.row.id,
            Attendance.id == attendance_id,
        )
        .execution_options(populate_existing=True)
    )
    if attendance is None:
        raise NotFound
    return attendance


async def give_up(
    session: AsyncSession,
    held: HeldSession,
    attendance: Attendance,
    *,
    by: CancelledBy,
    actor: str,
    reason: str | None,
    now: datetime,
    **members: Any,
) -> CreditOutcome:
    """The studio always gives back; the customer gets it back until `free_until`, inclusive."""
    late = by == "customer" and now > free_until(attendance, held.row)
    declined = attendance.decline_until is not None and now <= attendance.decline_until
    attendance.release(now, reason, late=late)
    held.attendances.remove(attendance)
    held.touched = True
    await wake_people(session, attendance.business_id, [attendance.person], now)
    credit = await settle_credit(session, held, attendance, by, actor, now, late=late)
    await settle_drop_in(session, attendance, now, late=late)
    await session.flush()
    told = {"cause": "declined"} if declined and by == "customer" else {}
    await announce(
        session,
        attendance,
        held.row,
        held.business,
        PlaceCancelled,
        now,
        **{"cancelled_by": by, "reason": reason, "credit": credit} | told | members,
    )
    return credit


async def settle_credit(
    session: AsyncSession,
    held: HeldSession,
    attendance: Attendance,
    by: CancelledBy,
    actor: str,
    now: datetime,
    *,
    late: bool,
) -> CreditOutcome:
    if attendance.paid_with != PaidWith.CREDIT or attendance.debit_id is None:
        return "none"
    business, packages, debit_id = held.business, held.packages, attendance.debit_id
    if late:
        await forfeit(session, business, packages, debit_id, actor=actor, now=now)
        return "forfeited"
    await give_back(
        session,
        business,
        packages,
        debit_id,
        by_studio=by == "business",
        reason=attendance.cancellation_reason,
        actor=actor,
        now=now,
    )
    return "returned"
