"""Why a customer can have a place in a session or not: the whole chain, without deciding it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Principal
from chassis.runtime import Runtime
from pilates.attendances import queries
from pilates.attendances.booking import charge_for
from pilates.attendances.commands import check_may_manage
from pilates.attendances.holding import HeldSession, attendances_of, has_begun, queue_of
from pilates.attendances.models import TAKEN, Attendance
from pilates.attendances.people import person_of
from pilates.attendances.schemas import PackageReasons, PlaceReasons
from pilates.class_sessions.models import Status as SessionStatus
from pilates.copies.models import Customer
from pilates.copies.queries import known, known_business
from pilates.customer_packages.paying import can_pay, chosen, read_packages, why_nobody_pays
from pilates.resources.spots import machines_of
from pilates.waitlist.announcing import position_of


async def reasons(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    session_id: UUID,
    customer_id: UUID,
    places: int,
    now: datetime,
) -> PlaceReasons:
    business = await known_business(session, runtime, caller.business_id)
    customer = await known(session, runtime, Customer, caller.business_id, customer_id)
    row = await queries.read_session(session, caller, session_id)
    check_may_manage(caller, row)
    held = HeldSession(
        business,
        row,
        await machines_of(session, row) if row.spot_kind else [],
        [one for one in await attendances_of(session, row) if not one.is_unpaid(now)],
        await queue_of(session, row),
        await read_packages(session, caller.business_id, customer_id),
    )
    conflicts = await conflicts_of(session, held, str(person_of(customer).id))
    return chain(held, customer_id, places, conflicts, now)


async def conflicts_of(session: AsyncSession, held: HeldSession, person: str) -> list[UUID]:
    row = held.row
    found = await session.scalars(
        select(Attendance.id)
        .where(
            Attendance.business_id == row.business_id,
            Attendance.person == person,
            Attendance.starts_at < row.ends_at,
            Attendance.ends_at > row.starts_at,
            Attendance.status.in_(TAKEN),
        )
        .order_by(Attendance.starts_at)
    )
    return list(found)


def chain(
    held: HeldSession, customer_id: UUID, places: int, conflicts: list[UUID], now: datetime
) -> PlaceReasons:
    row, zone = held.row, held.business.time_zone
    entry = next((one for one in held.queue if one.customer_id == customer_id), None)
    charge = charge_for(held, None)
    pays = chosen(held.packages, customer_id, charge, zone, now) if row.credit_cost else None
    enough = not row.credit_cost or can_pay(held.packages, customer_id, charge, places, zone, now)
    against = {
        "not_open": row.status != SessionStatus.PUBLISHED,
        "begun": has_begun(row, now),
        "party_too_large": places > row.largest_party,
        "time_conflict": bool(conflicts),
        "full": held.free() < places and not held.offered(),
        "under_offer": held.free() < places and held.offered() > 0,
        "no_credit": not enough,
    }
    packages = why_nobody_pays(held.packages, customer_id, charge, zone, now)
    return PlaceReasons.model_validate(
        {
            "bookable": not any(against.values()),
            "session_status": row.status,
            "capacity": row.capacity,
            "effective_capacity": held.effective_capacity,
            "booked": held.taken(),
            "offered": held.offered(),
            "free": max(0, held.free()),
            "waiting": len(held.queue),
            "begun": has_begun(row, now),
            "conflicts_with": conflicts,
            "credit_cost": row.credit_cost,
            "pays": pays.id if pays else None,
            "packages": [PackageReasons.model_validate(one) for one in packages],
            "waitlist_position": position_of(entry, held) if entry else None,
            "skip_reason": entry.skip_reason if entry else None,
            "reasons": [reason for reason, holds in against.items() if holds],
        }
    )
