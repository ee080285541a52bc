"""An appointment as its reader may see it."""

from fastapi import Response

from chassis.auth import Principal
from chassis.preconditions import tag
from contracts.permissions import Permission
from scheduling.appointments.models import Appointment
from scheduling.appointments.schemas import AppointmentView


def shown(appointment: Appointment, caller: Principal, response: Response) -> AppointmentView:
    tag(response, appointment.version)
    return view(appointment, caller)


def view(appointment: Appointment, caller: Principal) -> AppointmentView:
    seen = AppointmentView.model_validate(appointment)
    if not caller.may(Permission.VIEW_FINANCIALS):
        seen.price_cents = seen.deposit_cents = None
    return seen
