from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from calendaring.local_time import instant_of
from calendaring.occurrences import Recurrence, ending, refusal
from chassis.problems import InvalidRequest
from scheduling.time_off.problems import RuleRefused
from scheduling.time_off.schemas import TimeOffChange

LONGEST = timedelta(days=5 * 366)


def asked_series(wanted: TimeOffChange, zone: str) -> Recurrence:
    """What was typed, on the wall clock.

    Raises NonexistentLocalTime for what was typed; later occurrences move forward instead.
    """
    starts_at, ends_at = on_the_wall(wanted.starts_at, zone), on_the_wall(wanted.ends_at, zone)
    if wanted.rule is not None:
        # A rule means its local time on each of its days, the first of a doubled one included.
        starts_at, ends_at = starts_at.replace(fold=0), ends_at.replace(fold=0)
    lasts = instant(ends_at, zone) - instant(starts_at, zone)
    if not timedelta(0) < lasts <= LONGEST:
        detail = f"is after starts_at, by {LONGEST.days} days at most"
        raise InvalidRequest(errors=[{"pointer": "#/body/ends_at", "detail": detail}])
    series = Recurrence(starts_at, ends_at, wanted.rule)
    if wanted.rule is not None and (reason := refusal(series)):
        raise RuleRefused(reason)
    return series._replace(
        over_at=ending(series), except_dates=tuple(sorted(set(wanted.except_dates)))
    )


def on_the_wall(moment: datetime, zone: str) -> datetime:
    """Without offset; its `fold` says which of a doubled local time it is."""
    return instant_of(moment, zone).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def instant(local: datetime, zone: str) -> datetime:
    return instant_of(local.replace(tzinfo=ZoneInfo(zone)), zone)
