from contracts.calendar import CalendarEntry
from scheduling.appointments.models import Appointment


def entry_of(appointment: Appointment) -> CalendarEntry:
    """As somebody sees it who may see all of it."""
    return CalendarEntry(
        source="scheduling",
        kind="appointment",
        id=appointment.id,
        title=f"{appointment.service_name} · {appointment.customer_name}",
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        status=appointment.status,
        staff_id=appointment.staff_id,
        service_id=appointment.service_id,
        customer_id=appointment.customer_id,
        customer_name=appointment.customer_name,
        version=appointment.version,
    )
