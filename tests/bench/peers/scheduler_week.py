"""django-scheduler: the occurrences of a week, as its own API view finds them."""

from datetime import datetime, timedelta

from answering import answer_rounds, told
from django_here import set_up

TOLD = told()
set_up(TOLD["database_url"], "schedule")

from schedule.models import Calendar, Event  # noqa: E402  Models exist once Django is set up.
from schedule.views import _api_occurrences  # noqa: E402

CALENDAR = Calendar.objects.create(name="Bench", slug="bench")
BEGINS = datetime.fromisoformat(TOLD["begins"])
EVERY, LASTS = timedelta(seconds=TOLD["every_seconds"]), timedelta(minutes=TOLD["duration"])
MIDDLE = datetime.fromisoformat(TOLD["middle"])
STARTS = [MIDDLE + n * EVERY for n in range(-TOLD["count"] // 2, TOLD["count"] // 2)]
Event.objects.bulk_create(
    Event(start=start, end=start + LASTS, title="Reformer private", calendar=CALENDAR)
    for start in STARTS
)


def week() -> int:
    ends = BEGINS + timedelta(days=7)
    return len(_api_occurrences(BEGINS.isoformat(), ends.isoformat(), ["bench"], None))


answer_rounds(week)
