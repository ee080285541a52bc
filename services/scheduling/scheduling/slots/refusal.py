from collections.abc import Iterable
from typing import Literal

from scheduling.slots.free_slots import Interval, SlotShape

Refusal = Literal["busy", "outside_hours", "off_grid"]


def why_not(
    start: int, working: Iterable[Interval], busy: Iterable[Interval], shape: SlotShape
) -> Refusal | None:
    """Why one start is not offered, the first reason that a person would name; None if it is."""
    ends = start + shape.duration
    shift = next((s for s in working if s[0] <= start and ends <= s[1]), None)
    if shift is None:
        return "outside_hours"
    blocks_from, blocks_to = start - shape.buffer_before, ends + shape.buffer_after
    if any(begins < blocks_to and blocks_from < ended for begins, ended in busy):
        return "busy"
    return "off_grid" if (start - shift[0]) % shape.step else None
