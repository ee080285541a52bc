"""What the portal is answered: the same snapshots that the events have which are on their way."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.audit import AuditEntry
from chassis.clock import Clock
from chassis.problems import NotFound
from contracts.client_requests import ByCustomer, OfCustomer, PlacesReply
from pilates.attendances.announcing import snapshot
from pilates.attendances.holding import HeldSession
from pilates.attendances.models import Attendance
from pilates.copies.models import Business, Customer
from pilates.drop_ins.asking import Asked
from pilates.waitlist.announcing import snapshot as entry_snapshot
from pilates.waitlist.models import WaitlistEntry

NOTHING_ASKED = Asked()


async def own_business(session: AsyncSession, asked: OfCustomer) -> Business:
    return await session.get_one(Business, asked.business_id)


async def asking_customer(session: AsyncSession, asked: OfCustomer) -> Customer:
    customer = await session.get(Customer, (asked.business_id, asked.customer_id))
    if customer is None or customer.archived_at:
        raise NotFound
    return customer


async def own_place(session: AsyncSession, asked: OfCustomer, id_: UUID) -> Attendance:
    """Also of the company that the customer brings, who are nobody's otherwise."""
    attendance = await session.get(Attendance, (asked.business_id, id_))
    if attendance is None:
        raise NotFound
    if (attendance.customer_id or attendance.payer_id) != asked.customer_id:
        raise NotFound
    return attendance


async def own_entry(session: AsyncSession, asked: OfCustomer, id_: UUID) -> WaitlistEntry:
    entry = await session.get(WaitlistEntry, (asked.business_id, id_))
    if entry is None or entry.customer_id != asked.customer_id:
        raise NotFound
    return entry


def reply_with(
    held: HeldSession,
    attendances: Iterable[Attendance] = (),
    entry: WaitlistEntry | None = None,
    asked: Asked = NOTHING_ASKED,
) -> PlacesReply:
    return PlacesReply(
        **asked.told,
        attendances=[snapshot(one, held.row, held.business) for one in attendances],
        entry=entry_snapshot(entry, held) if entry is not None else None,
    )


def actor_of(asked: OfCustomer) -> str:
    return f"customer:{asked.customer_id}"


def note(
    session: AsyncSession, asked: ByCustomer, action: str, subject_id: UUID, clock: Clock
) -> None:
    """For the audit trail; before and after are the events'."""
    session.add(
        AuditEntry(
            business_id=asked.business_id,
            actor=actor_of(asked),
            action=action,
            subject_id=subject_id,
            before=None,
            after=None,
            at=clock(),
        )
    )
