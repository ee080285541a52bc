"""Time off by rule, against an expansion that somebody else wrote."""

import re
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from dateutil.rrule import rrulestr
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from calendaring.occurrences import Recurrence, ending, occurrences, refusal
from calendaring.recurrence_rule import normalized

BERLIN = "Europe/Berlin"
LORD_HOWE = "Australia/Lord_Howe"
ZONES = [BERLIN, LORD_HOWE, "America/St_Johns", "Africa/Cairo", "Asia/Kathmandu"]
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def local(*moment: int) -> datetime:
    return datetime(*moment)  # type: ignore[misc]  # noqa: DTZ001


NOON = local(2026, 6, 1, 12)


def series(starts_at: datetime, lasts: timedelta, rule: str, *excepted: datetime) -> Recurrence:
    made = Recurrence(starts_at, starts_at + lasts, normalized(rule))
    assert refusal(made) is None, rule
    return made._replace(
        over_at=ending(made), except_dates=tuple(sorted({at.date() for at in excepted}))
    )


def between(made: Recurrence, zone: str, begins: datetime, ends: datetime) -> list[str]:
    found = occurrences(made, zone, int(begins.timestamp()), int(ends.timestamp()))
    return [datetime.fromtimestamp(starts, UTC).strftime("%m-%d %H:%M") for starts, _ in found]


def utc(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)  # type: ignore[misc]


def by_somebody_else(
    made: Recurrence, zone: str, begins: datetime, ends: datetime
) -> list[tuple[int, int]]:
    written = [
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:x",
        f"DTSTART;TZID={zone}:{made.starts_at:%Y%m%dT%H%M%S}",
        f"DTEND;TZID={zone}:{made.ends_at:%Y%m%dT%H%M%S}",
        f"RRULE:{UNTIL.sub(partial(in_utc, zone), made.rule)}",
        *(f"EXDATE;TZID={zone}:{day:%Y%m%d}T{made.starts_at:%H%M%S}" for day in made.except_dates),
        "END:VEVENT\r\nEND:VCALENDAR\r\n",
    ]
    calendar = Calendar.from_ical("\r\n".join(written))
    events = recurring_ical_events.of(calendar).between(begins, ends)
    found = sorted(
        (int(event["DTSTART"].dt.timestamp()), int(event["DTEND"].dt.timestamp()))
        for event in events
    )
    # It has time that a skipped hour swallowed end before it begins.
    return [(starts, over) for starts, over in found if starts < over]


UNTIL = re.compile(r"(?<=UNTIL=)\d{8}T\d{6}")


def in_utc(zone: str, until: re.Match[str]) -> str:
    """As RFC 5545 wants it beside a DTSTART with a zone; ours is local time."""
    at = datetime.strptime(until[0], "%Y%m%dT%H%M%S").replace(tzinfo=ZoneInfo(zone))
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


@st.composite
def rules(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    some_days = st.lists(st.sampled_from(DAYS), min_size=1, max_size=3, unique=True)
    some_months = st.lists(st.integers(1, 12), min_size=1, max_size=4, unique=True)
    parts = {"FREQ": frequency, "INTERVAL": draw(st.integers(1, 5))}
    if draw(st.booleans()):
        parts["BYDAY"] = ",".join(draw(some_days))
    if draw(st.booleans()):
        parts["BYMONTH"] = ",".join(map(str, draw(some_months)))
    if frequency in ("MONTHLY", "YEARLY"):
        if draw(st.booleans()):
            days = st.integers(-31, 31).filter(bool)
            parts["BYMONTHDAY"] = ",".join(map(str, draw(st.lists(days, min_size=1, max_size=3))))
        if parts.keys() & {"BYDAY", "BYMONTHDAY"} and draw(st.booleans()):
            parts["BYSETPOS"] = draw(st.sampled_from([1, 2, -1]))
    if draw(st.booleans()):
        parts["WKST"] = draw(st.sampled_from(DAYS))
    end = draw(st.sampled_from(["", "COUNT", "UNTIL"]))
    if end:
        values = {"COUNT": draw(st.integers(1, 60)), "UNTIL": f"2026{draw(st.integers(10, 12))}15"}
        parts[end] = values[end]
    return ";".join(f"{name}={value}" for name, value in parts.items())


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(
    zone=st.sampled_from(ZONES),
    rule=rules(),
    day=st.integers(0, 400),
    minute=st.one_of(st.integers(0, 24 * 4 - 1), st.integers(0, 14)),
    lasts=st.integers(1, 24 * 4),
    later=st.integers(-30, 900),
    excepted=st.lists(st.integers(0, 8), max_size=3),
)
def test_an_expansion_that_somebody_else_wrote_finds_the_same(
    zone: str, rule: str, day: int, minute: int, lasts: int, later: int, excepted: list[int]
) -> None:
    wished = local(2025, 9, 1) + timedelta(days=day, minutes=15 * minute)
    made = Recurrence(wished, wished + timedelta(minutes=15 * lasts), normalized(rule))
    first = next(iter(rrulestr(normalized(rule), dtstart=wished)), None)
    assume(first is not None)
    assert first is not None
    made = made._replace(starts_at=first, ends_at=first + made.lasts)
    assume(refusal(made) is None)
    made = made._replace(over_at=ending(made))
    begins = first.replace(tzinfo=UTC) + timedelta(days=later)
    ends = begins + timedelta(days=62)
    all_ = occurrences(made, zone, int(begins.timestamp()), int(ends.timestamp()))
    starts = [datetime.fromtimestamp(at, ZoneInfo(zone)).date() for at, _ in all_]
    made = made._replace(except_dates=tuple(starts[n] for n in excepted if n < len(starts)))
    found = occurrences(made, zone, int(begins.timestamp()), int(ends.timestamp()))
    assert found == by_somebody_else(made, zone, begins, ends)


@pytest.mark.parametrize(
    ("starts_at", "rule"),
    [
        (local(1971, 3, 1, 12), "FREQ=DAILY;INTERVAL=3"),
        (local(1971, 3, 1, 12), "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU"),
        (local(1971, 3, 31, 12), "FREQ=MONTHLY"),
        (local(1972, 2, 29, 12), "FREQ=YEARLY"),
    ],
)
def test_a_rule_as_old_as_the_hills_is_exact_and_costs_no_more(
    starts_at: datetime, rule: str
) -> None:
    old = series(starts_at, timedelta(hours=1), rule)
    begins, ends = utc(2027, 1, 1), utc(2028, 12, 31)
    at = time.process_time()
    found = occurrences(old, BERLIN, int(begins.timestamp()), int(ends.timestamp()))
    assert time.process_time() - at < 0.25
    assert found == by_somebody_else(old, BERLIN, begins, ends)
    assert found


def test_a_weekly_lunch_break_stays_at_noon_over_both_change_overs() -> None:
    lunch = series(NOON, timedelta(hours=1), "FREQ=WEEKLY")
    autumn = between(lunch, BERLIN, utc(2026, 10, 18), utc(2026, 11, 3))
    assert autumn == ["10-19 10:00", "10-26 11:00", "11-02 11:00"]
    spring = between(lunch, BERLIN, utc(2027, 3, 21), utc(2027, 4, 1))
    assert spring == ["03-22 11:00", "03-29 10:00"]


def test_a_local_time_that_is_skipped_moves_and_one_that_is_doubled_is_the_first() -> None:
    night = series(local(2026, 10, 1, 2, 30), timedelta(hours=2), "FREQ=DAILY")
    assert between(night, BERLIN, utc(2026, 10, 24, 12), utc(2026, 10, 25, 12)) == ["10-25 00:30"]
    assert between(night, BERLIN, utc(2027, 3, 27, 12), utc(2027, 3, 28, 12)) == ["03-28 01:30"]
    half = series(local(2026, 9, 1, 2, 15), timedelta(hours=1), "FREQ=DAILY")
    assert between(half, LORD_HOWE, utc(2026, 10, 3, 12), utc(2026, 10, 4)) == ["10-03 15:45"]


def test_a_skipped_hour_swallows_what_is_within_it() -> None:
    night = series(local(2027, 3, 1, 2, 15), timedelta(minutes=45), "FREQ=DAILY")
    assert between(night, BERLIN, utc(2027, 3, 26, 12), utc(2027, 3, 30, 12)) == [
        "03-27 01:15",
        "03-29 00:15",
        "03-30 00:15",
    ]


def test_count_is_counted_with_the_excepted_and_until_takes_its_day_in() -> None:
    counted = series(NOON, timedelta(hours=1), "FREQ=DAILY;COUNT=3", NOON + timedelta(days=1))
    assert between(counted, BERLIN, utc(2026, 5, 1), utc(2026, 7, 1)) == [
        "06-01 10:00",
        "06-03 10:00",
    ]
    until = series(NOON, timedelta(hours=1), "FREQ=DAILY;UNTIL=20260602")
    assert len(between(until, BERLIN, utc(2026, 5, 1), utc(2026, 7, 1))) == 2


def test_half_open_at_both_ends() -> None:
    lunch = series(NOON, timedelta(hours=1), "FREQ=DAILY")
    assert between(lunch, BERLIN, utc(2026, 6, 1, 11), utc(2026, 6, 2, 10)) == []
    assert between(lunch, BERLIN, utc(2026, 6, 1, 10, 59), utc(2026, 6, 2, 10, 1)) == [
        "06-01 10:00",
        "06-02 10:00",
    ]


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "FREQ=SECONDLY",
        "FREQ=HOURLY;INTERVAL=24",
        "FREQ=DAILY;COUNT=1000000000",
        "FREQ=DAILY;COUNT=1001",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=100",
        "FREQ=DAILY;BYHOUR=9,10",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=DAILY;UNTIL=20270101T000000Z",
        "FREQ=DAILY;UNTIL=20270230",
        "FREQ=DAILY;UNTIL=99991231",
        "FREQ=DAILY;UNTIL=20270101;COUNT=3",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=YEARLY;BYSETPOS=1",
        "FREQ=YEARLY;BYDAY=MO;BYSETPOS=367",
        "FREQ=YEARLY;BYYEARDAY=367",
        "FREQ=YEARLY;BYDAY=54MO",
        "FREQ=YEARLY;BYDAY=6MO;BYMONTH=2",
        "FREQ=MONTHLY;BYDAY=FR,53SU",
        "FREQ=YEARLY;BYEASTER=0",
        "FREQ=DAILY;DTSTART=20270101T000000",
        "DTSTART:20270101T000000\nRRULE:FREQ=DAILY",
        "RRULE:FREQ=DAILY",
        "FREQ=DAILY\r\nEXDATE:20270101",
        "FREQ=MONTHLY;BYMONTHDAY=٣",
        "FREQ=YEARLY;BYDAY=" + ",".join(["MO"] * 100),
    ],
)
def test_what_is_no_rule_of_time_off_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match=r"\w+"):
        normalized(rule)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", "no occurrence"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "no occurrence"),
        ("FREQ=YEARLY;BYDAY=MO;BYSETPOS=366", "no occurrence"),
        ("FREQ=YEARLY;BYWEEKNO=53;BYYEARDAY=100", "no occurrence"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", "no occurrence"),
        ("FREQ=WEEKLY;BYDAY=TU", "no occurrence"),
        ("FREQ=MONTHLY;BYMONTH=6;BYMONTHDAY=1;BYDAY=MO;INTERVAL=11", "ten years"),
        ("FREQ=YEARLY;INTERVAL=11", "ten years"),
        ("FREQ=DAILY;UNTIL=20260531", "UNTIL"),
    ],
)
def test_a_hostile_rule_is_refused_before_it_costs_anything(rule: str, reason: str) -> None:
    at = time.process_time()
    refused = refusal(Recurrence(NOON, NOON + timedelta(hours=1), normalized(rule)))
    assert time.process_time() - at < 0.25
    assert reason in (refused or "")


def test_occurrences_may_touch_one_another_but_not_overlap() -> None:
    whole_days = Recurrence(NOON, NOON + timedelta(days=1), "FREQ=DAILY")
    assert refusal(whole_days) is None
    longer = whole_days._replace(ends_at=NOON + timedelta(days=1, minutes=1))
    assert "longer" in (refusal(longer) or "")
