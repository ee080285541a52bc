"""A rule counted out on the wall clock."""

from datetime import datetime, timedelta
from itertools import islice, takewhile

from dateutil.rrule import rrulestr

from calendaring.occurrences import Recurrence, refusal
from calendaring.recurrence_rule import parts_of
from scheduling.series.problems import SeriesRuleRefused

LONGEST = timedelta(days=2 * 366)
"""From the first start to the last."""


def local_starts(rule: str, starts_at: datetime, lasts: timedelta) -> list[datetime]:
    """As many as its COUNT says, the first of them `starts_at`. Raises SeriesRuleRefused."""
    counted = Recurrence(starts_at, starts_at + lasts, rule)
    if reason := refusal(counted):
        raise SeriesRuleRefused(f"{reason[0].upper()}{reason[1:]}.")
    count = int(parts_of(rule)["COUNT"])
    in_time = takewhile(
        lambda start: start - starts_at <= LONGEST, iter(rrulestr(rule, dtstart=starts_at))
    )
    starts = list(islice(in_time, count))
    if len(starts) < count:
        raise SeriesRuleRefused("A series ends within two years.", fits=len(starts))
    return starts
