"""What lies ahead of a person or a service, wherever it is booked."""

import asyncio
from datetime import datetime
from typing import Literal
from uuid import UUID

from chassis.requests import ask
from chassis.runtime import Runtime
from contracts.pilates import CountFuturePlaces, FuturePlaces
from contracts.scheduling import CountFutureBookings, FutureBookings

Noun = Literal["service", "staff_member", "customer"]


async def bookings_ahead(
    runtime: Runtime, business_id: UUID, noun: Noun, id_: UUID, now: datetime
) -> int:
    """Appointments, class sessions and places. Raises NoReply if one owner of them is silent."""
    about = {"business_id": business_id, "noun": noun, "id": id_, "at": now}
    appointments, places = await asyncio.gather(
        ask(runtime, CountFutureBookings.model_validate(about), FutureBookings),
        ask(runtime, CountFuturePlaces.model_validate(about), FuturePlaces),
    )
    return appointments.count + places.count
