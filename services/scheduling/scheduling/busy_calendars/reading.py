"""When a calendar's owner is busy. Runs as a process of its own, since the text may be anybody's.

    python -m scheduling.busy_calendars.reading ZONE BEGINS ENDS SECONDS < calendar.ics

Prints JSON; an exit status other than 0 says what is wrong. Instants are epoch seconds.
"""

import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Component

OUR_UIDS = "@bookly"
MOST_TIMES = 5_000
MEMORY_BYTES = 1 << 30
NOT_A_CALENDAR, TOO_MUCH = 3, 4

Interval: TypeAlias = tuple[int, int]


def read(content: bytes, zone: str, begins: int, ends: int) -> dict[str, Any]:
    """Busy times that touch the range, sorted and disjoint, and until when they are all of them.

    Days, and times without a zone, are those of `zone`. Raises for what is not a calendar; of one
    that is, what cannot be read is counted and left out.
    """
    calendars = Calendar.from_ical(content, multiple=True)
    if not calendars or any(calendar.name != "VCALENDAR" for calendar in calendars):
        raise ValueError("not a calendar")
    first, last = datetime.fromtimestamp(begins, UTC), datetime.fromtimestamp(ends, UTC)
    local, found, unreadable = ZoneInfo(zone), list[Interval](), 0
    for calendar in calendars:
        try:
            found += busy(calendar, first, last, local)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001  What is wrong with one event must not hide the others.
            for series in apart(calendar):
                try:
                    found += busy(series, first, last, local)
                except MemoryError:
                    raise
                except Exception:  # noqa: BLE001
                    unreadable += 1
    times = merged(sorted((b, e) for b, e in found if b < e and begins < e and b < ends))
    cut = times[MOST_TIMES][0] if len(times) > MOST_TIMES else ends
    return {"times": times[:MOST_TIMES], "known_until": cut, "unreadable": unreadable}


def busy(calendar: Component, first: datetime, last: datetime, local: ZoneInfo) -> list[Interval]:
    occurrences = recurring_ical_events.of(calendar, skip_bad_series=True).between(first, last)
    return [interval(event, local) for event in occurrences if blocks(event)]


def apart(calendar: Component) -> Iterator[Component]:
    """A calendar for each UID; its changed occurrences stay with what they are of."""
    together: dict[str, list[Component]] = defaultdict(list)
    for event in calendar.walk("VEVENT"):
        together[str(event.get("UID"))].append(event)
    for events in together.values():
        alone = calendar.copy()
        alone.subcomponents = events
        yield alone


def blocks(event: Component) -> bool:
    """Our own come back in a calendar that has subscribed to a feed of ours."""
    return (
        str(event.get("TRANSP", "OPAQUE")).upper() != "TRANSPARENT"
        and str(event.get("STATUS", "CONFIRMED")).upper() != "CANCELLED"
        and not str(event.get("UID", "")).strip().lower().endswith(OUR_UIDS)
    )


def interval(event: Any, local: ZoneInfo) -> Interval:
    return instant(event["DTSTART"].dt, local), instant(event["DTEND"].dt, local)


def instant(moment: date, local: ZoneInfo) -> int:
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(0))
    return int((moment if moment.tzinfo else moment.replace(tzinfo=local)).timestamp())


def merged(times: Iterable[Interval]) -> list[Interval]:
    disjoint: list[Interval] = []
    for begins, ends in times:
        if disjoint and begins <= disjoint[-1][1]:
            disjoint[-1] = disjoint[-1][0], max(disjoint[-1][1], ends)
        else:
            disjoint.append((begins, ends))
    return disjoint


def limit_self(seconds: int) -> None:
    """It holds also where whoever waits for us has been killed."""
    with suppress(ImportError):  # Windows knows no such limits.
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        os.nice(10)


def main(zone: str, begins: str, ends: str, seconds: str) -> None:
    limit_self(int(seconds))
    content = sys.stdin.buffer.read()
    try:
        found = read(content, zone, int(begins), int(ends))
    except MemoryError:
        sys.exit(TOO_MUCH)
    except Exception:  # noqa: BLE001  A parser may fail in any way on what is not a calendar.
        sys.exit(NOT_A_CALENDAR)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
