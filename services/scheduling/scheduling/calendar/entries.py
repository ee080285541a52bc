from contracts.calendar import CalendarEntry
from scheduling.appointments.models import Appointment
from scheduling.time_off.queries import Occurrence


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


def time_off_entry(occurrence: Occurrence) -> CalendarEntry:
    return CalendarEntry(
        source="scheduling",
        kind="time_off",
        id=occurrence.id,
        title=occurrence.title,
        starts_at=occurrence.starts_at,
        ends_at=occurrence.ends_at,
        status="confirmed",
        staff_id=occurrence.staff_id,
        version=occurrence.version,
    )
