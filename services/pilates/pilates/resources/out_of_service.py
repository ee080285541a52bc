"""Resources go out of service and come back, and whoever has them reserved is seen to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import audit
from chassis.auth import Principal
from chassis.problems import InvalidRequest, NotFound
from chassis.runtime import Runtime
from contracts.moments import begin_of, end_of
from pilates.copies.models import Business
from pilates.copies.queries import known_business
from pilates.resources.assignment import NEVER, Use
from pilates.resources.making_room import vacate
from pilates.resources.models import Category, Outage, Reservation, ReservedFor, Resource
from pilates.resources.problems import OutageOver, OutOfServiceAlready
from pilates.resources.queries import outage_view, read_present
from pilates.resources.schemas import OutageWrite, Outcome, SessionConcerned
from pilates.resources.sessions_concerned import (
    Sessions,
    listed,
    lock_with_sessions,
    reserved_by_sessions,
    tell_sessions,
)
from pilates.resources.timetable import time_range, uses_of


async def take_out(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    resource_id: UUID,
    wanted: OutageWrite,
    now: datetime,
) -> Outcome:
    """Raises OutOfServiceAlready.

    What is of the pool moves to other machines if it can; on a map, people move to free spots. Who
    needs a room or a prop is listed, and left to the studio.
    """
    resource = await read_present(session, caller.business_id, resource_id)
    business = await known_business(session, runtime, caller.business_id)
    during = asked_time(wanted, business, now)
    ahead = still_ahead(during, now)
    sessions = await lock_reserved(session, resource, ahead)
    quantity = asked_quantity(wanted, resource)
    moved, stay = 0, await reserved_in(session, resource, ahead)
    if any(use.pooled for use in stay):
        moved, stay = await vacate(session, resource, stay, now)
    outage = await add(session, resource, during, quantity, wanted.reason)
    after = outage_view(outage).model_dump(mode="json")
    audit.record(session, caller, "resource.out-of-service", resource.id, at=now, after=after)
    told = await tell(session, resource, stay, sessions, business, now)
    appointments = [
        use.owner_id for use in stay if use.owner_id and use.reserved_for == ReservedFor.APPOINTMENT
    ]
    return Outcome(
        outage=outage_view(outage),
        moved_reservations=moved,
        sessions=told,
        appointments=sorted(set(appointments)),
    )


async def bring_back(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    resource_id: UUID,
    outage_id: UUID,
    now: datetime,
    *,
    forget: bool = False,
) -> Outcome:
    """Back in service from now on, or as if it had never been out of it.

    Raises OutageOver, unless it is to be forgotten.
    """
    resource = await read_present(session, caller.business_id, resource_id)
    business = await known_business(session, runtime, caller.business_id)
    outage = await read_outage(session, resource, outage_id)
    sessions = await lock_reserved(session, resource, still_ahead(outage.during, now))
    outage = await read_outage(session, resource, outage_id)
    before, ahead = outage_view(outage), still_ahead(outage.during, now)
    if ahead is None and not forget:
        raise OutageOver
    if forget or before.starts_at >= now:
        await session.delete(outage)
        after = None
    else:
        outage.during = time_range(before.starts_at, now)
        after = outage_view(outage).model_dump(mode="json")
    await session.flush()
    action = "resource.outage-forgotten" if forget else "resource.back-in-service"
    state = before.model_dump(mode="json")
    audit.record(session, caller, action, resource.id, at=now, before=state, after=after)
    uses = await reserved_in(session, resource, ahead)
    told = await tell(session, resource, uses, sessions, business, now)
    return Outcome(outage=outage_view(outage), moved_reservations=0, sessions=told, appointments=[])


def asked_time(wanted: OutageWrite, business: Business, now: datetime) -> Range[datetime]:
    zone = business.time_zone
    begins = now if wanted.begins is None else begin_of(wanted.begins, zone)
    ends = None if wanted.ends is None else end_of(wanted.ends, zone)
    if ends is not None and ends <= begins:
        errors = [{"pointer": "#/body/to", "detail": "is not after its begin"}]
        raise InvalidRequest(errors=errors)
    return time_range(begins, ends)


def asked_quantity(wanted: OutageWrite, resource: Resource) -> int:
    quantity = resource.quantity if wanted.quantity is None else wanted.quantity
    if quantity > resource.quantity:
        detail = f"is more than there are, which is {resource.quantity}"
        raise InvalidRequest(errors=[{"pointer": "#/body/quantity", "detail": detail}])
    return quantity


def still_ahead(during: Range[datetime], now: datetime) -> Range[datetime] | None:
    """From now on; None where it is over."""
    if during.upper is not None and during.upper <= now:
        return None
    assert during.lower is not None
    return time_range(max(during.lower, now), during.upper)


async def lock_reserved(
    session: AsyncSession, resource: Resource, ahead: Range[datetime] | None
) -> Sessions:
    """The sessions that have it reserved then, and it with all machines that may stand in."""

    async def find() -> set[UUID]:
        if ahead is None:
            return set()
        return await reserved_by_sessions(
            session,
            resource.business_id,
            Reservation.resource_id == resource.id,
            Reservation.during.overlaps(ahead),
        )

    kinds = {resource.kind} if resource.category == Category.MACHINE else set()
    sessions = await lock_with_sessions(session, resource.business_id, find, {resource.id}, kinds)
    await session.refresh(resource)
    if resource.archived_at:
        raise NotFound
    return sessions


async def reserved_in(
    session: AsyncSession, resource: Resource, ahead: Range[datetime] | None
) -> list[Use]:
    if ahead is None or ahead.lower is None:
        return []
    uses = await uses_of(
        session, resource.business_id, [resource.id], ahead.lower, ahead.upper or NEVER
    )
    reserved = (use for use in uses if use.owner_id)
    return sorted(reserved, key=lambda use: (use.begins, use.id))


async def add(
    session: AsyncSession,
    resource: Resource,
    during: Range[datetime],
    quantity: int,
    reason: str | None,
) -> Outage:
    wanted = insert(Outage).values(
        business_id=resource.business_id,
        resource_id=resource.id,
        during=during,
        quantity=quantity,
        reason=reason,
    )
    outage: Outage | None = await session.scalar(wanted.on_conflict_do_nothing().returning(Outage))
    if outage is None:
        raise OutOfServiceAlready
    return outage


async def read_outage(session: AsyncSession, resource: Resource, outage_id: UUID) -> Outage:
    outage: Outage | None = await session.scalar(
        select(Outage)
        .where(
            Outage.business_id == resource.business_id,
            Outage.resource_id == resource.id,
            Outage.id == outage_id,
        )
        .execution_options(populate_existing=True)
    )
    if outage is None:
        raise NotFound
    return outage


async def tell(
    session: AsyncSession,
    resource: Resource,
    uses: list[Use],
    sessions: Sessions,
    business: Business,
    now: datetime,
) -> list[SessionConcerned]:
    """The sessions whose hold that stands has it."""
    concerned = [
        sessions[use.owner_id]
        for use in uses
        if use.owner_id in sessions and sessions[use.owner_id].hold_version == use.hold_version
    ]
    if resource.category != Category.MACHINE:
        return listed(concerned)
    return await tell_sessions(session, concerned, business, now)
