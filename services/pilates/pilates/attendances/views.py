"""Places as their reader may see them."""

from collections.abc import Iterable

from fastapi import Response

from chassis.auth import Principal
from chassis.preconditions import tag
from contracts.permissions import Permission
from pilates.attendances.models import Attendance
from pilates.attendances.schemas import AttendanceView


def shown(attendance: Attendance, caller: Principal, response: Response) -> AttendanceView:
    tag(response, attendance.version)
    return view(attendance, caller)


def views(attendances: Iterable[Attendance], caller: Principal) -> list[AttendanceView]:
    return [view(attendance, caller) for attendance in attendances]


def view(attendance: Attendance, caller: Principal) -> AttendanceView:
    seen = AttendanceView.model_validate(attendance)
    if not caller.may(Permission.VIEW_FINANCIALS):
        seen.price_cents = None
    return seen
