"""Reminders that come late, to somewhere else, or after a change in silence."""

from datetime import datetime, timedelta

from chassis.testing import eventually
from notifications.testing import Studio
from services.notifications.tests.conftest import MovedClock
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
