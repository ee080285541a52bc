"""Places and packages of a client who wants to be forgotten stay, and nobody's name is on them."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import String, case, cast, func, or_, select, union, update
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import publish_on_commit
from clients.mentions import forget_mentions
from contracts.pilates import PlacesErased
from contracts.portal import ErasureRequested
from pilates.attendances.models import Attendance
from pilates.class_sessions.models import ClassSession
from pilates.copies.models import Customer
from pilates.customer_packages.models import CustomerPackage, Freeze
from pilates.drop_ins.models import DropIn
from pilates.waitlist.models import WaitlistEntry

NOBODY = "—"


async def erase_client(session: AsyncSession, event: ErasureRequested) -> None:
    await lock_sessions_of(session, event)
    emails = await addresses_of(session, event)
    places = await erase_places(session, event)
    entries = await erase_entries(session, event)
    packages = await erase_packages(session, event)
    await erase_receipts(session, event, places, packages)
    of_these = (Customer.business_id == event.business_id, Customer.id == event.customer_id)
    nobody = {"name": NOBODY, "email": None, "phone": None}
    await session.execute(update(Customer).where(*of_these).values(nobody))
    words = [str(event.customer_id), *emails]
    subjects = [*places, *entries, *packages]
    await forget_mentions(session, event.business_id, words, subjects)
    publish_on_commit(
        session,
        PlacesErased(
            occurred_at=event.occurred_at,
            business_id=event.business_id,
            erasure_id=event.erasure_id,
            customer_id=event.customer_id,
        ),
    )


def whose(event: ErasureRequested, by_id: Any, by_email: Any) -> Any:
    if event.email is None:
        return by_id == event.customer_id
    return or_(by_id == event.customer_id, by_email == event.email)


def nobody_in_particular(model: type[Attendance | WaitlistEntry]) -> Any:
    """A guest is known by their e-mail; the row's own id is nobody else's."""
    return case((model.customer_id.is_(None), cast(model.id, String)), else_=model.person)


async def lock_sessions_of(session: AsyncSession, event: ErasureRequested) -> None:
    """Whoever changes places holds their session; several are locked by their ids."""
    theirs = whose(event, Attendance.customer_id, Attendance.customer_email)
    waits = whose(event, WaitlistEntry.customer_id, WaitlistEntry.customer_email)
    booked = select(Attendance.session_id).where(
        Attendance.business_id == event.business_id, theirs
    )
    queued = select(WaitlistEntry.session_id).where(
        WaitlistEntry.business_id == event.business_id, waits
    )
    await session.execute(
        select(ClassSession.id)
        .where(
            ClassSession.business_id == event.business_id,
            or_(ClassSession.id.in_(booked), ClassSession.id.in_(queued)),
        )
        .order_by(ClassSession.id)
        .with_for_update(key_share=True)
    )


async def addresses_of(session: AsyncSession, event: ErasureRequested) -> Collection[str]:
    """Of before they changed it, too: what they did as a guest is told of by nothing else."""
    known = union(
        *(
            select(email).where(email.is_not(None), id_ == event.customer_id)
            for email, id_ in (
                (Attendance.customer_email, Attendance.customer_id),
                (Attendance.payer_email, Attendance.payer_id),
                (WaitlistEntry.customer_email, WaitlistEntry.customer_id),
            )
        )
    )
    found = {str(email) for email in await session.scalars(known)}
    return found | ({event.email} if event.email else set())


async def erase_places(session: AsyncSession, event: ErasureRequested) -> Collection[UUID]:
    """Of their company too, whose names they have given."""
    of_business = Attendance.business_id == event.business_id
    paid = whose(event, Attendance.payer_id, Attendance.payer_email)
    theirs = whose(event, Attendance.customer_id, Attendance.customer_email)
    company = paid & Attendance.customer_id.is_(None)
    nobody = {
        "customer_name": NOBODY,
        "customer_email": None,
        "customer_phone": None,
        "customer_time_zone": None,
        "cancellation_reason": None,
        "person": nobody_in_particular(Attendance),
    }
    changed = update(Attendance).where(of_business, or_(theirs, company)).values(nobody)
    ids = (await session.scalars(changed.returning(Attendance.id))).all()
    await session.execute(update(Attendance).where(of_business, paid).values(payer_email=None))
    return ids


async def erase_entries(session: AsyncSession, event: ErasureRequested) -> Collection[UUID]:
    theirs = whose(event, WaitlistEntry.customer_id, WaitlistEntry.customer_email)
    nobody = {
        "customer_name": NOBODY,
        "customer_email": None,
        "customer_phone": None,
        "customer_time_zone": None,
        "person": nobody_in_particular(WaitlistEntry),
    }
    changed = (
        update(WaitlistEntry)
        .where(WaitlistEntry.business_id == event.business_id, theirs)
        .values(nobody)
    )
    return (await session.scalars(changed.returning(WaitlistEntry.id))).all()


async def erase_packages(session: AsyncSession, event: ErasureRequested) -> Collection[UUID]:
    """What was paid and used stays; only what somebody wrote about it goes."""
    theirs = select(CustomerPackage.id).where(
        CustomerPackage.business_id == event.business_id,
        CustomerPackage.customer_id == event.customer_id,
    )
    ids = (await session.scalars(theirs)).all()
    await session.execute(select(func.forget_in_ledger(list(ids))))
    frozen = (Freeze.business_id == event.business_id, Freeze.package_id.in_(ids))
    await session.execute(update(Freeze).where(*frozen).values(reason=None))
    return ids


async def erase_receipts(
    session: AsyncSession,
    event: ErasureRequested,
    places: Collection[UUID],
    packages: Collection[UUID],
) -> None:
    lists = (list(places), list(packages))
    await session.execute(select(func.forget_on_receipts(event.customer_id, *lists, NOBODY)))
    await session.execute(
        update(DropIn)
        .where(DropIn.business_id == event.business_id, DropIn.attendance_id.in_(places))
        .values(checkout_email=None)
    )
