from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from clients.answered_once import once
from contracts.client_requests import (
    AcceptOfferAsCustomer,
    DeclineOfferAsCustomer,
    LeaveWaitlistAsCustomer,
    PlacesReply,
    ReadWaitlistPositions,
    WaitlistPosition,
    WaitlistPositions,
)
from pilates.attendances.holding import hold_session, lock_sessions
from pilates.class_sessions.models import ClassSession
from pilates.client_requests.replies import note, own_business, own_entry, reply_with
from pilates.waitlist import commands
from pilates.waitlist.models import QUEUED, Status, WaitlistEntry
from pilates.waitlist.problems import NotWaiting
from pilates.waitlist.queries import queue_views

MOST = 200


@once(PlacesReply)
async def accept(session: AsyncSession, asked: AcceptOfferAsCustomer, clock: Clock) -> PlacesReply:
    entry = await own_entry(session, asked, asked.entry_id)
    await lock_sessions(session, asked.business_id, entry.session_id)
    business = await own_business(session, asked)
    runtime = session.info["runtime"]
    booked = await commands.accept(session, runtime, business, entry.session_id, entry.id, clock())
    note(session, asked, "waitlist.accepted_by_customer", entry.id, clock)
    return reply_with(booked.held, booked.attendances, entry, booked.asked)


@once(PlacesReply)
async def decline(
    session: AsyncSession, asked: DeclineOfferAsCustomer, clock: Clock
) -> PlacesReply:
    """Only what is offered; whoever still waits leaves instead."""
    entry = await own_entry(session, asked, asked.entry_id)
    await lock_sessions(session, asked.business_id, entry.session_id)
    await session.refresh(entry)
    if entry.status != Status.OFFERED:
        raise NotWaiting(waitlist_status=entry.status)
    return await out_of_queue(session, asked, entry, clock)


@once(PlacesReply)
async def leave(session: AsyncSession, asked: LeaveWaitlistAsCustomer, clock: Clock) -> PlacesReply:
    entry = await own_entry(session, asked, asked.entry_id)
    await lock_sessions(session, asked.business_id, entry.session_id)
    return await out_of_queue(session, asked, entry, clock)


async def out_of_queue(
    session: AsyncSession,
    asked: DeclineOfferAsCustomer | LeaveWaitlistAsCustomer,
    entry: WaitlistEntry,
    clock: Clock,
) -> PlacesReply:
    business = await own_business(session, asked)
    left = await commands.leave(session, business, entry.session_id, entry.id, clock())
    note(session, asked, "waitlist.left_by_customer", entry.id, clock)
    held = await hold_session(session, business, left.session_id)
    return reply_with(held, (), left)


async def positions(session: AsyncSession, asked: ReadWaitlistPositions) -> WaitlistPositions:
    now = session.info["clock"]()
    sessions = await session.scalars(
        select(ClassSession)
        .where(
            ClassSession.business_id == asked.business_id,
            ClassSession.starts_at > now,
            ClassSession.id.in_(
                select(WaitlistEntry.session_id).where(
                    WaitlistEntry.business_id == asked.business_id,
                    WaitlistEntry.customer_id == asked.customer_id,
                    WaitlistEntry.status.in_(QUEUED),
                )
            ),
        )
        .order_by(ClassSession.starts_at)
        .limit(MOST)
    )
    found = [
        WaitlistPosition(entry_id=view.id, position=view.position)
        for row in sessions.all()
        for view in await queue_views(session, row, now)
        if view.customer_id == asked.customer_id and view.position is not None
    ]
    return WaitlistPositions(positions=found)
