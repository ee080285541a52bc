"""Reminders that come late, to somewhere else, or after a change in silence."""

from datetime import datetime, timedelta

from chassis.testing import eventually, served
from contracts.scheduling import Appointment
from notifications import worker
from notifications.testing import Mailbox, Studio
from services.notifications.tests.conftest import MakeSettings, MovedClock, StartMailer
from services.notifications.tests.reading import Reader, says
from services.notifications.tests.test_reminders import Desk, desk, noon

__all__ = ["desk", "noon"]

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


async def test_a_worker_that_was_away_over_an_evening_wakes_nobody(
    desk: Desk, studio: Studio, clock: MovedClock, noon: datetime
) -> None:
    morning = noon.replace(hour=8)
    booked = await studio.confirm(starts_at=morning + 2 * HOUR, time_zone="UTC")
    too_early = await studio.confirm(starts_at=morning - HOUR, time_zone="UTC")
    for one in (booked, too_early):
        await desk.planned(one, 2)
    clock.set(morning - 9 * HOUR)
    await desk.looked()
    assert await desk.reminded() == []
    assert await desk.planned(booked, 1) == [morning]
    await desk.planned(too_early, 0)
    clock.set(morning - SECOND)
    await desk.looked()
    assert await desk.reminded() == []
    clock.set(morning)
    await desk.says(("appointment", booked.id))


async def test_a_guest_is_reminded_in_their_own_time_as_well(
    desk: Desk, studio: Studio, clock: MovedClock, noon: datetime, reader: Reader
) -> None:
    guest = {"customer_id": None, "customer_time_zone": "America/New_York"}
    booked = await studio.confirm(starts_at=noon, **guest)
    await desk.planned(booked, 2)
    clock.set(noon - 2 * HOUR)
    (reminder,) = await reader.told(kind="appointment_reminder")
    assert says(reminder, "Your time")


async def test_who_was_told_of_it_is_reminded_also_after_a_change_in_silence(
    desk: Desk, studio: Studio, noon: datetime
) -> None:
    booked = await studio.confirm(starts_at=noon)
    await desk.planned(booked, 2)
    times = {"starts_at": noon + HOUR, "ends_at": noon + 2 * HOUR}
    silently = studio.rescheduled(booked, **times).model_copy(update={"notify_customer": False})
    await studio.tell(silently)

    async def have_moved() -> bool:
        return await desk.planned(booked, 2) == [noon - 23 * HOUR, noon - HOUR]

    await eventually(have_moved)


async def test_a_mailer_that_was_away_over_an_evening_wakes_nobody_and_holds_up_no_cancellation(
    desk: Desk,
    studio: Studio,
    clock: MovedClock,
    noon: datetime,
    start_mailer: StartMailer,
    mailbox: Mailbox,
    make_settings: MakeSettings,
) -> None:
    morning, zone = noon.replace(hour=8), {"time_zone": "UTC"}
    booked = await studio.confirm(starts_at=morning + 2 * HOUR, **zone)
    given_up = await studio.confirm(starts_at=morning + 3 * HOUR, **zone)
    for one in (booked, given_up):
        await desk.planned(one, 2)
    clock.set(morning - 21 * HOUR)
    await desk.says(("appointment", booked.id), ("appointment", given_up.id))
    clock.set(morning - 9 * HOUR)
    settings = make_settings(clock=clock.path)
    async with start_mailer(settings), served(worker.create(settings)):
        for one in (booked, given_up):
            assert morning in await desk.planned(one, 2)
        await studio.tell(studio.cancelled(given_up))
        assert await subjects(mailbox, given_up, 2) == ["Confirmed", "Cancelled"]
        clock.set(morning - SECOND)
        await desk.looked()
        assert await subjects(mailbox, booked, 1) == ["Confirmed"]
        clock.set(morning)
        assert await subjects(mailbox, booked, 2) == ["Confirmed", "Reminder"]


async def subjects(mailbox: Mailbox, booked: Appointment, count: int) -> list[str]:
    mails = await mailbox.mails_to(booked.customer_email, count)
    return [mail["subject"].partition(":")[0] for mail in mails]
