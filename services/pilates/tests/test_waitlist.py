"""The queue of a full class: in order, or with the reason why not."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from chassis.testing import eventually
from services.pilates.tests.studio import MovedClock, Studio

OpenStudio = Callable[..., Awaitable[Studio]]


async def full_class(studio: Studio, *waiting: str, **changed: Any) -> dict[str, Any]:
    """Of capacity 1 with `first` in it; the others wait, each with a package of ten."""
    made = await studio.publish_class("2027-01-11T18:00", **{"capacity": 1} | changed)
    await studio.sell("first")
    made["place"] = await studio.booked(made["id"], "first")
    for name in waiting:
        await studio.sell(name)
        assert (await wait(studio, made, name)).status_code == 202
    return made


async def wait(studio: Studio, made: dict[str, Any], name: str, **changed: Any) -> Any:
    return await studio.book(made["id"], name, join_waitlist=True, **changed)


async def names(studio: Studio, made: dict[str, Any]) -> list[str]:
    return [one["customer_name"] for one in await studio.waitlist(made["id"])]


async def in_class(studio: Studio, made: dict[str, Any]) -> set[str]:
    found = await studio.attendances(made["id"], status="booked")
    return {one["customer_name"] for one in found}


async def test_whoever_finds_a_class_full_may_wait_in_order(studio: Studio) -> None:
    made = await full_class(studio, "mia", "noa")
    assert await names(studio, made) == ["Mia", "Noa"]
    answer = await wait(studio, made, "noa")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/already-waiting")
    answer = await wait(studio, made, "first")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/already-booked")
    await studio.sell("ida")
    entry = (await wait(studio, made, "ida")).json()["waitlist_entry"]
    assert (entry["position"], entry["status"]) == (3, "waiting")


async def test_a_place_that_is_free_goes_to_whoever_is_next(studio: Studio) -> None:
    made = await full_class(studio, "mia", "noa")
    assert (await studio.cancel(made["place"])).status_code == 200
    assert await in_class(studio, made) == {"Mia"}
    assert await names(studio, made) == ["Noa"]
    over = await studio.waitlist(made["id"], over=True)
    assert [(one["customer_name"], one["status"]) for one in over] == [("Mia", "promoted")]


async def test_who_cannot_pay_keeps_the_place_in_the_queue_with_the_reason(
    studio: Studio, clock: MovedClock
) -> None:
    clock.set("2027-01-01T12:00:00+01:00")
    made = await studio.publish_class("2027-01-11T18:00", capacity=1)
    await studio.sell("first")
    place = await studio.booked(made["id"], "first")
    expired = await studio.sell("mia", await studio.package_type(validity_days=3))
    valid = await studio.sell("noa")
    for name in ("mia", "noa"):
        await wait(studio, made, name)
    clock.set("2027-01-10T12:00:00+01:00")
    await studio.cancel(place)
    assert await in_class(studio, made) == {"Noa"}
    [mia] = await studio.waitlist(made["id"])
    assert (mia["position"], mia["skip_reason"]) == (1, "no_credit")
    assert await studio.balance(valid) == 9
    kinds = [entry["kind"] for entry in await studio.ledger(expired)]
    assert "debit" not in kinds


@pytest.mark.parametrize(
    ("at", "promoted"),
    [("2027-01-11T16:00:00+01:00", True), ("2027-01-11T16:00:01+01:00", False)],
)
async def test_two_hours_before_somebody_is_promoted_and_a_second_later_nobody(
    studio: Studio, clock: MovedClock, at: str, *, promoted: bool
) -> None:
    made = await full_class(studio, "mia")
    clock.set(at)
    await studio.cancel(made["place"])
    assert await in_class(studio, made) == ({"Mia"} if promoted else set())
    if not promoted:
        # From now on the place is whoever's comes first.
        await studio.booked(made["id"], "mia")


@pytest.mark.parametrize("mode", ["promote", "offer"])
async def test_who_is_elsewhere_at_that_time_is_passed_over(studio: Studio, mode: str) -> None:
    made = await full_class(studio, "mia", "noa", waitlist_mode=mode)
    other = await studio.publish_class("2027-01-11T18:30")
    await studio.booked(other["id"], "mia")
    await studio.cancel(made["place"])
    mia, *others = await studio.waitlist(made["id"])
    assert (mia["status"], mia["skip_reason"]) == ("waiting", "time_conflict")
    if mode == "promote":
        assert await in_class(studio, made) == {"Noa"}
    else:
        assert [one["status"] for one in others] == ["offered"]


async def test_a_party_waits_until_there_is_room_for_all_of_it(studio: Studio) -> None:
    made = await full_class(studio, capacity=2)
    await studio.sell("second")
    second = await studio.booked(made["id"], "second")
    mia = await studio.sell("mia")
    await studio.sell("noa")
    await wait(studio, made, "mia", companions=[{}])
    await wait(studio, made, "noa")
    await studio.cancel(made["place"])
    assert await in_class(studio, made) == {"Second", "Noa"}
    [entry] = await studio.waitlist(made["id"])
    assert (entry["customer_name"], entry["skip_reason"]) == ("Mia", "party_too_large")
    await studio.cancel(second)
    noa = next(one for one in await studio.attendances(made["id"]) if one["customer_name"] == "Noa")
    await studio.cancel(noa)
    assert await in_class(studio, made) == {"Mia", "Mia +1"}
    assert await studio.balance(mia) == 8


async def test_the_studio_reorders_all_of_the_queue_or_none(studio: Studio) -> None:
    made = await full_class(studio, "mia", "noa")
    path = f"/class-sessions/{made['id']}/waitlist/order"
    mia, noa = [one["id"] for one in await studio.waitlist(made["id"])]
    answer = await studio.ask("PUT", path, json={"entry_ids": [noa]})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/order-refused")
    assert answer.json()["missing"] == [mia]
    answer = await studio.ask("PUT", path, json={"entry_ids": [noa, mia]})
    assert [one["position"] for one in answer.json()["items"]] == [1, 2]
    await studio.cancel(made["place"])
    assert await in_class(studio, made) == {"Noa"}


async def test_whoever_leaves_is_out_and_the_others_move_up(studio: Studio) -> None:
    made = await full_class(studio, "mia", "noa")
    mia, noa = await studio.waitlist(made["id"])
    path = f"/class-sessions/{made['id']}/waitlist/{mia['id']}"
    assert (await studio.ask("DELETE", path)).status_code == 204
    answer = await studio.ask("DELETE", path)
    assert (answer.status_code, answer.json()["waitlist_status"]) == (409, "left")
    [left] = await studio.waitlist(made["id"])
    assert (left["id"], left["position"]) == (noa["id"], 1)


async def offered(studio: Studio, clock: MovedClock, *waiting: str) -> dict[str, Any]:
    """At 12:00 on the day the only place was freed, and is offered to the first for 30 minutes."""
    made = await full_class(studio, *waiting, waitlist_mode="offer", offer_minutes=30)
    clock.set("2027-01-11T12:00:00+01:00")
    await studio.cancel(made["place"])
    return made


async def test_a_place_under_offer_is_sold_to_nobody_else(
    studio: Studio, clock: MovedClock
) -> None:
    made = await offered(studio, clock, "mia", "noa")
    first, second = await studio.waitlist(made["id"])
    assert (first["status"], second["status"]) == ("offered", "waiting")
    assert first["offer_expires_at"] == "2027-01-11T11:30:00Z"
    await studio.sell("passer")
    answer = await studio.book(made["id"], "passer")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/session-full")
    assert (answer.json()["reasons"], answer.json()["offered"]) == (["under_offer"], 1)
    clock.set("2027-01-11T12:29:59+01:00")
    path = f"/class-sessions/{made['id']}/waitlist/{first['id']}/accept"
    answer = await studio.ask("POST", path)
    assert answer.status_code == 200, answer.text
    assert await in_class(studio, made) == {"Mia"}


async def test_an_offer_that_is_over_goes_to_the_next_even_before_anybody_sweeps(
    studio: Studio, clock: MovedClock
) -> None:
    made = await offered(studio, clock, "mia", "noa")
    first, second = await studio.waitlist(made["id"])
    clock.set("2027-01-11T12:30:00+01:00")
    path = f"/class-sessions/{made['id']}/waitlist"
    answer = await studio.ask("POST", f"{path}/{first['id']}/accept")
    assert answer.status_code in (409, 410), answer.text

    async def next_has_it() -> bool:
        queue = await studio.waitlist(made["id"])
        return [(one["id"], one["status"]) for one in queue] == [(second["id"], "offered")]

    await eventually(next_has_it)
    over = await studio.waitlist(made["id"], over=True)
    assert [(one["id"], one["status"]) for one in over] == [(first["id"], "lapsed")]


async def test_who_declines_is_out_and_the_next_has_the_offer(
    studio: Studio, clock: MovedClock
) -> None:
    made = await offered(studio, clock, "mia", "noa")
    first, second = await studio.waitlist(made["id"])
    path = f"/class-sessions/{made['id']}/waitlist/{first['id']}"
    assert (await studio.ask("DELETE", path)).status_code == 204
    [left] = await studio.waitlist(made["id"])
    assert (left["id"], left["status"]) == (second["id"], "offered")


async def test_of_many_who_accept_one_offer_at_once_it_is_one_place_and_one_debit(
    studio: Studio, clock: MovedClock
) -> None:
    made = await offered(studio, clock, "mia")
    [entry] = await studio.waitlist(made["id"])
    path = f"/class-sessions/{made['id']}/waitlist/{entry['id']}/accept"
    answers = await asyncio.gather(*(studio.ask("POST", path) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
    assert len(await studio.attendances(made["id"], status="booked")) == 1


async def test_whoever_is_promoted_late_may_decline_for_an_hour_without_penalty(
    studio: Studio, clock: MovedClock
) -> None:
    made = await full_class(studio, "mia", "noa")
    clock.set("2027-01-11T12:00:00+01:00")
    await studio.cancel(made["place"])
    [mia] = await studio.attendances(made["id"], status="booked")
    assert mia["decline_until"] == "2027-01-11T12:00:00Z"
    clock.set("2027-01-11T13:00:00+01:00")
    answer = await studio.cancel(mia, on_behalf_of="customer")
    assert answer.json()["credit"] == "returned"
    [noa] = await studio.attendances(made["id"], status="booked")
    clock.set("2027-01-11T14:00:01+01:00")
    answer = await studio.cancel(noa, on_behalf_of="customer")
    assert answer.json()["credit"] == "forfeited"


async def test_quiet_hours_lengthen_the_time_to_decline(studio: Studio, clock: MovedClock) -> None:
    night = {"quiet_from": "22:00", "quiet_until": "07:00"}
    made = await full_class(studio, "mia", **night)
    clock.set("2027-01-11T06:30:00+01:00")
    await studio.cancel(made["place"])
    [mia] = await studio.attendances(made["id"], status="booked")
    assert mia["decline_until"] == "2027-01-11T07:00:00Z"


async def test_who_is_promoted_early_has_the_ordinary_window(
    studio: Studio, clock: MovedClock
) -> None:
    made = await full_class(studio, "mia")
    clock.set("2027-01-10T12:00:00+01:00")
    await studio.cancel(made["place"])
    [mia] = await studio.attendances(made["id"], status="booked")
    assert mia["decline_until"] is None


async def test_nobody_waits_where_there_is_room_or_where_it_is_too_late(
    studio: Studio, clock: MovedClock
) -> None:
    made = await studio.publish_class("2027-01-11T18:00", capacity=1)
    await studio.sell("mia")
    path = f"/class-sessions/{made['id']}/waitlist"
    wanted = {"customer_id": str(studio.customers["mia"])}
    answer = await studio.ask("POST", path, json=wanted)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/nothing-to-wait-for")
    await studio.sell("noa")
    await studio.booked(made["id"], "noa")
    clock.set("2027-01-11T16:00:01+01:00")
    answer = await studio.ask("POST", path, json=wanted)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/waitlist-closed")


async def test_the_queue_is_over_when_the_class_begins(studio: Studio, clock: MovedClock) -> None:
    made = await full_class(studio, "mia")
    clock.set("2027-01-11T18:00:00+01:00")

    async def over() -> list[str]:
        return [one["status"] for one in await studio.waitlist(made["id"], over=True)]

    assert await eventually(over) == ["over"]


async def test_a_machine_out_of_service_lowers_the_room_at_once(studio: Studio) -> None:
    room, machines = await studio.room_with(3)
    made = await studio.publish_class(
        "2027-01-11T18:00", capacity=3, room_id=room, spot_kind="reformer"
    )
    places = []
    for name in ("ada", "bea", "cleo"):
        await studio.sell(name)
        places.append(await studio.booked(made["id"], name))
    await studio.sell("mia")
    await wait(studio, made, "mia")
    outage = {"from": "2027-01-11T00:00:00+01:00", "reason": "Spring broken"}
    answer = await studio.ask("POST", f"/resources/{machines[2]}/outages", json=outage)
    assert answer.status_code == 201, answer.text
    # Three of three and one machine less: whoever cancels leaves two for two, and nobody moves up.
    await studio.cancel(places[0])
    assert await in_class(studio, made) == {"Bea", "Cleo"}
    spots = {
        one["customer_name"]: one["spot_label"]
        for one in await studio.attendances(made["id"])
        if one["status"] == "booked"
    }
    assert set(spots.values()) <= {"R1", "R2"}
    assert await names(studio, made) == ["Mia"]
    chain = await studio.told(
        "GET",
        f"/class-sessions/{made['id']}/reasons",
        params={"customer_id": str(studio.customers["mia"])},
    )
    assert (chain["capacity"], chain["effective_capacity"], chain["free"]) == (3, 2, 0)


async def test_who_can_pay_by_now_goes_before_whoever_comes_by(studio: Studio) -> None:
    made = await full_class(studio)
    mia = await studio.sell("mia", await studio.package_type(credits=1))
    await wait(studio, made, "mia")
    other = await studio.publish_class("2027-01-12T18:00")
    spent = await studio.booked(other["id"], "mia")
    await studio.cancel(made["place"])
    assert await in_class(studio, made) == set()
    await studio.sell("passer")
    # Her credit comes back in another class, of whose places this queue knows nothing.
    await studio.cancel(spent)
    answer = await studio.book(made["id"], "passer")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/session-full")

    async def mia_has_it() -> bool:
        return await in_class(studio, made) == {"Mia"}

    await eventually(mia_has_it)
    assert await studio.balance(mia) == 0


async def test_who_is_not_elsewhere_any_more_has_the_place_that_is_still_free(
    studio: Studio,
) -> None:
    made = await full_class(studio, "mia")
    other = await studio.publish_class("2027-01-11T18:30")
    elsewhere = await studio.booked(other["id"], "mia")
    await studio.cancel(made["place"])
    assert await in_class(studio, made) == set()
    await studio.cancel(elsewhere)

    async def mia_has_it() -> bool:
        return await in_class(studio, made) == {"Mia"}

    await eventually(mia_has_it)
