"""Every start of every person against every booking, with buffers: slow, and hard to get wrong."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.bench.studio import BUFFER_AFTER, BUFFER_BEFORE, DURATION, STEP, ZONE
from tests.bench.work import Work, shift

LASTS = timedelta(minutes=DURATION)
BEFORE, AFTER = timedelta(minutes=BUFFER_BEFORE), timedelta(minutes=BUFFER_AFTER)

Free = dict[datetime, set[int]]


def free_starts(work: Work) -> Free:
    """Who is free at which start, for all starts on the local days of the work."""
    free: Free = {}
    for person in range(work.people):
        booked = [booking.starts_at for booking in work.bookings if booking.person == person]
        for day in [work.first - timedelta(days=1), *work.all_days]:
            begins, ends = shift(person, day)
            start = begins
            while start + LASTS <= ends:
                if work.first <= local_day(start) <= work.last and is_free(start, booked):
                    free.setdefault(start, set()).add(person)
                start += timedelta(minutes=STEP)
    return free


def is_free(start: datetime, booked: list[datetime]) -> bool:
    """No time of its own, with its buffers, is anyone else's with theirs."""
    begins, ends = start - BEFORE, start + LASTS + AFTER
    return all(ends <= other - BEFORE or other + LASTS + AFTER <= begins for other in booked)


def local_day(start: datetime) -> date:
    return start.astimezone(ZoneInfo(ZONE)).date()


def told_by(answer: dict[str, list[dict[str, list[dict[str, object]]]]], staff: list[UUID]) -> Free:
    """The same out of an answer of the route."""
    numbers = {str(one): number for number, one in enumerate(staff)}
    return {
        datetime.fromisoformat(str(slot["starts_at"])).astimezone(UTC): {
            numbers[one]
            for one in slot["staff_ids"]  # type: ignore[attr-defined]
        }
        for day in answer["days"]
        for slot in day["slots"]
    }
