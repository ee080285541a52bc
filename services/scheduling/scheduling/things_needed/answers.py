"""How a booking or a change ended, for whoever asked for it and waits."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import Response
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Principal
from chassis.database import enter_business, in_transaction
from chassis.due_rows import Key
from chassis.http import Settling, details
from chassis.runtime import Runtime
from scheduling.appointments.models import Appointment
from scheduling.appointments.schemas import AppointmentView, GuestAppointmentView
from scheduling.appointments.views import view
from scheduling.things_needed.pivot import Settled
from scheduling.things_needed.settling import settle

WAITS_SECONDS = 2.3
"""Less than the caller: what is as if it had never been has to be answered so."""

Shown = Callable[[Settled], Response]


ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {"model": AppointmentView, "description": "What it needs is still being asked for"}
}
ACCEPTED_FOR_GUEST: dict[int | str, dict[str, Any]] = {
    202: ACCEPTED[202] | {"model": GuestAppointmentView}
}


def settle_for_member(
    settling: Settling,
    runtime: Runtime,
    caller: Principal,
    appointment: Appointment,
    response: Response,
    status: int = 200,
) -> None:
    """If there is anything to settle: it is accepted now, and how it ended replaces that."""
    if appointment.is_settled:
        return
    place = {"Location": f"/api/appointments/{appointment.id}"}
    accept(response, place)

    def shown(settled: Settled) -> Response:
        seen = view(settled.appointment, caller)
        version = {"ETag": f'"{settled.appointment.version}"'}
        return JSONResponse(seen.model_dump(mode="json"), status, place | version)

    settling(partial(answered, runtime, (appointment.business_id, appointment.id), shown))


def settle_for_guest(
    settling: Settling, runtime: Runtime, appointment: Appointment, slug: str, response: Response
) -> None:
    if appointment.is_settled:
        return
    place = {"Location": f"/api/public/booking/{slug}/appointments/{appointment.id}"}
    accept(response, place)

    def shown(settled: Settled) -> Response:
        seen = GuestAppointmentView.model_validate(settled.appointment)
        seen.checkout_url = settled.links.checkout_url if settled.links else None
        return JSONResponse(seen.model_dump(mode="json"), 201, place)

    settling(partial(answered, runtime, (appointment.business_id, appointment.id), shown))


def accept(response: Response, place: dict[str, str]) -> None:
    response.status_code = 202
    response.headers.update(place)


async def answered(runtime: Runtime, key: Key, shown: Shown) -> Response | None:
    """None where it is gone."""
    async with asyncio.timeout(WAITS_SECONDS):
        settled = await settle(runtime, key)
        if settled is None:
            settled = await in_transaction(runtime.sessions, partial(read_settled, key))
    if settled and settled.problem:
        return details(settled.problem)
    return shown(settled) if settled else None


async def read_settled(key: Key, session: AsyncSession) -> Settled | None:
    """Somebody else was faster."""
    await enter_business(session, key[0])
    row = await session.get(Appointment, key)
    return Settled(row, row.refused) if row else None
