"""Machine and credit are held here for scheduling, which decides about the appointment."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import failpoints
from chassis.problems import TryAgain
from contracts.pilates import AppointmentHeld, HoldForAppointment
from pilates.appointment_holds.models import AppointmentHold
from pilates.appointment_holds.paying import pay
from pilates.appointment_holds.problems import HoldOver
from pilates.copies.models import Business
from pilates.customer_packages.paying import lock_packages
from pilates.resources.models import Reservation, ReservedFor
from pilates.resources.reserving import Need, lock_things, release, reserve

ASKED_AFTER = timedelta(seconds=30)
"""A hold of which nothing more has been heard."""


async def hold(session: AsyncSession, asked: HoldForAppointment) -> AppointmentHeld:
    """All of it or nothing, and the reason why not. Asked again, the answer is the same.

    Locks the hold, then machines, then packages.
    """
    now = session.info["clock"]()
    row = await lock(session, asked.business_id, asked.appointment_id)
    if asked.hold_version not in row.versions:
        if asked.hold_version <= row.latest:
            raise HoldOver
        await hold_anew(session, row, asked, now)
    reply = await as_held(session, row, asked.hold_version)
    await failpoints.reach("before-holding")
    return reply


async def hold_anew(
    session: AsyncSession, row: AppointmentHold, asked: HoldForAppointment, now: datetime
) -> None:
    business = await session.get(Business, asked.business_id)
    if business is None:
        raise TryAgain
    need = need_of(asked)
    await lock_things(session, asked.business_id, [need])
    if row.held_version is not None:
        # Nobody asks for the next one before the last one is decided, and not what it was.
        await release(session, row.business_id, row.id, hold_version=row.held_version)
    payer = [asked.customer_id] if asked.credit_cost else []
    packages = await lock_packages(session, row.business_id, payer, also=[row.package_id])
    if need.machines:
        await reserve(session, row.business_id, need, now)
    await pay(session, business, row, asked, packages, now)
    row.held_version, row.ask_at = asked.hold_version, now + ASKED_AFTER
    await session.flush()


def need_of(asked: HoldForAppointment) -> Need:
    return Need(
        reserved_for=ReservedFor.APPOINTMENT,
        owner_id=asked.appointment_id,
        hold_version=asked.hold_version,
        starts_at=asked.starts_at,
        ends_at=asked.ends_at,
        machines=tuple((kind, 1) for kind in asked.resource_kinds),
    )


async def lock(session: AsyncSession, business_id: UUID, appointment_id: UUID) -> AppointmentHold:
    """Also of an appointment that has nothing here yet."""
    key = {"business_id": business_id, "id": appointment_id}
    new = {"heard_version": 0, "standing_version": 0, "over_version": 0}
    new |= {"debit_version": 0, "credits": 0}
    await session.execute(insert(AppointmentHold).values(key | new).on_conflict_do_nothing())
    return await session.get_one(
        AppointmentHold,
        (business_id, appointment_id),
        with_for_update={"key_share": True},
        populate_existing=True,
    )


async def as_held(session: AsyncSession, row: AppointmentHold, version: int) -> AppointmentHeld:
    found = await session.scalars(
        select(Reservation.resource_id)
        .where(
            Reservation.business_id == row.business_id,
            Reservation.owner_id == row.id,
            Reservation.hold_version == version,
        )
        .order_by(Reservation.resource_id)
    )
    paid = row.debit_id is not None
    return AppointmentHeld(
        credits=row.credits if paid else 0,
        package_id=row.package_id if paid else None,
        resource_ids=list(found),
    )
