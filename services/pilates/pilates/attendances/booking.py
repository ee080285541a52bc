"""The decision to give places: all that are asked for or none, each with spot and credit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import TryAgain
from contracts.pilates import PlaceBooked
from pilates.attendances.announcing import announce
from pilates.attendances.holding import HeldSession
from pilates.attendances.models import SWEPT_AFTER, Attendance, PaidWith, Status
from pilates.attendances.people import Person, new_row_id
from pilates.attendances.problems import (
    AlreadyBooked,
    NoSuchSpot,
    PartyTooLarge,
    SessionFull,
    SessionNotOpen,
    SpotTaken,
)
from pilates.class_sessions.announcing import about
from pilates.class_sessions.models import Status as SessionStatus
from pilates.customer_packages.ledger import debit
from pilates.customer_packages.paying import Charge, chosen, why_nobody_pays
from pilates.customer_packages.problems import NoCredit
from pilates.resources.spots import Spot


@dataclass(frozen=True)
class Payment:
    with_: PaidWith
    pay_by: datetime | None = None
    """A drop-in is awaited until then."""


@dataclass(frozen=True)
class Party:
    """Who comes, and how all of them are paid for."""

    people: Sequence[Person]
    """The first one books, and pays for all."""
    payment: Payment
    spot_ids: Sequence[UUID] = ()
    decline_until: datetime | None = None
    by: str = "customer"
    """Who did it, for the ledger."""
    id: UUID = field(default_factory=new_row_id)

    @property
    def payer(self) -> Person:
        return self.people[0]


def check_open(held: HeldSession, size: int) -> None:
    if held.row.status != SessionStatus.PUBLISHED:
        raise SessionNotOpen(session_status=held.row.status)
    if size > held.row.largest_party:
        raise PartyTooLarge(largest_party=held.row.largest_party)


def check_free(held: HeldSession, size: int) -> None:
    """Raises SessionFull. A place under offer is nobody else's."""
    if size > held.free():
        raise SessionFull(**fullness(held))


def fullness(held: HeldSession) -> dict[str, Any]:
    under_offer = held.offered() > 0 and held.taken() < held.effective_capacity
    return {
        "reasons": ["under_offer" if under_offer else "full"],
        "capacity": held.row.capacity,
        "effective_capacity": held.effective_capacity,
        "booked": held.taken(),
        "offered": held.offered(),
        "free": max(0, held.free()),
        "waiting": len(held.queue),
    }


async def take_places(
    session: AsyncSession, held: HeldSession, party: Party, now: datetime
) -> list[Attendance]:
    """Raises why not; call it under the session's lock, with room for all of them.

    Each place is one row and one debit, so that each can be cancelled by itself.
    """
    spots = spots_for(held, party)
    taken = []
    for person, spot in zip(party.people, spots, strict=True):
        values = row_of(held, party, person, spot, now)
        if party.payment.with_ != PaidWith.CREDIT:
            attendance = await take_place(session, held, values, now)
        else:
            attendance = await take_for_credits(session, held, party, values, now)
        held.attendances.append(attendance)
        taken.append(attendance)
    held.touched = True
    return taken


def spots_for(held: HeldSession, party: Party) -> Sequence[Spot | None]:
    """As chosen, or the first that are free; None where the room has no map."""
    if not held.spots:
        if party.spot_ids:
            raise NoSuchSpot(spot_ids=[str(id_) for id_ in party.spot_ids])
        return [None] * len(party.people)
    free = {spot.resource_id: spot for spot in held.free_spots()}
    if not party.spot_ids:
        return list(free.values())[: len(party.people)]
    usable = {spot.resource_id for spot in held.spots if spot.in_service}
    if strange := [str(id_) for id_ in party.spot_ids if id_ not in usable]:
        raise NoSuchSpot(spot_ids=strange)
    if used := [str(id_) for id_ in party.spot_ids if id_ not in free]:
        raise SpotTaken(spot_ids=used, free_spot_ids=[str(id_) for id_ in free])
    return [free[id_] for id_ in party.spot_ids]


TAKE = insert(Attendance).on_conflict_do_nothing().returning(Attendance)


async def take_place(
    session: AsyncSession, held: HeldSession, values: dict[str, Any], now: datetime
) -> Attendance:
    # A plain INSERT into an exclusion constraint deadlocks under contention; this one does not.
    attendance: Attendance | None = await session.scalar(TAKE, values)
    if attendance is None:
        raise await why_not_taken(session, held, values, now)
    return attendance


def row_of(
    held: HeldSession, party: Party, person: Person, spot: Spot | None, now: datetime
) -> dict[str, Any]:
    row, payer, id_ = held.row, party.payer, new_row_id()
    with_, is_awaited = party.payment.with_, party.payment.pay_by is not None
    return {
        "business_id": row.business_id,
        "id": id_,
        "version": 1,
        "sequence": 0,
        "status": Status.BOOKED,
        "session_id": row.id,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "during": Range(row.starts_at, row.ends_at, bounds="[)"),
        "person": person.key(id_),
        "customer_id": person.id,
        "customer_name": person.name,
        "customer_email": person.email,
        "customer_phone": person.phone,
        "customer_time_zone": person.time_zone,
        "party_id": party.id,
        "payer_id": payer.id,
        "payer_email": payer.email,
        "spot_id": spot.resource_id if spot else None,
        "spot_label": spot.label if spot else None,
        "paid_with": with_,
        "credits": row.credit_cost if with_ == PaidWith.CREDIT else 0,
        "price_cents": row.price_cents if with_ in (PaidWith.DROP_IN, PaidWith.AT_STUDIO) else 0,
        "payment_status": "awaited" if is_awaited else "none",
        "pay_by": party.payment.pay_by,
        "decline_until": party.decline_until,
        "look_at": row.ends_at + SWEPT_AFTER,
        "booked_at": now,
    }


async def why_not_taken(
    session: AsyncSession, held: HeldSession, values: dict[str, Any], now: datetime
) -> Exception:
    """Somebody in two places: the only thing that the session's lock does not decide."""
    there = await session.scalar(
        select(Attendance).where(
            Attendance.business_id == held.row.business_id,
            Attendance.person == values["person"],
            Attendance.during.overlaps(values["during"]),
            Attendance.status.in_((Status.BOOKED, Status.ATTENDED, Status.NO_SHOW)),
        )
    )
    if there is None:
        # It has gone since, or somebody holds the spot whom no lock of ours knows: look again.
        return TryAgain()
    if there.is_unpaid(now):
        # Not paid in time, so it is gone; the worker is about to say so.
        return TryAgain()
    return AlreadyBooked(
        reasons=["time_conflict"],
        person=values["customer_name"],
        session_id=str(there.session_id),
        attendance_id=str(there.id),
    )


async def take_for_credits(
    session: AsyncSession, held: HeldSession, party: Party, values: dict[str, Any], now: datetime
) -> Attendance:
    """Of the eligible packages the one that expires first pays.

    Raises NoCredit, which says why not, where nothing else is in the way.
    """
    charge = charge_for(held, values["id"])
    zone = held.business.time_zone
    package = chosen(held.packages, party.payer.id, charge, zone, now)
    if package:
        values |= {"package_id": package.id, "package_name": package.name, "debit_id": charge.id}
    attendance = await take_place(session, held, values, now)
    if package is None:
        raise NoCredit(reasons=why_nobody_pays(held.packages, party.payer.id, charge, zone, now))
    await debit(session, held.business, package, charge, party.by, now)
    return attendance


def charge_for(held: HeldSession, attendance_id: UUID | None, places: int = 1) -> Charge:
    row = held.row
    return Charge(
        credits=row.credit_cost * places,
        starts_at=row.starts_at,
        about=about(row, held.business),
        is_class=True,
        template_id=row.template_id,
        service_id=None,
        attendance_id=attendance_id,
        appointment_id=None,
    )


async def announce_booked(
    session: AsyncSession,
    held: HeldSession,
    taken: Sequence[Attendance],
    now: datetime,
    *,
    to_payer: Mapping[str, Any] | None = None,
    **members: Any,
) -> None:
    """`to_payer`: what is told with the first of the places alone, as where to pay for all."""
    for attendance in taken:
        told = members | dict(to_payer or {}) if attendance is taken[0] else members
        await announce(session, attendance, held.row, held.business, PlaceBooked, now, **told)
