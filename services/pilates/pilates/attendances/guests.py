"""A guest who has booked or waits becomes the customer whom catalog introduces."""

from sqlalchemy import ColumnElement, case, exists, select, union, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from chassis.copies import keep_copy
from contracts.catalog import CustomerChanged
from pilates.attendances.models import TAKEN, Attendance
from pilates.class_sessions.models import ClassSession
from pilates.copies.models import Customer
from pilates.feeds import commands as feeds
from pilates.waitlist.models import QUEUED, WaitlistEntry


async def recognise_guest(session: AsyncSession, event: CustomerChanged) -> None:
    """Places and waitlist entries of this e-mail that are still nobody's become this customer's."""
    if event.customer.email is None or event.customer.archived_at:
        return
    found = union(
        select(Attendance.session_id).where(*nobodys(Attendance, event)),
        select(WaitlistEntry.session_id).where(*nobodys(WaitlistEntry, event)),
    )
    # Whoever decides about places holds their session; several are locked by their ids.
    sessions = await session.scalars(
        select(ClassSession.id)
        .where(ClassSession.business_id == event.business_id, ClassSession.id.in_(found))
        .order_by(ClassSession.id)
        .with_for_update(key_share=True)
    )
    if not sessions.all():
        return
    # What is handed over refers to the copy, which the other handler may not have kept yet.
    await keep_copy(session, Customer, event.business_id, event.customer)
    await hand_over_places(session, event)
    await session.execute(
        update(WaitlistEntry)
        .where(*nobodys(WaitlistEntry, event))
        .values(customer_id=event.customer.id, person=person_in_queue(event))
    )


def nobodys(
    model: type[Attendance | WaitlistEntry], event: CustomerChanged
) -> tuple[ColumnElement[bool], ...]:
    return (
        model.business_id == event.business_id,
        model.customer_id.is_(None),
        model.customer_email == event.customer.email,
    )


async def hand_over_places(session: AsyncSession, event: CustomerChanged) -> None:
    handed = await session.execute(
        update(Attendance)
        .where(*nobodys(Attendance, event))
        .values(customer_id=event.customer.id, person=person_in_place(event))
        .returning(Attendance.id, Attendance.party_id)
    )
    places = handed.all()
    # The guest has paid for their company as well.
    await session.execute(
        update(Attendance)
        .where(
            Attendance.business_id == event.business_id,
            Attendance.party_id.in_({one.party_id for one in places}),
            Attendance.payer_id.is_(None),
            Attendance.payer_email == event.customer.email,
        )
        .values(payer_id=event.customer.id)
    )
    ids = [one.id for one in places]
    await feeds.hand_to(session, event.business_id, ids, event.customer.id)


def person_in_place(event: CustomerChanged) -> ColumnElement[str]:
    """Who has a place at that time as a customer already stays two persons: both are booked."""
    other, person = aliased(Attendance), str(event.customer.id)
    stands_in_the_way = exists().where(
        other.business_id == Attendance.business_id,
        other.person == person,
        other.status.in_(TAKEN),
        other.during.overlaps(Attendance.during),
    )
    is_taken = Attendance.status.in_(TAKEN)
    return case((is_taken & stands_in_the_way, Attendance.person), else_=person)


def person_in_queue(event: CustomerChanged) -> ColumnElement[str]:
    other, person = aliased(WaitlistEntry), str(event.customer.id)
    stands_in_the_way = exists().where(
        other.business_id == WaitlistEntry.business_id,
        other.session_id == WaitlistEntry.session_id,
        other.person == person,
        other.status.in_(QUEUED),
    )
    is_queued = WaitlistEntry.status.in_(QUEUED)
    return case((is_queued & stands_in_the_way, WaitlistEntry.person), else_=person)
