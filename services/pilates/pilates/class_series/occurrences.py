"""A rule counted out on the wall clock."""

from datetime import datetime, timedelta
from itertools import islice, takewhile

from dateutil.rrule import rrulestr

from calendaring.occurrences import Recurrence, refusal
from calendaring.recurrence_rule import local_time, parts_of
from pilates.class_series.problems import SeriesRuleRefused
from pilates.class_series.schemas import MOST

LONGEST = timedelta(days=2 * 366)
"""From the first start to the last."""


def local_starts(rule: str, starts_at: datetime, lasts: timedelta) -> list[datetime]:
    """As many as its COUNT or UNTIL says, the first of them `starts_at`."""
    if reason := refusal(Recurrence(starts_at, starts_at + lasts, rule)):
        raise SeriesRuleRefused(f"{reason[0].upper()}{reason[1:]}.")
    parts = parts_of(rule)
    until, count = parts.pop("UNTIL", None), int(parts.pop("COUNT", MOST + 1))
    over_at = local_time(until) if until else datetime.max  # noqa: DTZ901
    in_time = takewhile(
        lambda at: at <= over_at and at - starts_at <= LONGEST,
        iter(rrulestr(written(parts), dtstart=starts_at)),
    )
    found = list(islice(in_time, count))
    if len(found) > MOST:
        raise SeriesRuleRefused(f"A series has at most {MOST} occurrences.", most=MOST)
    too_late = over_at - starts_at > LONGEST if until else len(found) < count
    if too_late:
        raise SeriesRuleRefused("A series ends within two years.", fits=len(found))
    return found


def counted(rule: str, count: int) -> str:
    """The same rule, however it said where it ends, with its COUNT."""
    parts = parts_of(rule)
    parts.pop("UNTIL", None)
    return written(parts | {"COUNT": str(count)})


def written(parts: dict[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in parts.items())
