"""Which free starts to offer first. Pure; every number is in seconds."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from scheduling.slots.free_slots import Interval, SlotShape

MOST = 3
"""Beside the soonest."""


class Suggested(NamedTuple):
    start: int
    staff_ids: Sequence[str]
    because: Literal["soonest", "no_gap"]


def suggest(
    free: Mapping[int, Sequence[str]], edges: Mapping[str, "Edges"], shape: SlotShape
) -> list[Suggested]:
    """The soonest start, and the next ones that leave nobody a gap that cannot be sold.

    `free` is in the order of its starts.
    """
    suggested: list[Suggested] = []
    for start, staff_ids in free.items():
        if not suggested:
            suggested.append(Suggested(start, staff_ids, "soonest"))
            continue
        if tidy := [person for person in staff_ids if edges[person].fits_snugly(start, shape)]:
            suggested.append(Suggested(start, tidy, "no_gap"))
        if len(suggested) > MOST:
            break
    return suggested


class Edges:
    """Where one person's free time begins and ends."""

    def __init__(self, working: Iterable[Interval], blocking: Iterable[Interval]) -> None:
        taken = list(blocking)
        # Where one shift joins another, nothing begins or ends.
        first_of = {closes: opens for opens, closes in reversed(list(working))}
        self._opens, self._closes = sorted(first_of.values()), sorted(first_of)
        self._taken_from = [begins for begins, _ in taken]
        self._taken_to = sorted(ends for _, ends in taken)

    def fits_snugly(self, start: int, shape: SlotShape) -> bool:
        """On neither side some time is left that is too short for another one of this shape."""
        duration, buffer_before, buffer_after, _ = shape
        begins, ends = start - buffer_before, start + duration + buffer_after

        opens, taken = last_before(self._opens, start), last_before(self._taken_to, begins)
        # Another one keeps its buffer from a booking; at the edge of a shift it may lie outside.
        earliest = max(opens, taken + buffer_before)
        before = begins <= max(opens, taken) or begins - earliest >= duration + buffer_after

        closes = first_after(self._closes, start + duration)
        next_taken = first_after(self._taken_from, ends)
        latest = min(closes, next_taken - buffer_after)
        after = ends >= min(closes, next_taken) or latest - ends >= buffer_before + duration
        return before and after


FAR = 10**12


def last_before(edges: Sequence[int], moment: int) -> int:
    """At or before it."""
    place = bisect_right(edges, moment)
    return edges[place - 1] if place else -FAR


def first_after(edges: Sequence[int], moment: int) -> int:
    """At or after it."""
    place = bisect_left(edges, moment)
    return edges[place] if place < len(edges) else FAR
