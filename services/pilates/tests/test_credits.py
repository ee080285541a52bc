"""Which package pays, until when, and what comes back: at the instants where it changes."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from chassis.testing import eventually
from contracts.pilates import PackageChanged, PackageExpiryNeared
from services.pilates.tests.studio import MovedClock, Studio
from services.pilates.tests.telling import events

OpenStudio = Callable[..., Awaitable[Studio]]


@pytest.fixture(autouse=True)
def november(clock: MovedClock) -> None:
    clock.set("2026-11-01T12:00:00+01:00")


async def package(studio: Studio, id_: str) -> dict[str, Any]:
    found: dict[str, Any] = await studio.told("GET", f"/customer-packages/{id_}")
    return found


async def freeze(studio: Studio, id_: str, first_on: str, last_on: str | None = None) -> Any:
    wanted = {"first_on": first_on, "last_on": last_on, "reason": "Ill"}
    return await studio.ask("POST", f"/customer-packages/{id_}/freeze", json=wanted)


async def why_not(studio: Studio, name: str, **asked: str) -> dict[str, Any]:
    wanted = {"customer_id": str(studio.customers[name])} | asked
    found: dict[str, Any] = await studio.told("GET", "/customer-packages/eligible", params=wanted)
    return found


async def test_a_package_pays_until_the_end_of_its_last_local_day(
    open_studio: OpenStudio, clock: MovedClock
) -> None:
    clock.set("2026-11-21T09:00:00-08:00")
    studio = await open_studio(zone="America/Los_Angeles")
    sold = await studio.sell("mia", await studio.package_type(validity_days=10))
    assert (await package(studio, sold))["expires_on"] == "2026-11-30"
    late = await studio.publish_class("2026-11-30T23:30")
    next_day = await studio.publish_class("2026-12-01T00:00", duration_minutes=15)
    assert next_day["starts_at"] == "2026-12-01T08:00:00Z"
    refused = await studio.book(next_day["id"], "mia")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/no-credit")
    assert refused.json()["reasons"][0]["reasons"] == ["expired"]
    assert (await studio.booked(late["id"], "mia"))["package_id"] == sold


async def test_at_midnight_nothing_is_paid_any_more_whoever_sweeps(
    open_studio: OpenStudio, clock: MovedClock
) -> None:
    clock.set("2026-11-21T09:00:00-08:00")
    studio = await open_studio(zone="America/Los_Angeles")
    sold = await studio.sell("mia", await studio.package_type(validity_days=10))
    made = await studio.publish_class("2026-11-30T23:59", duration_minutes=30)
    clock.set("2026-11-30T23:59:59-08:00")
    answer = await why_not(studio, "mia", session_id=made["id"])
    assert (answer["pays"], answer["packages"][0]["reasons"]) == (sold, [])
    assert await studio.balance(sold) == 10
    clock.set("2026-12-01T00:00:00-08:00")
    answer = await why_not(studio, "mia", session_id=made["id"])
    assert answer["pays"] is None
    assert "expired" in answer["packages"][0]["reasons"]

    async def swept() -> bool:
        return await studio.balance(sold) == 0

    await eventually(swept)
    *_, last = await studio.ledger(sold)
    assert (last["kind"], last["credits"], last["actor"]) == ("expiry", -10, "expiry")
    assert last["at"] == "2026-12-01T08:00:00Z"
    assert (await package(studio, sold))["state"] == "expired"


async def test_the_package_that_expires_first_pays_and_what_has_no_end_pays_last(
    open_studio: OpenStudio, clock: MovedClock
) -> None:
    clock.set("2026-11-01T09:00:00+01:00")
    studio = await open_studio()
    made = [await studio.publish_class(f"2026-11-{day}T18:00") for day in (10, 11, 12, 13)]
    for_ever = await studio.sell("mia", await studio.package_type(credits=1))
    later = await studio.sell("mia", await studio.package_type(validity_days=60, credits=1))
    other = await studio.package_type(validity_days=20, template_ids=[])
    not_for_this = await studio.sell("mia", other)
    soon = await studio.sell("mia", await studio.package_type(validity_days=30, credits=1))
    paid = [(await studio.booked(one["id"], "mia"))["package_id"] for one in made[:3]]
    assert paid == [soon, later, for_ever]
    refused = await studio.book(made[3]["id"], "mia")
    reasons = {one["package_id"]: one["reasons"] for one in refused.json()["reasons"]}
    assert reasons[not_for_this] == ["not_eligible"]
    assert reasons[soon] == reasons[for_ever] == ["too_few_credits"]


async def test_a_package_of_another_customer_does_not_pay(studio: Studio) -> None:
    made = await studio.publish_class("2027-01-11T18:00")
    await studio.sell("noa")
    refused = await studio.book(made["id"], "mia")
    assert (refused.status_code, refused.json()["reasons"]) == (409, [])


async def test_a_frozen_package_pays_neither_now_nor_for_its_frozen_days(
    open_studio: OpenStudio, clock: MovedClock
) -> None:
    clock.set("2026-11-01T09:00:00+01:00")
    studio = await open_studio()
    sold = await studio.sell("mia", await studio.package_type(validity_days=10))
    within = await studio.publish_class("2026-11-05T18:00")
    after = await studio.publish_class("2026-11-12T18:00")
    frozen = (await freeze(studio, sold, "2026-11-04", "2026-11-06")).json()
    assert (frozen["expires_on"], frozen["state"]) == ("2026-11-13", "active")
    assert frozen["freezes"] == [
        {"first_on": "2026-11-04", "last_on": "2026-11-06", "reason": "Ill"}
    ]
    refused = await studio.book(within["id"], "mia")
    assert refused.json()["reasons"][0]["reasons"] == ["frozen"]
    assert (await why_not(studio, "mia", session_id=after["id"]))["pays"] == sold
    clock.set("2026-11-04T00:00:00+01:00")
    refused = await studio.book(after["id"], "mia")
    assert refused.json()["reasons"][0]["reasons"] == ["frozen"]
    thawed = await studio.told("POST", f"/customer-packages/{sold}/unfreeze")
    assert (thawed["expires_on"], thawed["freezes"]) == ("2026-11-10", [])
    await freeze(studio, sold, "2026-11-04")
    clock.set("2026-11-08T12:00:00+01:00")
    thawed = await studio.told("POST", f"/customer-packages/{sold}/unfreeze")
    assert thawed["expires_on"] == "2026-11-14"
    assert (await studio.booked(after["id"], "mia"))["package_id"] == sold
    again = await studio.ask("POST", f"/customer-packages/{sold}/unfreeze")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/not-frozen")


async def test_a_freeze_that_cannot_be_says_why(open_studio: OpenStudio, clock: MovedClock) -> None:
    clock.set("2026-11-01T23:30:00+01:00")
    studio = await open_studio()
    sold = await studio.sell("mia", await studio.package_type(validity_days=10))
    past = await freeze(studio, sold, "2026-10-31")
    assert (past.status_code, past.json()["type"]) == (422, "/problems/freeze-in-the-past")
    assert past.json()["today"] == "2026-11-01"
    assert (await freeze(studio, sold, "2026-11-03", "2026-11-05")).status_code == 200
    over = await freeze(studio, sold, "2026-11-05")
    assert (over.status_code, over.json()["type"]) == (409, "/problems/freeze-overlaps")
    assert (over.json()["first_on"], over.json()["last_on"]) == ("2026-11-03", "2026-11-05")
    late = await freeze(studio, sold, "2026-11-14")
    assert (late.status_code, late.json()["type"]) == (409, "/problems/package-expired")
    for wrong in ("2026-11-99", "9999-12-31", "yesterday"):
        assert (await freeze(studio, sold, wrong)).status_code == 422
    assert (await freeze(studio, sold, "2026-11-09", "2026-11-08")).status_code == 422


async def test_of_freezes_that_overlap_one_is_made_whoever_asks_at_once(studio: Studio) -> None:
    sold = await studio.sell("mia")
    days = [f"2026-11-{day:02}" for day in range(3, 13)]
    answers = await asyncio.gather(*(freeze(studio, sold, day, "2026-11-12") for day in days))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 9}
    assert {one.json()["type"] for one in answers if one.status_code == 409} == {
        "/problems/freeze-overlaps"
    }


async def test_listeners_hear_when_a_freeze_begins_and_ends(
    open_studio: OpenStudio, clock: MovedClock
) -> None:
    studio = await open_studio()
    sold = await studio.sell("mia", await studio.package_type(validity_days=60))
    await freeze(studio, sold, "2026-11-02", "2026-11-03")

    async def told() -> list[bool]:
        return [event.package.frozen for event in await events(studio, PackageChanged)]

    assert await told() == [False]
    clock.set("2026-11-02T00:00:00+01:00")
    await eventually(lambda: is_told(told, [False, True]))
    clock.set("2026-11-04T00:00:00+01:00")
    await eventually(lambda: is_told(told, [False, True, False]))


async def is_told(told: Callable[[], Awaitable[list[bool]]], wanted: list[bool]) -> bool:
    return await told() == wanted


async def test_what_the_studio_cancels_is_good_for_seven_more_days(
    open_studio: OpenStudio, clock: MovedClock
) -> None:
    clock.set("2026-11-21T12:00:00+01:00")
    studio = await open_studio()
    made = await studio.publish_class("2026-11-30T18:00")
    sold = await studio.sell("mia", await studio.package_type(validity_days=10, credits=3))
    place = await studio.booked(made["id"], "mia")
    clock.set("2026-12-02T12:00:00+01:00")
    answer = await studio.cancel(place, on_behalf_of="business")
    assert answer.status_code == 200, answer.text
    kinds = [(one["kind"], one["balance"]) for one in await studio.ledger(sold)]
    # What was left over expired at the end of the 30th, swept or not; only this one comes back.
    assert kinds == [("sale", 3), ("debit", 2), ("expiry", 0), ("reversal", 1)]
    assert (await package(studio, sold))["expires_on"] == "2026-12-09"
    last = await studio.publish_class("2026-12-09T20:00")
    too_late = await studio.publish_class("2026-12-10T08:00")
    assert (await why_not(studio, "mia", session_id=too_late["id"]))["pays"] is None
    assert (await studio.booked(last["id"], "mia"))["package_id"] == sold


async def test_validity_from_first_use_begins_with_the_day_of_the_class(
    open_studio: OpenStudio, clock: MovedClock
) -> None:
    studio = await open_studio()
    type_ = await studio.package_type(validity_days=10, valid_from="first_use")
    sold = await studio.sell("mia", type_)
    assert (await package(studio, sold))["expires_on"] is None
    first = await studio.publish_class("2026-12-10T18:00")
    place = await studio.booked(first["id"], "mia")
    begun = await package(studio, sold)
    assert (begun["starts_on"], begun["expires_on"]) == ("2026-12-10", "2026-12-19")
    beyond = await studio.publish_class("2026-12-20T18:00")
    refused = await studio.book(beyond["id"], "mia")
    assert refused.json()["reasons"][0]["reasons"] == ["expired"]
    # Its only use is given back, so it has not begun.
    assert (await studio.cancel(place)).status_code == 200
    assert (await package(studio, sold))["expires_on"] is None
    assert (await studio.booked(beyond["id"], "mia"))["package_id"] == sold
    assert (await package(studio, sold))["expires_on"] == "2026-12-29"


async def test_a_week_before_the_end_whoever_has_credits_left_is_told_once(
    open_studio: OpenStudio, clock: MovedClock
) -> None:
    studio = await open_studio()
    month, week = [await studio.package_type(validity_days=days) for days in (30, 7)]
    sold = await studio.sell("mia", month)
    await studio.sell("noa", week)
    used_up = await studio.sell("mia", month, paid_with="free")
    await studio.told(
        "POST",
        f"/customer-packages/{used_up}/adjustments",
        json={"credits": -10, "reason": "Used on paper"},
    )

    async def told() -> list[tuple[str, str | None]]:
        return [
            (str(event.package.id), event.package.expires_on)
            for event in await events(studio, PackageExpiryNeared)
        ]

    clock.set("2026-11-23T08:59:59+01:00")
    assert (await package(studio, sold))["expires_on"] == "2026-11-30"
    assert await told() == []
    clock.set("2026-11-23T09:00:00+01:00")
    assert await eventually(told) == [(sold, "2026-11-30")]
    await freeze(studio, sold, "2026-11-24", "2026-11-25")
    clock.set("2026-11-24T09:00:00+01:00")
    assert await told() == [(sold, "2026-11-30")]
    clock.set("2026-11-25T09:00:00+01:00")

    async def told_of_the_new_day() -> bool:
        return await told() == [(sold, "2026-11-30"), (sold, "2026-12-02")]

    await eventually(told_of_the_new_day)


async def test_why_not_is_asked_of_one_thing(studio: Studio) -> None:
    [mia] = await studio.introduce("mia")
    for asked in ({}, {"session_id": "x"}, {"starts_at": "2027-01-01T10:00"}):
        wanted = {"customer_id": str(mia)} | asked
        answer = await studio.ask("GET", "/customer-packages/eligible", params=wanted)
        assert answer.status_code == 422


async def test_why_not_of_anothers_class_is_not_found(
    studio: Studio, open_studio: OpenStudio
) -> None:
    made = await (await open_studio()).publish_class("2027-01-11T18:00")
    [mia] = await studio.introduce("mia")
    wanted = {"customer_id": str(mia), "session_id": made["id"]}
    answer = await studio.ask("GET", "/customer-packages/eligible", params=wanted)
    assert answer.status_code == 404
