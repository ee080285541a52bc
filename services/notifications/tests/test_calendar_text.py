"""Invitations as calendars read them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.invitations.calendar_text import Invitation, Party, cancellation, request

STARTS = datetime(2026, 12, 4, 9, 30, tzinfo=UTC)
LESSON = Invitation(
    uid="4f1c@bookly",
    sequence=0,
    stamped_at=datetime(2026, 11, 23, 8, tzinfo=UTC),
    starts_at=STARTS,
    ends_at=STARTS + timedelta(minutes=55),
    summary="Reformer private (Lena)",
    location="Core Berlin",
    organizer=Party("Core Berlin", "hello@core.example"),
    attendee=Party("Ana", "ana@example.com"),
)
HOSTILE = [
    "Ana\r\nATTENDEE:mailto:evil@example.com",
    "Ana\nEND:VEVENT\nBEGIN:VEVENT",
    'Ana "the; boss": mailto:evil@example.com, \\n',
    "Ana\u2028SUMMARY:x\x00\x0b\x1f",
    "\u202eAna\ud800",
    "ä" * 200 + "😀" * 50,
]


def only_event(text: bytes) -> icalendar.Event:
    (event,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
    assert isinstance(event, icalendar.Event)
    return event


def test_a_request_puts_the_appointment_into_a_calendar() -> None:
    text = request(LESSON)
    assert icalendar.Calendar.from_ical(text)["METHOD"] == "REQUEST"
    event = only_event(text)
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("4f1c@bookly", 0, "CONFIRMED")
    assert (event.start, event.end) == (STARTS, STARTS + timedelta(minutes=55))
    assert event["ORGANIZER"] == "mailto:hello@core.example"
    assert event["ATTENDEE"] == "mailto:ana@example.com"


def test_a_cancellation_names_the_same_event_with_a_higher_sequence() -> None:
    text = cancellation(replace(LESSON, sequence=1))
    assert icalendar.Calendar.from_ical(text)["METHOD"] == "CANCEL"
    event = only_event(text)
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("4f1c@bookly", 1, "CANCELLED")


def test_times_are_written_in_utc_whatever_their_offset() -> None:
    berlin = timezone(timedelta(hours=1))
    text = request(replace(LESSON, starts_at=STARTS.astimezone(berlin)))
    assert b"DTSTART:20261204T093000Z\r\n" in text


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_inside_its_property(name: str) -> None:
    party = Party(name, "ana@example.com")
    text = request(
        replace(LESSON, summary=name, location=name, organizer=party, attendee=party, uid=name)
    )
    harmless = request(LESSON)
    event = only_event(text)
    assert set(event) == set(only_event(harmless))
    assert event["ATTENDEE"] == "mailto:ana@example.com"
    assert text.split(b"\r\n").count(b"BEGIN:VEVENT") == 1


@given(st.text(max_size=300))
def test_any_text_survives_folding_and_escaping(words: str) -> None:
    text = request(replace(LESSON, summary=f"x{words}x"))
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    summary = str(only_event(text)["SUMMARY"])
    assert summary.startswith("x")
    assert summary.endswith("x")
