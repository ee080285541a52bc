"""The first of three steps: its time is taken here, and what is to become of it is said."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.appointments.models import Appointment
from scheduling.appointments.problems import SlotTaken
from scheduling.claims import commands as claims
from scheduling.claims.models import ClaimedFor, with_buffers
from scheduling.things_needed.proposal import Proposal

SETTLES_ITSELF_AFTER = timedelta(seconds=3)
"""Whoever proposed it settles it until then; after that the worker does."""


def propose(appointment: Appointment, proposal: Proposal, settle_at: datetime) -> None:
    """Of an appointment that is locked, or new; its time is claimed already."""
    appointment.last_version += 1
    appointment.proposed_version = appointment.last_version
    appointment.proposed = proposal.model_dump(mode="json", exclude_defaults=True)
    appointment.settle_at = settle_at
    appointment.refused = None


def needs_hold_at(appointment: Appointment, starts_at: datetime, ends_at: datetime) -> bool:
    """Another person gives it on the same machine; another time needs one that is free then."""
    before = (appointment.starts_at, appointment.ends_at)
    return appointment.needs_things and (starts_at, ends_at) != before


async def propose_move(
    session: AsyncSession,
    appointment: Appointment,
    proposal: Proposal,
    settle_at: datetime,
    now: datetime,
) -> None:
    """Takes the new time, and keeps the old one until everything is held. Call it under the lock of
    both people. Raises SlotTaken.
    """
    place = proposal.whereto
    assert place is not None, "a move says whereto"
    taken = await claims.take(
        session,
        now,
        business_id=appointment.business_id,
        id=claims.way_of(appointment.id),
        owner_id=appointment.id,
        kind=ClaimedFor.APPOINTMENT,
        staff_id=place.staff_id,
        starts_at=place.starts_at,
        ends_at=place.ends_at,
        during=with_buffers(
            place.starts_at,
            place.ends_at,
            appointment.buffer_before_minutes,
            appointment.buffer_after_minutes,
        ),
        expires_at=appointment.pay_by,
    )
    if taken is None:
        raise SlotTaken
    propose(appointment, proposal, settle_at)
