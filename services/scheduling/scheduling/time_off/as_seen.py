from zoneinfo import ZoneInfo

from chassis.auth import Principal
from contracts.calendar import BUSY
from contracts.permissions import Permission
from scheduling.time_off.models import TimeOff
from scheduling.time_off.schemas import TimeOffView


def as_seen(time_off: TimeOff, zone: str, caller: Principal) -> TimeOffView:
    """Why somebody else is away is theirs to say; a closure is everybody's."""
    theirs = time_off.staff_id not in (None, caller.staff_id)
    hidden = theirs and not caller.may(Permission.MANAGE_CALENDAR)
    local, series = ZoneInfo(zone), time_off.series
    return TimeOffView(
        id=time_off.id,
        version=time_off.version,
        staff_id=time_off.staff_id,
        title=BUSY if hidden else time_off.title,
        time_zone=zone,
        starts_at=series.starts_at.replace(tzinfo=local),
        ends_at=series.ends_at.replace(tzinfo=local),
        rule=time_off.rule,
        except_dates=time_off.except_dates,
    )
