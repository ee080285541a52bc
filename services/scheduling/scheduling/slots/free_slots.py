"""Which starts are free: interval subtraction on epoch seconds. Every number is in seconds."""

from collections.abc import Iterable
from itertools import chain, pairwise
from typing import NamedTuple, TypeAlias

Interval: TypeAlias = tuple[int, int]
"""Half-open: the first second belongs to it, the last does not."""


class SlotShape(NamedTuple):
    duration: int
    buffer_before: int
    buffer_after: int
    step: int


def free_slots(
    working: Iterable[Interval], busy: Iterable[Interval], shape: SlotShape, starts: Interval
) -> list[int]:
    """Every start, in order, within `starts` at which an appointment of this shape fits.

    `working` is sorted by when each shift opens; of shifts that join, each closes with the last
    of them. A shift's grid begins when it opens, advances by elapsed time and ends where the next
    one opens. The appointment ends before its shift closes, its buffers need not.
    `busy` is sorted by start, none of it empty, and may overlap itself; each interval brings its
    own buffers, so that buffers of neighbours add up. It must reach as far beyond `starts` as
    duration and buffers do.
    """
    duration, buffer_before, buffer_after, step = shape
    earliest, until = starts
    reach = duration + buffer_after
    nothing_more = (until + reach, until + reach)
    remaining = iter(busy)
    begins, ends = next(remaining, nothing_more)
    free: list[int] = []

    # Past `until` nothing begins, so it serves as the shift after the last one.
    for (opens, closes), (next_opens, _) in pairwise(chain(working, [(until, until)])):
        start = max(opens, earliest)
        start += (opens - start) % step
        last = closes - duration
        if last >= next_opens:
            last = next_opens - 1
        if last >= until:
            last = until - 1
        # A start conflicts with a busy interval iff it lies strictly between `after` and `before`.
        while (after := begins - reach) < last:
            before = ends + buffer_before
            if start <= after:
                free.extend(range(start, after + 1, step))
            if start < before:
                start = before + (opens - before) % step
            if before > last:
                break  # It may reach into the next shift, so it is kept.
            begins, ends = next(remaining, nothing_more)
        free.extend(range(start, last + 1, step))
    return free
