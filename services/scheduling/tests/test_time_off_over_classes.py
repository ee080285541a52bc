"""Who takes time off is told of the classes that they teach in it."""

from collections.abc import Awaitable, Callable
from typing import Any

from contracts.scheduling import SessionTime
from services.scheduling.tests.test_session_holds import DAY, EIGHT, NINE, TEN, asked, time
from services.scheduling.tests.test_time_off import add, added, change

OpenStudio = Callable[..., Awaitable[Any]]


TWO_HOURS = {"starts_at": f"{DAY}T09:00:00", "ends_at": f"{DAY}T11:00:00"}
"""In Berlin, which is from eight to ten in UTC."""


def told_of(one: SessionTime) -> dict[str, str]:
    return {
        "id": str(one.session_id),
        "starts_at": one.starts_at.isoformat(),
        "ends_at": one.ends_at.isoformat(),
        "staff_id": str(one.staff_id),
    }


async def test_classes_in_the_way_are_listed_and_kept_by_force(open_studio: OpenStudio) -> None:
    studio = await open_studio(people=2)
    mine, theirs = (time(staff, EIGHT, NINE) for staff in studio.staff)
    later = time(studio.staff[0], TEN, f"{DAY}T11:00:00Z")
    assert await asked(studio, mine, theirs, later) == {}
    refused = await add(studio, **TWO_HOURS)
    assert refused.status_code == 409
    said = refused.json()
    assert said["type"] == "/problems/appointments-in-the-way"
    assert (said["count"], said["appointments"]) == (0, [])
    assert (said["class_session_count"], said["class_sessions"]) == (1, [told_of(mine)])
    closing = (await add(studio, staff_id=None, **TWO_HOURS)).json()
    assert closing["class_session_count"] == 2
    kept = await added(studio, force=True, **TWO_HOURS)
    # What was decided on is not asked again; what the change newly covers is.
    wider = await change(studio, kept, **TWO_HOURS | {"ends_at": f"{DAY}T12:00:00"})
    assert wider.json()["class_sessions"] == [told_of(later)]


async def test_what_was_only_asked_about_or_refused_is_in_nobodys_way(
    open_studio: OpenStudio,
) -> None:
    studio = await open_studio()
    [staff] = studio.staff
    await asked(studio, time(staff, EIGHT, NINE), dry_run=True)
    await added(studio, **TWO_HOURS)
