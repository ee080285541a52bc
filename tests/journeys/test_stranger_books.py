"""From a sign-up to a mail: what a studio and a stranger do on the first day."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from chassis.testing import eventually
from stack.testing import RunningStack
from tests.mailbox import Mail, Mailbox, invitation_of
from tests.studio import Studio, sign_up

ReadMails = Callable[[str], Awaitable[list[Mail]]]
"""All mails to an address, oldest first."""

NINE_TO_FIVE = [{"weekday": day, "starts_at": "09:00", "ends_at": "17:00"} for day in range(7)]


@dataclass(frozen=True)
class Travelled:
    booked: dict[str, Any]
    trace_id: str
    """Of the stranger's click."""


async def travel(base_url: str, read_mails: ReadMails) -> Travelled:
    """Through any Bookly there is: embedded, in containers, elsewhere."""
    async with httpx2.AsyncClient(base_url=base_url, timeout=30) as gateway:
        studio = await open_for_business(gateway)
        day = datetime.now(UTC).date() + timedelta(days=3)
        slot = (await studio.slots(day))[0]
        email = f"{uuid4().hex}@example.com"
        booked, trace_id = await book(studio, email, slot)
        assert slot["starts_at"] not in await starts(studio, day)
        assert [entry["id"] for entry in await calendar(studio, day)] == [booked["id"]]
        await see_the_confirmation(read_mails, email, booked)
        await see_the_customer(studio, email, booked)
        await cancel(studio, booked)
        await see_the_cancellation(read_mails, email, booked)
        await eventually(lambda: offered_again(studio, day, slot))
        assert await calendar(studio, day) == []
    return Travelled(booked, trace_id)


async def open_for_business(gateway: httpx2.AsyncClient) -> Studio:
    studio = await sign_up(gateway, time_zone="Europe/Berlin")
    await studio.hire("Tessa Teacher", NINE_TO_FIVE)
    await studio.offer(name="Reformer private", duration_minutes=55, price_cents=9500)
    await studio.publish("Move with us")
    page = await gateway.get(f"/api/public/booking/{studio.slug}")
    assert page.status_code == 200, page.text
    for shown in ("Move with us", "Reformer private", studio.service):
        assert shown in page.text
    return studio


async def starts(studio: Studio, day: date) -> list[str]:
    return [slot["starts_at"] for slot in await studio.slots(day)]


async def book(studio: Studio, email: str, slot: dict[str, Any]) -> tuple[dict[str, Any], str]:
    trace_id = secrets.token_hex(16)
    answer = await studio.book(
        email,
        {"traceparent": f"00-{trace_id}-{secrets.token_hex(8)}-01", "Idempotency-Key": email},
        starts_at=slot["starts_at"],
    )
    assert answer.status_code == 201, answer.text
    booked: dict[str, Any] = answer.json()
    assert booked["status"] == "confirmed"
    assert booked["staff_id"] in studio.staff
    return booked, trace_id


async def calendar(studio: Studio, day: date) -> list[dict[str, Any]]:
    """Of all that have time to show, none of them missing."""
    asked = {"from": f"{day}T00:00:00Z", "to": f"{day + timedelta(days=1)}T00:00:00Z"}
    merged = await studio.told("GET", "/api/calendar", params=asked)
    assert merged["unavailable"] == []
    entries: list[dict[str, Any]] = merged["entries"]
    return entries


async def see_the_confirmation(read_mails: ReadMails, email: str, booked: dict[str, Any]) -> None:
    (mail,) = await mails_to(read_mails, email, 1)
    assert "Reformer private" in mail["text"]
    assert "Reformer private" in mail["html"]
    check_invitation(mail, booked, "REQUEST", sequence=0)


async def see_the_customer(studio: Studio, email: str, booked: dict[str, Any]) -> None:
    async def introduced() -> list[dict[str, Any]]:
        found = await studio.told("GET", "/api/customers", params={"q": email})
        items: list[dict[str, Any]] = found["items"]
        return items

    (customer,) = await eventually(introduced)
    assert customer["email"] == email

    async def recognised() -> bool:
        appointment = await studio.told("GET", f"/api/appointments/{booked['id']}")
        return bool(appointment["customer_id"] == customer["id"])

    await eventually(recognised)


async def cancel(studio: Studio, booked: dict[str, Any]) -> None:
    path = f"/api/appointments/{booked['id']}"
    seen = (await studio.ask("GET", path)).headers["ETag"]
    stale = await studio.ask("POST", f"{path}/cancel", headers={"If-Match": '"99"'})
    assert stale.status_code == 412, stale.text
    cancelled = await studio.told("POST", f"{path}/cancel", headers={"If-Match": seen})
    assert cancelled["status"] == "cancelled"


async def see_the_cancellation(read_mails: ReadMails, email: str, booked: dict[str, Any]) -> None:
    _, mail = await mails_to(read_mails, email, 2)
    check_invitation(mail, booked, "CANCEL", sequence=1)


async def mails_to(read_mails: ReadMails, email: str, count: int) -> list[Mail]:
    async def arrived() -> list[Mail]:
        mails = await read_mails(email)
        return mails if len(mails) >= count else []

    mails = await eventually(arrived, within_seconds=30)
    assert len(mails) == count, [mail["subject"] for mail in mails]
    return mails


def check_invitation(mail: Mail, booked: dict[str, Any], method: str, sequence: int) -> None:
    if not any("text" in part for part in mail["attachments"]):
        # Some catchers of mail name what is attached without showing it.
        assert [part["filename"] for part in mail["attachments"]] == ["invite.ics"]
        return
    invitation = invitation_of(mail)
    (event,) = invitation.walk("VEVENT")
    assert invitation["METHOD"] == method
    assert event["UID"] == booked["uid"]
    assert event["SEQUENCE"] == sequence
    assert event["DTSTART"].dt == datetime.fromisoformat(booked["starts_at"])


async def offered_again(studio: Studio, day: date, slot: dict[str, Any]) -> bool:
    return slot["starts_at"] in await starts(studio, day)


async def test_a_strangers_booking_travels_from_the_page_to_the_mailbox_in_one_trace(
    url: str, mailbox: Mailbox, pytestconfig: pytest.Config, request: pytest.FixtureRequest
) -> None:
    travelled = await travel(url, mailbox)
    if pytestconfig.getoption("--bookly"):
        return  # Its logs are not ours to read.
    stack: RunningStack = request.getfixturevalue("stack")

    async def told() -> bool:
        return travelled.trace_id in stack.log("notifications-mailer")

    await eventually(told)
