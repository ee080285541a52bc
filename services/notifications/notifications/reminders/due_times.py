"""When a booking's reminders are due: pure, so that each boundary can be tested."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from notifications.reminders.quiet_hours import QuietHours

STILL_USEFUL = timedelta(hours=1)
"""So long before its start a reminder that waited for the morning still helps."""
LAST_MINUTE = timedelta(minutes=1)


def due_times(
    starts_at: datetime,
    minutes_before: Iterable[int],
    quiet: QuietHours | None,
    zone: str,
    now: datetime,
) -> Iterator[tuple[int, datetime]]:
    """Minutes before the start and the instant, of those that are still to come.

    Of two that would come in the same moment, only the one that is nearer to the start.
    """
    found: dict[datetime, int] = {}
    for minutes in sorted(minutes_before, reverse=True):
        due_at = awake(starts_at - timedelta(minutes=minutes), starts_at, quiet, zone)
        if now < due_at < starts_at:
            found[due_at] = minutes
    for due_at, minutes in found.items():
        yield minutes, due_at


def awake(due_at: datetime, starts_at: datetime, quiet: QuietHours | None, zone: str) -> datetime:
    """Out of the quiet hours: after them if that is early enough, else the minute before them."""
    night = quiet and quiet.around(due_at, zone)
    if not night:
        return due_at
    if starts_at - night.ends_at >= STILL_USEFUL:
        return night.ends_at
    return night.begins_at - LAST_MINUTE
