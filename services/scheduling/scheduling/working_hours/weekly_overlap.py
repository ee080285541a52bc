from collections.abc import Iterable
from datetime import time
from itertools import pairwise

DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES


def overlapping(weekly: Iterable[tuple[int, time, time]]) -> bool:
    """Whether two ranges of a week share a minute; Sunday night reaches into Monday."""
    ranges = sorted(minutes_of_week(*hours) for hours in weekly)
    if not ranges:
        return False
    around = [*ranges, (ranges[0][0] + WEEK_MINUTES, ranges[0][1] + WEEK_MINUTES)]
    return any(ends > begins for (_, ends), (begins, _) in pairwise(around))


def minutes_of_week(weekday: int, starts_at: time, ends_at: time) -> tuple[int, int]:
    begins = weekday * DAY_MINUTES + starts_at.hour * 60 + starts_at.minute
    ends = weekday * DAY_MINUTES + ends_at.hour * 60 + ends_at.minute
    return begins, ends if ends > begins else ends + DAY_MINUTES
