"""An appointment held for one change: others who want to change it wait, then see it changed."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import audit
from chassis.auth import Principal
from chassis.preconditions import check_version
from chassis.problems import NotFound
from chassis.runtime import Runtime
from contracts.permissions import Permission
from contracts.scheduling import AppointmentEvent
from scheduling.appointments import queries
from scheduling.appointments.announcing import announce, snapshot
from scheduling.appointments.models import Appointment
from scheduling.claims import commands as claims
from scheduling.copies.models import Business, StaffMember
from scheduling.copies.queries import known

FINANCIAL = ("price_cents", "deposit_cents")
"""Whoever may change an appointment need not know what it costs."""


@dataclass(frozen=True)
class Held:
    appointment: Appointment
    business: Business
    before: dict[str, Any]
    """As it was, for the audit trail."""
    people: dict[UUID, StaffMember] = field(default_factory=dict)
    """Whose time is locked with it; nobody else decides about it before the commit."""


async def hold(
    session: AsyncSession, runtime: Runtime, caller: Principal, appointment_id: UUID, seen: int
) -> Held:
    """Raises NotFound, also for somebody else's calendar, and Stale with the current state."""
    appointment = await session.get(
        Appointment, (caller.business_id, appointment_id), with_for_update={"key_share": True}
    )
    if appointment is None or not sees(caller, appointment):
        raise NotFound
    return await as_seen(session, runtime, appointment, seen)


async def hold_with_time(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    appointment_id: UUID,
    seen: int,
    *also: UUID,
) -> Held:
    """The same, with the time of its staff member, and of others, locked before it.

    Its staff member must be known to be locked first; one who was changed in that moment, which
    only `If-Match: *` can overlook, is Stale as well.
    """
    appointment = await queries.read(session, caller, appointment_id)
    locked = {appointment.staff_id, *also}
    people = await claims.lock_staff(session, caller.business_id, locked)
    await session.refresh(appointment, with_for_update={"key_share": True})
    if not sees(caller, appointment):
        raise NotFound
    unchanged = appointment.staff_id in locked
    return await as_seen(session, runtime, appointment, seen if unchanged else 0, people)


async def as_seen(
    session: AsyncSession,
    runtime: Runtime,
    appointment: Appointment,
    seen: int,
    people: dict[UUID, StaffMember] | None = None,
) -> Held:
    business_id = appointment.business_id
    business = await known(session, runtime, Business, business_id, business_id)
    before = snapshot(appointment, business).model_dump(mode="json")
    shown = {name: value for name, value in before.items() if name not in FINANCIAL}
    check_version(appointment.version, seen, shown)
    return Held(appointment, business, before, people or {})


def sees(caller: Principal, appointment: Appointment) -> bool:
    return caller.may(Permission.MANAGE_CALENDAR) or caller.staff_id == appointment.staff_id


async def tell(
    session: AsyncSession,
    held: Held,
    caller: Principal,
    action: str,
    fact: type[AppointmentEvent],
    now: datetime,
    **members: Any,
) -> Appointment:
    """What has become of it: to listeners, to open calendars and to the audit trail."""
    told = await announce(session, held.appointment, held.business, fact, now, **members)
    audit.record(
        session,
        caller,
        action,
        held.appointment.id,
        at=now,
        before=held.before,
        after=told.appointment.model_dump(mode="json"),
    )
    return held.appointment
