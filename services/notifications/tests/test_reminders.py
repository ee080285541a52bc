"""Reminders at their exact instants: a day and two hours before, moved, never after a cancel."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import psycopg
import pytest

from chassis.testing import eventually, served
from contracts.pilates import PlaceBooked, PlaceCancelled, PlaceChanged
from contracts.scheduling import Appointment
from notifications import worker
from notifications.testing import Mailbox, Studio, lesson, messages_of
from services.notifications.tests.conftest import (
    SEVERAL_LOOKS_SECONDS,
    MakeSettings,
    MovedClock,
    StartMailer,
)
from services.notifications.tests.reading import heard_of
from services.notifications.tests.told import drop_in, found, know, moved, place, tell
from stack.signer import Signer

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def noon() -> datetime:
    """Of a day in the week after next: nobody sleeps, and no clocks change."""
    day = datetime.now(UTC) + timedelta(days=12)
    return day.replace(hour=11, minute=0, second=0, microsecond=0)


class Desk:
    """What a studio's readers were told, once the worker has looked."""

    def __init__(
        self, api: httpx2.AsyncClient, studio: Studio, signer: Signer, database: str
    ) -> None:
        self._api, self._studio = api, studio
        self._member = signer.bearer(studio.business_id)
        self._database = database

    async def reminded(self) -> list[tuple[str, str]]:
        """Kind and booking, in the order in which it was said."""
        messages = await messages_of(self._api, self._member)
        said = [message for message in messages if message["kind"].endswith("_reminder")]
        return [(one["kind"].removesuffix("_reminder"), one["about"]) for one in reversed(said)]

    async def says(self, *expected: tuple[str, UUID]) -> None:
        """This and no more, also when the worker has looked again."""
        wanted = [(noun, str(id_)) for noun, id_ in expected]

        async def said() -> bool:
            return len(await self.reminded()) >= len(wanted)

        await eventually(said)
        await self.looked()
        assert await self.reminded() == wanted

    async def looked(self) -> None:
        await asyncio.sleep(SEVERAL_LOOKS_SECONDS)

    async def knows(self, table: str, id_: UUID) -> None:
        await heard_of(self._database, self._studio.business_id, table, id_)

    async def planned(self, booking: Appointment | Any, count: int) -> list[datetime]:
        async def rows() -> list[datetime]:
            with psycopg.connect(self._database) as connection:
                whose = (str(self._studio.business_id),)
                connection.execute("SELECT set_config('app.business_id', %s, true)", whose)
                query = "SELECT due_at FROM reminders WHERE booking_id = %s ORDER BY due_at"
                return [at for (at,) in connection.execute(query, (booking.id,)).fetchall()]

        async def as_many() -> bool:
            return len(await rows()) == count

        await eventually(as_many)
        return await rows()


@pytest.fixture
def desk(
    timed: httpx2.AsyncClient, studio: Studio, signer: Signer, make_settings: MakeSettings
) -> Desk:
    return Desk(timed, studio, signer, make_settings().database_url)


async def test_a_day_and_two_hours_before_to_the_second(
    desk: Desk, studio: Studio, clock: MovedClock, noon: datetime
) -> None:
    booked = await studio.confirm(starts_at=noon)
    a_second_later = place(starts_at=noon + SECOND)
    await tell(studio, PlaceBooked, attendance=a_second_later)
    assert await desk.planned(booked, 2) == [noon - DAY, noon - 2 * HOUR]
    await desk.planned(a_second_later, 2)
    clock.set(noon - DAY - SECOND)
    await desk.looked()
    assert await desk.reminded() == []
    clock.set(noon - DAY)
    await desk.says(("appointment", booked.id))
    clock.set(noon - DAY + SECOND)
    first_day = [("appointment", booked.id), ("place", a_second_later.id)]
    await desk.says(*first_day)
    clock.set(noon - 2 * HOUR)
    await desk.says(*first_day, ("appointment", booked.id))


async def test_a_reschedule_moves_them_and_a_cancel_ends_them(
    desk: Desk, studio: Studio, clock: MovedClock, noon: datetime
) -> None:
    booked, given_up = await studio.confirm(starts_at=noon), await studio.confirm(starts_at=noon)
    stays = await studio.confirm(starts_at=noon + SECOND)
    for one in (booked, given_up, stays):
        await desk.planned(one, 2)
    later = {"starts_at": noon + DAY, "ends_at": noon + DAY + HOUR}
    await studio.tell(studio.rescheduled(booked, **later), studio.cancelled(given_up))
    await desk.planned(given_up, 0)

    async def has_moved() -> bool:
        return await desk.planned(booked, 2) == [noon, noon + DAY - 2 * HOUR]

    await eventually(has_moved)
    clock.set(noon - DAY + SECOND)
    await desk.says(("appointment", stays.id))
    clock.set(noon)
    twice = [("appointment", stays.id)] * 2
    await desk.says(*twice, ("appointment", booked.id))


async def test_of_two_that_are_late_only_the_nearer_and_none_once_it_begins(
    desk: Desk, studio: Studio, clock: MovedClock, noon: datetime
) -> None:
    late, over = await studio.confirm(starts_at=noon), await studio.confirm(starts_at=noon - HOUR)
    await desk.planned(late, 2)
    await desk.planned(over, 2)
    clock.set(noon - HOUR)
    await desk.says(("appointment", late.id))
    await desk.planned(over, 0)
    await desk.planned(late, 0)


async def test_what_is_not_firm_or_not_to_be_spoken_of_is_not_reminded_of(
    desk: Desk, studio: Studio, clock: MovedClock, noon: datetime
) -> None:
    pending = lesson(status="pending", starts_at=noon)
    silent, owing = lesson(starts_at=noon), drop_in(starts_at=noon, payment_status="awaited")
    await studio.tell(studio.requested(pending), studio.confirmed(silent, notify_customer=False))
    await tell(studio, PlaceBooked, attendance=owing)
    marker = await studio.confirm(starts_at=noon)
    await desk.planned(marker, 2)
    for one in (pending, silent, owing):
        await desk.knows("bookings", one.id)
    clock.set(noon - DAY)
    await desk.says(("appointment", marker.id))
    # So that the first of them is not due in the moment it is planned.
    clock.set(datetime.now(UTC))
    paid = moved(owing, payment_status="paid")
    await tell(studio, PlaceChanged, attendance=paid, cause="spot_changed")
    assert await desk.planned(paid, 2)
    await tell(
        studio, PlaceCancelled, attendance=moved(paid, status="cancelled"), cancelled_by="customer"
    )
    await desk.planned(paid, 0)


async def test_quiet_hours_leads_and_silence_are_the_business_s_choice(
    desk: Desk, studio: Studio, timed: httpx2.AsyncClient, signer: Signer, noon: datetime
) -> None:
    await found(studio, time_zone="UTC")
    early = noon.replace(hour=6)
    booked = await studio.confirm(starts_at=early, time_zone="UTC")
    evening = (early - DAY).replace(hour=20, minute=59)
    assert await desk.planned(booked, 2) == [early - DAY + 2 * HOUR, evening]
    owner = signer.bearer(studio.business_id)
    read = await timed.get("/api/messages/settings", headers=owner)
    wanted = read.json() | {"quiet_from": None, "quiet_until": None, "reminder_minutes": [30]}
    del wanted["version"]
    changed = await timed.put(
        "/api/messages/settings", json=wanted, headers=owner | {"If-Match": read.headers["ETag"]}
    )
    assert changed.status_code == 200, changed.text
    assert await desk.planned(booked, 1) == [early - timedelta(minutes=30)]


async def test_who_wants_no_mails_is_not_reminded_and_told_all_the_same(
    desk: Desk,
    studio: Studio,
    clock: MovedClock,
    noon: datetime,
    timed: httpx2.AsyncClient,
    signer: Signer,
) -> None:
    quiet = await know(studio, contact_preferences={"email": False})
    await desk.knows("customers", quiet.id)
    booked = await studio.confirm(starts_at=noon, customer_id=quiet.id, customer_email=quiet.email)
    marker = await studio.confirm(starts_at=noon + SECOND)
    await desk.planned(booked, 2)
    await desk.planned(marker, 2)
    clock.set(noon - DAY + SECOND)
    await desk.says(("appointment", marker.id))
    told = await messages_of(timed, signer.bearer(studio.business_id), recipient=str(quiet.email))
    assert [message["kind"] for message in told] == ["appointment_confirmed"]


async def test_one_that_waits_for_the_mailer_is_not_sent_after_the_cancel(
    timed: httpx2.AsyncClient,
    desk: Desk,
    start_mailer: StartMailer,
    studio: Studio,
    clock: MovedClock,
    mailbox: Mailbox,
    signer: Signer,
    noon: datetime,
    make_settings: MakeSettings,
) -> None:
    api, settings = timed, make_settings(clock=clock.path)
    booked = await studio.confirm(starts_at=noon)
    await desk.planned(booked, 2)
    clock.set(noon - DAY)
    await desk.says(("appointment", booked.id))
    await studio.tell(studio.cancelled(booked))

    async def cancel_is_queued() -> bool:
        return len(await messages_of(api, signer.bearer(studio.business_id), state="queued")) == 3

    await eventually(cancel_is_queued)
    await desk.planned(booked, 0)
    async with start_mailer(settings), served(worker.create(settings)):
        mails = await mailbox.mails_to(booked.customer_email, 2)
    subjects = [mail["subject"].partition(":")[0] for mail in mails]
    assert subjects == ["Confirmed", "Cancelled"]
    (reminder,) = await messages_of(
        api, signer.bearer(studio.business_id), kind="appointment_reminder"
    )
    assert reminder["failed_reason"] == "The time that it reminds of is given up."
