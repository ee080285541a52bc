"""What a series expects of its appointments, and which of them a change of it concerns."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from calendaring.local_time import InZone, in_zone
from scheduling.appointments.changes.rescheduling import Place, place_of
from scheduling.appointments.models import OPEN, Appointment
from scheduling.series.models import Series

PartOfSeries = Literal["this_and_future", "all"]


def expected_start(series: Series, occurs_on: datetime) -> InZone:
    return in_zone(occurs_on + timedelta(minutes=series.moved_minutes), series.time_zone)


def expected(series: Series, appointment: Appointment) -> Place:
    starts_at = expected_start(series, occurrence(appointment)).instant
    lasts = timedelta(minutes=series.length_minutes)
    return Place(series.staff_id, starts_at, starts_at + lasts)


def is_overridden(series: Series, appointment: Appointment) -> bool:
    """It was changed alone: it is not where its series would have it."""
    return place_of(appointment) != expected(series, appointment)


def concerned(
    named: Appointment, all_of_it: Iterable[Appointment], part: PartOfSeries, now: datetime
) -> list[Appointment]:
    """The one that is named, and all others that are open and later, or still to come."""
    return [
        one
        for one in all_of_it
        if one is named
        or (
            one.status in OPEN
            and (
                occurrence(one) > occurrence(named)
                if part == "this_and_future"
                else one.starts_at >= now
            )
        )
    ]


def occurrence(appointment: Appointment) -> datetime:
    assert appointment.occurs_on is not None, "every appointment of a series has its place in it"
    return appointment.occurs_on
