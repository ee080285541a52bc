"""What is owed at the end of a local day, by the ledger of that day and of no later one."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from services.pilates.tests.studio import MovedClock, Studio

OpenStudio = Callable[..., Awaitable[Studio]]


@pytest.fixture(autouse=True)
def november(clock: MovedClock) -> None:
    clock.set("2026-11-01T12:00:00+01:00")


async def owed(studio: Studio, on: str) -> list[dict[str, Any]]:
    found = await studio.told("GET", "/customer-packages/liability", params={"on": on})
    return list(found["owed"])


def euros(packages: int, left: int, value_cents: int) -> list[dict[str, Any]]:
    kept = {"packages": packages, "credits": left, "value_cents": value_cents}
    return [{"currency": "EUR"} | kept]


async def test_what_is_owed_is_known_of_every_day(
    open_studio: OpenStudio, clock: MovedClock
) -> None:
    studio = await open_studio()
    made = await studio.publish_class("2026-11-20T18:00")
    first = await studio.sell("mia", await studio.package_type(credits=3, price_cents=10000))
    clock.set("2026-11-02T23:59:59+01:00")
    place = await studio.booked(made["id"], "mia")
    clock.set("2026-11-03T00:00:00+01:00")
    given = await studio.package_type(credits=5)
    await studio.sell("noa", given, paid_with="free")
    clock.set("2026-11-04T12:00:00+01:00")
    await studio.cancel(place)
    clock.set("2026-11-05T12:00:00+01:00")
    await studio.told("POST", f"/customer-packages/{first}/void", json={"reason": "Moves away"})
    assert await owed(studio, "2026-10-31") == []
    assert await owed(studio, "2026-11-01") == euros(1, 3, 10000)
    assert await owed(studio, "2026-11-02") == euros(1, 2, 6667)
    assert await owed(studio, "2026-11-03") == euros(2, 7, 6667)
    assert await owed(studio, "2026-11-04") == euros(2, 8, 10000)
    assert await owed(studio, "2026-11-05") == euros(1, 5, 0)


async def test_nothing_is_owed_any_more_at_the_end_of_the_last_day(
    open_studio: OpenStudio, clock: MovedClock
) -> None:
    clock.set("2026-11-21T12:00:00-08:00")
    studio = await open_studio(zone="America/Los_Angeles")
    sold = await studio.sell("mia", await studio.package_type(validity_days=10))
    assert await owed(studio, "2026-11-21") == euros(1, 10, 20000)
    clock.set("2026-11-30T12:00:00-08:00")
    assert await owed(studio, "2026-11-29") == euros(1, 10, 20000)
    # Before it is swept, at noon of that day, and after it.
    assert await owed(studio, "2026-11-30") == []
    clock.set("2026-12-02T12:00:00-08:00")
    wanted = {"credits": 1, "expires_on": "2026-12-31", "reason": "Made good"}
    await studio.told("POST", f"/customer-packages/{sold}/adjustments", json=wanted)
    assert await owed(studio, "2026-11-29") == euros(1, 10, 20000)
    assert await owed(studio, "2026-11-30") == []
    assert await owed(studio, "2026-12-01") == []
    assert await owed(studio, "2026-12-02") == euros(1, 1, 2000)


async def test_credits_that_nobody_paid_for_are_owed_and_worth_nothing(studio: Studio) -> None:
    sold = await studio.sell("mia")
    wanted = {"credits": 5, "reason": "A present"}
    await studio.told("POST", f"/customer-packages/{sold}/adjustments", json=wanted)
    [found] = await owed(studio, "2026-11-01")
    assert (found["credits"], found["value_cents"]) == (15, 20000)


async def test_of_days_to_come_nobody_knows(open_studio: OpenStudio, clock: MovedClock) -> None:
    clock.set("2026-11-30T23:59:59-08:00")
    studio = await open_studio(zone="America/Los_Angeles")
    assert await owed(studio, "2026-11-30") == []
    wanted = {"on": "2026-12-01"}
    refused = await studio.ask("GET", "/customer-packages/liability", params=wanted)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/not-yet-over")
    assert refused.json()["today"] == "2026-11-30"
    for wrong in ("2026-02-30", "today", ""):
        answer = await studio.ask("GET", "/customer-packages/liability", params={"on": wrong})
        assert answer.status_code == 422


async def test_another_studio_owes_its_own(studio: Studio, open_studio: OpenStudio) -> None:
    await studio.sell("mia")
    other = await open_studio()
    assert await owed(other, "2026-11-01") == []
