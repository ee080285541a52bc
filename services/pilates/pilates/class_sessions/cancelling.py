from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Principal
from chassis.outbox import publish_on_commit
from chassis.preconditions import check_version
from chassis.runtime import Runtime
from contracts.pilates import ClassSessionCancelled, PilatesEntryChanged
from pilates.attendances.holding import lock_sessions
from pilates.attendances.models import Attendance
from pilates.attendances.session_changes import Consequences, cancel_with_session
from pilates.calendar.entries import entry_of
from pilates.class_series.models import ClassSeries
from pilates.class_sessions.announcing import announce, snapshot
from pilates.class_sessions.commands import record, state
from pilates.class_sessions.models import ClassSession, Status
from pilates.class_sessions.pivot import close
from pilates.class_sessions.problems import IllegalSessionChange, SessionHasPlaces, SessionOver
from pilates.class_sessions.schemas import SessionCancellation
from pilates.copies.models import Business
from pilates.copies.queries import known_business
from pilates.resources.reserving import release
from pilates.waitlist.models import WaitlistEntry


async def cancel(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    session_id: UUID,
    wanted: SessionCancellation,
    seen: int | None,
    now: datetime,
) -> tuple[ClassSession, Consequences]:
    """By the studio: everybody gets back what they paid with."""
    business = await known_business(session, runtime, caller.business_id)
    [row] = await lock_sessions(session, business.business_id, session_id)
    before = state(row, business)
    check_version(row.version, seen, before)
    check_cancellable(row, now)
    done = await cancel_held(
        session, row, business, wanted.reason, caller.actor, now, notify=wanted.notify_customers
    )
    record(session, caller, "class-session.cancelled", row, business, before, now)
    return row, done


def check_cancellable(row: ClassSession, now: datetime) -> None:
    if row.status == Status.CANCELLED:
        raise IllegalSessionChange(session_status=row.status)
    if row.status == Status.PUBLISHED and row.ends_at <= now:
        raise SessionOver


async def cancel_held(
    session: AsyncSession,
    row: ClassSession,
    business: Business,
    reason: str | None,
    actor: str,
    now: datetime,
    *,
    notify: bool,
) -> Consequences:
    """Also while something is being asked for: what is held for that is released by the event."""
    was = Status(row.status)
    row.status, row.cancelled_at, row.cancellation_reason = Status.CANCELLED, now, reason
    row.sequence += was == Status.PUBLISHED
    row.refused = None
    close(row)
    await release(session, business.business_id, row.id)
    await session.flush()
    if was == Status.DRAFT:
        return Consequences()
    if was == Status.PENDING:
        release_instructor(session, row, business, reason, now)
        return Consequences()
    done = await cancel_with_session(
        session, row, business, reason, actor, now, notify_customers=notify
    )
    await announce(session, row, business, ClassSessionCancelled, now, reason=reason)
    return done


def release_instructor(
    session: AsyncSession, row: ClassSession, business: Business, reason: str | None, now: datetime
) -> None:
    """It was in no calendar yet."""
    told = snapshot(row, business)
    fact = ClassSessionCancelled(
        occurred_at=now, business_id=business.business_id, session=told, reason=reason
    )
    publish_on_commit(session, fact)


async def delete(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    session_id: UUID,
    seen: int | None,
    now: datetime,
) -> None:
    """As if it had never been; an occurrence of a series does not come back.

    Raises SessionHasPlaces, also of places that were cancelled and of those who had waited.
    """
    business = await known_business(session, runtime, caller.business_id)
    [row] = await lock_sessions(session, business.business_id, session_id)
    before = state(row, business)
    check_version(row.version, seen, before)
    await check_nobody_in_it(session, row)
    was = row.status
    if was != Status.CANCELLED:
        await cancel_held(session, row, business, None, caller.actor, now, notify=False)
    if row.published_at is not None:
        entry = await entry_of(session, row, now)
        gone = PilatesEntryChanged(
            occurred_at=now, business_id=business.business_id, entry=entry, removed=True
        )
        publish_on_commit(session, gone)
    await except_from_series(session, row)
    record(session, caller, "class-session.deleted", row, business, before, now)
    await session.delete(row)
    await session.flush()


async def check_nobody_in_it(session: AsyncSession, row: ClassSession) -> None:
    for model in (Attendance, WaitlistEntry):
        found = select(model.id).where(
            model.business_id == row.business_id, model.session_id == row.id
        )
        if await session.scalar(found.limit(1)):
            raise SessionHasPlaces


async def except_from_series(session: AsyncSession, row: ClassSession) -> None:
    if row.series_id is None or row.occurs_on is None:
        return
    key = (row.business_id, row.series_id)
    series = await session.get_one(ClassSeries, key, with_for_update={"key_share": True})
    series.except_for = sorted({*series.except_for, row.occurs_on})
    series.version += 1
