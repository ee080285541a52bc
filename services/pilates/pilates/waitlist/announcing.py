"""What the others hear of the queue."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import publish_on_commit
from contracts.pilates import WaitlistEntry as EntrySnapshot
from contracts.pilates import WaitlistJoined, WaitlistLeft
from pilates.attendances.holding import HeldSession
from pilates.class_sessions.announcing import snapshot as session_snapshot
from pilates.waitlist.models import Status, WaitlistEntry


def position_of(entry: WaitlistEntry, held: HeldSession) -> int | None:
    """1 is next; None once it is over."""
    ids = [one.id for one in held.queue]
    return ids.index(entry.id) + 1 if entry.id in ids else None


def snapshot(entry: WaitlistEntry, held: HeldSession) -> EntrySnapshot:
    own = {
        name: getattr(entry, name) for name in EntrySnapshot.model_fields if hasattr(entry, name)
    }
    return EntrySnapshot(
        **own,
        session=session_snapshot(held.row, held.business),
        position=position_of(entry, held),
    )


def announce_joined(
    session: AsyncSession,
    held: HeldSession,
    entry: WaitlistEntry,
    now: datetime,
    *,
    notify_customer: bool = True,
) -> None:
    publish_on_commit(
        session,
        WaitlistJoined(
            occurred_at=now,
            business_id=entry.business_id,
            entry=snapshot(entry, held),
            notify_customer=notify_customer,
        ),
    )


def leave(
    session: AsyncSession,
    held: HeldSession,
    entry: WaitlistEntry,
    status: Status,
    now: datetime,
    *,
    notify_customer: bool = True,
) -> None:
    """Out of the queue, one way or another."""
    entry.status, entry.version = status, entry.version + 1
    entry.ended_at, entry.look_at = now, None
    held.queue.remove(entry)
    held.touched = True
    publish_on_commit(
        session,
        WaitlistLeft(
            occurred_at=now,
            business_id=entry.business_id,
            entry=snapshot(entry, held),
            notify_customer=notify_customer,
        ),
    )
