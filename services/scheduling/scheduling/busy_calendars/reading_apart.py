"""A calendar read by a process that can be ended: no rule in it keeps the worker."""

import asyncio
import json
import math
import sys
from dataclasses import dataclass
from datetime import UTC, datetime

from scheduling.busy_calendars import reading
from scheduling.busy_calendars.fetch_policy import NotFetched

PATIENCE = 4
"""On a busy machine a second of work takes longer than a second."""


@dataclass(frozen=True)
class BusyTimes:
    times: list[tuple[datetime, datetime]]
    known_until: datetime
    """Later ones were too many to keep, or too far away."""
    unreadable: int
    """Events, a series counted as one, that nobody could make sense of."""


async def read_apart(
    content: bytes, zone: str, begins: datetime, ends: datetime, seconds: float
) -> BusyTimes:
    """Raises NotFetched for what is not a calendar, or not to be read in so many CPU seconds."""
    window = [str(int(begins.timestamp())), str(int(ends.timestamp())), str(math.ceil(seconds))]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-I", "-m", reading.__name__, zone, *window),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        # It needs nothing of what we were told, least of all the way to the database.
        env={},
    )
    try:
        async with asyncio.timeout(seconds * PATIENCE):
            output, _ = await process.communicate(content)
    except TimeoutError as error:
        raise NotFetched("too_much_to_read") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    ended = await process.wait()
    if ended == reading.NOT_A_CALENDAR:
        raise NotFetched("not_a_calendar")
    if ended == reading.TOO_MUCH or ended < 0:  # By the signal of a limit.
        raise NotFetched("too_much_to_read")
    if ended:
        raise RuntimeError(f"reading a calendar ended with {ended}")
    return parsed(output)


def parsed(output: bytes) -> BusyTimes:
    found = json.loads(output)
    instants = ((instant(begins), instant(ends)) for begins, ends in found["times"])
    return BusyTimes(list(instants), instant(found["known_until"]), found["unreadable"])


def instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
