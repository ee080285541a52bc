"""What a change of the session does to the places in it; call these under the session's lock."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from pilates.class_sessions.models import ClassSession
from pilates.copies.models import Business


@dataclass(frozen=True)
class Previously:
    """How the session was before, as far as it differs."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    instructor_name: str | None = None
    room_name: str | None = None


@dataclass
class Consequences:
    """What became of places and waiters, for an answer that lists it."""

    moved: list[UUID] = field(default_factory=list)
    """Attendances that go on, at another time or on another spot."""
    cancelled: list[UUID] = field(default_factory=list)
    """Attendances that the studio had to cancel, with what paid for them given back."""
    without_spot: list[UUID] = field(default_factory=list)
    """Attendances whose machine is out of service, and no other one is free."""
    promoted: list[UUID] = field(default_factory=list)
    """Waitlist entries that got a place, or the offer of one."""


async def change_with_session(
    session: AsyncSession,
    class_session: ClassSession,
    business: Business,
    previously: Previously,
    actor: str,
    now: datetime,
) -> Consequences:
    """The session has another time, instructor or room by now; its attendees go with it.

    Whoever has another place at the new time is cancelled by the studio.
    """
    raise AssertionError("written next")


async def cancel_with_session(
    session: AsyncSession,
    class_session: ClassSession,
    business: Business,
    reason: str | None,
    actor: str,
    now: datetime,
) -> Consequences:
    """Everybody gets back what they paid with, and the queue is over."""
    raise AssertionError("written next")


async def spots_changed(
    session: AsyncSession,
    class_session: ClassSession,
    business: Business,
    actor: str,
    now: datetime,
    *,
    lost: Collection[UUID] = (),
) -> Consequences:
    """Capacity was edited, or machines have gone out of service (`lost`) or come back.

    Those on a lost spot move to a free one, if there is one; then whoever waits is promoted, if
    the effective capacity has grown.
    """
    raise AssertionError("written next")
