"""One appointment is one event in every calendar, whatever becomes of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
from icalendar import Calendar, Event

from chassis.testing import eventually
from tests.mailbox import Mail, Mailbox, invitation_of
from tests.studio import Studio, open_studio


@dataclass
class Booking:
    """One appointment, as the studio, the customer's mailbox and a subscribed calendar see it."""

    studio: Studio
    mailbox: Mailbox
    feed: str
    email: str
    now: dict[str, Any]

    @property
    def path(self) -> str:
        return f"/api/appointments/{self.now['id']}"

    async def change(self, action: str, **wanted: Any) -> None:
        seen = (await self.studio.ask("GET", self.path)).headers["ETag"]
        place = f"{self.path}/{action}"
        self.now = await self.studio.told("POST", place, headers={"If-Match": seen}, json=wanted)

    async def is_told(self, sequence: int, *, method: str = "REQUEST") -> None:
        """By a mail for each change, and in the feed, which has one event."""
        mails = await self.mails(sequence + 1)
        self.check(the_event(invitation_of(mails[-1])), sequence)
        assert str(invitation_of(mails[-1])["METHOD"]) == method

        async def in_feed() -> list[Event]:
            return [event for event in await self.in_feed() if event["SEQUENCE"] == sequence]

        (event,) = await eventually(in_feed)
        self.check(event, sequence)

    def check(self, event: Event, sequence: int) -> None:
        assert (str(event["UID"]), event["SEQUENCE"]) == (self.now["uid"], sequence)
        assert event.start == datetime.fromisoformat(self.now["starts_at"])
        assert event.end == datetime.fromisoformat(self.now["ends_at"])
        cancelled = self.now["status"] == "cancelled"
        assert str(event["STATUS"]) == ("CANCELLED" if cancelled else "CONFIRMED")

    async def mails(self, count: int) -> list[Mail]:
        async def arrived() -> list[Mail]:
            mails = await self.mailbox(self.email)
            return mails if len(mails) >= count else []

        mails = await eventually(arrived, within_seconds=30)
        assert len(mails) == count, [mail["subject"] for mail in mails]
        return mails

    async def in_feed(self) -> list[Event]:
        """As a calendar app fetches it, which is nobody to the studio."""
        answer = await self.studio.gateway.get(self.feed)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"].startswith("text/calendar")
        events = events_of(Calendar.from_ical(answer.text))
        assert len(events) <= 1, "one booking, one event"
        return events


def events_of(calendar: Calendar) -> list[Event]:
    return [event for event in calendar.walk("VEVENT") if isinstance(event, Event)]


def the_event(calendar: Calendar) -> Event:
    (event,) = events_of(calendar)
    return event


async def book(gateway: httpx2.AsyncClient, mailbox: Mailbox) -> Booking:
    studio = await open_studio(gateway, people=2, duration_minutes=55)
    wanted = {"scope": "business", "names": True, "title": "The whole studio"}
    feed = await studio.told("POST", "/api/feeds", json=wanted)
    email = f"{uuid4().hex}@example.com"
    [place] = studio.places(1)
    answer = await studio.book(email, headers=None, **place)
    assert answer.status_code == 201, answer.text
    return Booking(studio, mailbox, httpx2.URL(feed["url"]).path, email, answer.json())


async def test_an_appointment_keeps_its_uid_from_booking_to_cancellation(
    gateway: httpx2.AsyncClient, mailbox: Mailbox
) -> None:
    booking = await book(gateway, mailbox)
    uid, starts_at = booking.now["uid"], datetime.fromisoformat(booking.now["starts_at"])
    first, second = booking.studio.staff
    await booking.is_told(0)

    later = starts_at + timedelta(hours=3)
    await booking.change("reschedule", starts_at=later.isoformat())
    await booking.is_told(1)

    await booking.change("reschedule", starts_at=later.isoformat(), staff_id=second)
    assert booking.now["staff_id"] == second
    await booking.is_told(2)

    dragged = later + timedelta(days=1, minutes=30)
    ends_at = dragged + timedelta(minutes=85)
    await booking.change(
        "reschedule",
        starts_at=dragged.isoformat(),
        ends_at=ends_at.isoformat(),
        staff_id=first,
    )
    await booking.is_told(3)

    await booking.change("cancel")
    await booking.is_told(4, method="CANCEL")

    told = [invitation_of(mail) for mail in await booking.mails(5)]
    events = [the_event(calendar) for calendar in told]
    assert [str(calendar["METHOD"]) for calendar in told] == ["REQUEST"] * 4 + ["CANCEL"]
    assert [event["SEQUENCE"] for event in events] == [0, 1, 2, 3, 4]
    assert {str(event["UID"]) for event in events} == {uid}
