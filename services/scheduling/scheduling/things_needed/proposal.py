"""What becomes of an appointment once all that it needs is held; until then it is in the row."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from scheduling.appointments.models import Appointment


class Whereto(BaseModel):
    """Where an appointment is to be."""

    staff_id: UUID
    starts_at: AwareDatetime
    ends_at: AwareDatetime


class Proposal(BaseModel):
    what: Literal["booking", "move", "reopening"]
    actor: str | None = None
    """For the audit trail; absent: a guest, of whom nothing is audited."""
    action: str
    notify: bool = True

    # Of a booking.
    confirms: bool = True
    """Otherwise the studio still has to approve it."""
    asks_deposit: bool = False
    may_vanish: bool = False
    """Refused while whoever asked for it still waits, it is as if it had never been."""
    is_shown: bool = False
    """In open calendars and feeds, since it took longer than anybody waits."""
    whereto: Whereto | None = None
    """Of a move."""


def proposal_of(appointment: Appointment) -> Proposal:
    return Proposal.model_validate(appointment.proposed)
