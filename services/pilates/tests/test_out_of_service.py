"""Machines, rooms and props go out of service and come back, and what follows from it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from chassis.audit import AuditEntry
from chassis.database import create_engine, sessions_of
from pilates.resources.models import ReservedFor
from pilates.settings import PilatesSettings
from services.pilates.tests.studio import MovedClock, Studio
from services.pilates.tests.things import Things

EVENING = "2027-01-11T18:00"
FREE = {"credit_cost": 0, "price_cents": 0}
SPOTS = FREE | {"spot_kind": "reformer"}
THAT_DAY = {"from": "2027-01-11", "to": "2027-01-11"}


@pytest.fixture
async def things(settings: PilatesSettings, studio: Studio) -> AsyncIterator[Things]:
    """Of the studio, for appointments that need them."""
    engine = create_engine(settings.database_url, "tests", 4)
    yield Things(sessions_of(engine), studio.id)
    await engine.dispose()


async def out(studio: Studio, resource_id: Any, **wanted: Any) -> dict[str, Any]:
    path = f"/resources/{resource_id}/outages"
    outcome: dict[str, Any] = await studio.told("POST", path, json=wanted)
    return outcome


async def refused(answer: httpx2.Response, status: int, problem: str) -> None:
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{problem}")


async def back(studio: Studio, resource_id: Any, outage_id: str) -> dict[str, Any]:
    path = f"/resources/{resource_id}/outages/{outage_id}/end"
    outcome: dict[str, Any] = await studio.told("POST", path)
    return outcome


async def seen(studio: Studio, made: dict[str, Any]) -> tuple[int, int, int]:
    session = await studio.told("GET", f"/class-sessions/{made['id']}")
    return session["effective_capacity"], session["booked"], session["waiting"]


async def test_who_is_on_a_machine_that_breaks_moves_to_a_free_one(studio: Studio) -> None:
    room, (one, two, three) = await studio.room_with(3)
    made = await studio.publish_class(EVENING, room_id=room, **SPOTS)
    places = [
        await studio.booked(made["id"], name, spot_ids=[spot])
        for name, spot in (("mia", one), ("noa", two))
    ]
    outcome = await out(studio, one, **THAT_DAY, reason="Spring")
    [session] = outcome["sessions"]
    assert (session["session_id"], session["name"]) == (made["id"], "Reformer Flow")
    assert (session["moved"], session["without_spot"]) == ([places[0]["id"]], [])
    assert await seen(studio, made) == (2, 2, 0)
    spots = {a["customer_name"]: a["spot_id"] for a in await studio.attendances(made["id"])}
    assert spots == {"Mia": three, "Noa": two}
    again = await out(studio, two, **THAT_DAY)
    assert again["sessions"][0]["without_spot"] == [places[1]["id"]]
    assert await seen(studio, made) == (1, 2, 0)


async def test_out_of_service_lowers_what_can_be_booked_and_back_raises_it(
    studio: Studio, clock: MovedClock
) -> None:
    clock.set("2027-01-04T08:00:00Z")
    room, (one, two) = await studio.room_with(2)
    made = await studio.publish_class(EVENING, room_id=room, **SPOTS)
    outage = (await out(studio, two))["outage"]
    assert (outage["ends_at"], await seen(studio, made)) == (None, (1, 0, 0))
    mia = await studio.booked(made["id"], "mia")
    assert mia["spot_id"] == one
    answer = await studio.book(made["id"], "noa", join_waitlist=True)
    assert answer.status_code == 202
    clock.set("2027-01-05T08:00:00Z")
    outcome = await back(studio, two, outage["id"])
    assert outcome["outage"]["ends_at"] == "2027-01-05T08:00:00Z"
    assert len(outcome["sessions"][0]["promoted"]) == 1
    assert await seen(studio, made) == (2, 2, 0)
    answer = await studio.ask("POST", f"/resources/{two}/outages/{outage['id']}/end")
    await refused(answer, 409, "outage-over")


async def test_an_outage_that_was_a_mistake_has_never_been(studio: Studio, rows: Any) -> None:
    room, (one,) = await studio.room_with(1)
    made = await studio.publish_class(EVENING, room_id=room, **SPOTS)
    outage = (await out(studio, one))["outage"]
    assert await seen(studio, made) == (0, 0, 0)
    path = f"/resources/{one}/outages"
    assert (await studio.told("GET", path))["items"] == [outage]
    assert not (await studio.told("GET", f"/resources/{one}"))["in_service"]
    outcome = await studio.told("DELETE", f"{path}/{outage['id']}")
    assert [session["session_id"] for session in outcome["sessions"]] == [made["id"]]
    assert await seen(studio, made) == (1, 0, 0)
    assert (await studio.told("GET", path))["items"] == []
    await refused(await studio.ask("DELETE", f"{path}/{outage['id']}"), 404, "not-found")
    trail = {entry.action: entry for entry in await rows(AuditEntry, studio.id)}
    assert trail["resource.out-of-service"].after["id"] == outage["id"]
    assert trail["resource.outage-forgotten"].before["id"] == outage["id"]


async def test_what_is_of_the_pool_goes_to_a_machine_that_works(
    studio: Studio, things: Things
) -> None:
    """A class as well as an appointment; whoever finds none is named."""
    first, second, third = await things.reformers(3)
    made = await studio.publish_class(EVENING, **SPOTS, capacity=1)
    appointment = uuid4()
    six = datetime(2027, 1, 11, 17, tzinfo=UTC)
    at_six = {"starts_at": six, "ends_at": six + timedelta(hours=1)}
    asked = {"reserved_for": ReservedFor.APPOINTMENT, "owner_id": appointment} | at_six
    assert await things.need("17:00", "18:00", 1, **asked) == [second]
    outcome = await out(studio, first, **THAT_DAY)
    assert (outcome["moved_reservations"], outcome["sessions"]) == (1, [])
    assert await things.reserved_by(UUID(made["id"])) == {third}
    assert await seen(studio, made) == (1, 0, 0)
    outcome = await out(studio, second, **THAT_DAY)
    assert outcome["appointments"] == [str(appointment)]
    outcome = await out(studio, third, **THAT_DAY)
    assert [session["session_id"] for session in outcome["sessions"]] == [made["id"]]
    assert await seen(studio, made) == (0, 0, 0)


async def test_whoever_needs_a_room_or_props_is_named_and_left_to_the_studio(
    studio: Studio,
) -> None:
    room, _ = await studio.room_with(1)
    rings = await studio.told(
        "POST",
        "/resources",
        json={"name": "Rings", "category": "prop", "kind": "ring", "quantity": 9},
    )
    needs = [{"resource_id": rings["id"], "quantity": 5}]
    made = await studio.publish_class(EVENING, room_id=room, props=needs, **FREE)
    await studio.booked(made["id"], "mia")
    for resource, wanted in ((room, {}), (rings["id"], {"quantity": 3})):
        outcome = await out(studio, resource, **THAT_DAY, **wanted)
        [session] = outcome["sessions"]
        assert (session["session_id"], session["without_spot"]) == (made["id"], [])
    assert (await seen(studio, made))[1] == 1
    wanted = {"name": "Other", "starts_at": "2027-01-11T12:00", "duration_minutes": 50} | FREE
    wanted |= {"capacity": 5}
    answer = await studio.ask("POST", "/class-sessions", json=wanted | {"room_id": room})
    await refused(answer, 409, "room-taken")
    seven = [{"resource_id": rings["id"], "quantity": 7}]
    answer = await studio.ask("POST", "/class-sessions", json=wanted | {"props": seven})
    await refused(answer, 409, "props-short")
    assert answer.json()["short_by"] == 1


async def test_an_outage_is_of_local_days_or_instants_and_lies_alone(studio: Studio) -> None:
    _, (one,) = await studio.room_with(1)
    days = (await out(studio, one, **{"from": "2027-03-27", "to": "2027-03-28"}))["outage"]
    assert days["starts_at"] == "2027-03-26T23:00:00Z"
    assert days["ends_at"] == "2027-03-28T22:00:00Z"
    path = f"/resources/{one}/outages"
    for wanted in (
        {"from": "2027-03-28T23:59:00+02:00"},
        {"from": "2027-03-20", "to": "2027-03-27T00:00:01+01:00"},
    ):
        answer = await studio.ask("POST", path, json=wanted)
        await refused(answer, 409, "out-of-service-already")
    touching = {"from": "2027-03-29T00:00:00+02:00", "to": "2027-04-01"}
    assert (await studio.ask("POST", path, json=touching)).status_code == 201
    assert (await studio.told("GET", f"/resources/{one}"))["in_service"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"from": "2027-01-12", "to": "2027-01-11"},
        {"from": "2027-01-12T09:00:00Z", "to": "2027-01-12T09:00:00Z"},
        {"to": "2020-01-01"},
        {"from": "2027-01-12T09:00:00"},
        {"from": "tomorrow"},
        {"from": "9999-12-31"},
        {"quantity": 2},
        {"quantity": 0},
        {"reason": ""},
        {"surprise": 1},
    ],
)
async def test_what_is_no_outage_is_refused(untouched: Studio, wrong: dict[str, Any]) -> None:
    _, (one,) = await untouched.room_with(1)
    answer = await untouched.ask("POST", f"/resources/{one}/outages", json=wrong)
    await refused(answer, 422, "invalid-request")


async def test_what_is_over_concerns_nobody(studio: Studio, clock: MovedClock) -> None:
    room, (one,) = await studio.room_with(1)
    made = await studio.publish_class(EVENING, room_id=room, **SPOTS)
    clock.set("2027-01-11T18:00:00Z")
    past = await out(studio, one, **{"from": "2027-01-11", "to": "2027-01-11T17:30:00Z"})
    assert past["sessions"] == []
    until_now = await out(studio, one, **{"from": "2027-01-11T17:30:00Z"})
    assert (until_now["sessions"], (await seen(studio, made))[0]) == ([], 0)
    clock.set("2027-01-11T18:00:01Z")
    await back(studio, one, until_now["outage"]["id"])
    [only] = (await studio.told("GET", "/resources", params={"kind": "reformer"}))["items"]
    assert (only["in_service"], only["outages"]) == (True, [])
    assert (await studio.told("DELETE", f"/resources/{one}/outages/{past['outage']['id']}"))[
        "sessions"
    ] == []


async def test_an_outage_that_has_not_begun_is_called_off(studio: Studio) -> None:
    _, (one,) = await studio.room_with(1)
    coming = (await out(studio, one, **{"from": "2031-01-01"}))["outage"]
    assert (await back(studio, one, coming["id"]))["outage"] == coming
    assert (await studio.told("GET", f"/resources/{one}/outages"))["items"] == []


async def test_machines_that_break_while_places_are_booked_leave_no_place_without_one(
    studio: Studio,
) -> None:
    room, machines = await studio.room_with(4)
    names = [f"client{number}" for number in range(4)]
    await studio.introduce(*names)
    for day in range(11, 14):
        made = await studio.publish_class(f"2027-01-{day}T18:00", room_id=room, **SPOTS)
        days = {"from": f"2027-01-{day}", "to": f"2027-01-{day}"}
        answers = await asyncio.gather(
            *(studio.book(made["id"], name) for name in names),
            studio.ask("POST", f"/resources/{machines[0]}/outages", json=days),
            studio.ask("POST", f"/resources/{machines[1]}/outages", json=days),
        )
        assert {answer.status_code for answer in answers} <= {201, 409}
        outcomes = [answer.json() for answer in answers[4:]]
        homeless = {
            id_ for told in outcomes for one in told["sessions"] for id_ in one["without_spot"]
        }
        for place in await studio.attendances(made["id"], status="booked"):
            assert place["spot_id"] in machines[2:] or place["id"] in homeless
        assert (await seen(studio, made))[0] == 2
