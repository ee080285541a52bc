"""A guest's page may say in which zone they are, which mails then say times in as well."""

from contracts.pilates import PlaceBooked, WaitlistJoined
from services.pilates.tests.telling import events
from services.pilates.tests.till import Till

THERE = {"time_zone": "Atlantic/Canary"}


def guest(name: str, **more: object) -> dict[str, object]:
    return {"name": name, "email": f"{name}@guest.example"} | more


async def test_it_is_told_with_the_place_and_goes_through_the_queue(till: Till) -> None:
    made = await till.publish(capacity=1)
    odd = guest("ada", time_zone="Mars/Olympus")
    assert (await till.try_to_book(made, customer=odd)).status_code == 422
    await till.book(made, customer=guest("ada", **THERE))
    [told] = await events(till.studio, PlaceBooked)
    assert told.attendance.customer_time_zone == "Atlantic/Canary"
    waits = await till.try_to_book(made, customer=guest("bea", **THERE), join_waitlist=True)
    assert waits.status_code == 202, waits.text
    [joined] = await events(till.studio, WaitlistJoined)
    assert joined.entry.customer_time_zone == "Atlantic/Canary"
    [place] = await till.studio.attendances(made)
    await till.studio.cancel(place)
    [entry] = await till.studio.waitlist(made)
    path = f"/class-sessions/{made}/waitlist/{entry['id']}/accept"
    await till.studio.told("POST", path)
    told = (await events(till.studio, PlaceBooked))[-1]
    assert (told.promoted, told.attendance.customer_time_zone) == (True, "Atlantic/Canary")
