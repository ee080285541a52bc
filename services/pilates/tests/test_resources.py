"""What a studio has: rooms with their maps, machines, and props that are counted."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from chassis.app import create_app
from chassis.audit import AuditEntry
from chassis.requests import ask
from chassis.testing import eventually, served
from contracts.permissions import Permission
from contracts.pilates import IntroduceResource, ResourceIntroduction
from pilates.settings import PilatesSettings
from services.pilates.tests.studio import CLASS, Studio

ROOM = {"name": "Studio 1", "category": "room"}
REFORMER = {"name": "Reformer", "category": "machine", "kind": "reformer"}
RINGS = {"name": "Rings", "category": "prop", "kind": "ring", "quantity": 12}
EVENING = "2027-01-11T18:00"


async def add(studio: Studio, known: dict[str, Any], **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = await studio.told("POST", "/resources", json=known | more)
    return made


async def listed(studio: Studio, **wanted: Any) -> list[str]:
    found = await studio.told("GET", "/resources", params=wanted)
    return [one["id"] for one in found["items"]]


def refused(answer: httpx2.Response, status: int, problem: str) -> dict[str, Any]:
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{problem}")
    members: dict[str, Any] = answer.json()
    return members


async def put(
    studio: Studio, resource: dict[str, Any], seen: str = "*", **changed: Any
) -> httpx2.Response:
    known = ROOM | REFORMER | RINGS
    written = {"room_id", "label", "x", "y", "turnover_minutes", *known}
    body = {name: resource[name] for name in written} | changed
    path = f"/resources/{resource['id']}"
    return await studio.ask("PUT", path, json=body, headers={"If-Match": seen})


async def remove(studio: Studio, resource_id: str, seen: str = "*") -> httpx2.Response:
    return await studio.ask("DELETE", f"/resources/{resource_id}", headers={"If-Match": seen})


async def test_what_there_is_is_listed_by_what_it_is_and_where(studio: Studio) -> None:
    room = await add(studio, ROOM, turnover_minutes=10)
    here = await add(studio, REFORMER, name="B", room_id=room["id"], label="R1", x=2, y=3)
    loose, rings = await add(studio, REFORMER, name="A"), await add(studio, RINGS)
    assert (room["kind"], room["turnover_minutes"], room["in_service"]) == ("room", 10, True)
    assert (here["label"], here["x"], here["y"], here["outages"]) == ("R1", 2, 3, [])
    assert rings["quantity"] == 12
    assert await listed(studio) == [loose["id"], here["id"], rings["id"], room["id"]]
    assert await listed(studio, kind="reformer") == [loose["id"], here["id"]]
    assert await listed(studio, category="prop") == [rings["id"]]
    assert await listed(studio, room=room["id"]) == [here["id"]]
    assert await studio.told("GET", f"/resources/{rings['id']}") == rings
    assert (await remove(studio, loose["id"])).status_code == 204
    assert await listed(studio, kind="reformer") == [here["id"]]
    assert await listed(studio, kind="reformer", archived=True) == [loose["id"], here["id"]]
    found = await studio.told("GET", f"/resources/{loose['id']}")
    assert found["archived_at"] is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"category": "car"},
        ROOM | {"quantity": 2},
        ROOM | {"room_id": str(uuid4())},
        ROOM | {"label": "A"},
        ROOM | {"turnover_minutes": 241},
        ROOM | {"turnover_minutes": -1},
        ROOM | {"turnover_minutes": "5"},
        REFORMER | {"turnover_minutes": 5},
        REFORMER | {"quantity": 2},
        REFORMER | {"x": 1},
        REFORMER | {"x": 1, "y": 100_001},
        REFORMER | {"label": "R\n1"},
        REFORMER | {"kind": " "},
        REFORMER | {"surprise": 1},
        {"name": "Reformer", "category": "machine"},
        RINGS | {"quantity": 0},
        RINGS | {"quantity": 2**40},
    ],
)
async def test_what_is_no_such_thing_is_refused(untouched: Studio, wrong: dict[str, Any]) -> None:
    refused(await untouched.ask("POST", "/resources", json=wrong), 422, "invalid-request")


async def test_others_things_are_not_there(studio: Studio, open_studio: Any) -> None:
    room = await add(studio, ROOM)
    out = await studio.told("POST", f"/resources/{room['id']}/outages", json={})
    other = await open_studio()
    at = {"from": "2027-01-11", "to": "2027-01-11"}
    path, outage = f"/resources/{room['id']}", out["outage"]["id"]
    for answer in (
        await other.ask("GET", path),
        await other.ask("PUT", path, json=ROOM),
        await other.ask("DELETE", path),
        await other.ask("POST", f"{path}/outages", json={}),
        await other.ask("GET", f"{path}/outages"),
        await other.ask("POST", f"{path}/outages/{outage}/end"),
        await other.ask("DELETE", f"{path}/outages/{outage}"),
        await other.ask("GET", f"{path}/reservations", params=at),
        await other.ask("GET", f"{path}/spots"),
        await other.ask("POST", "/resources", json=REFORMER | {"room_id": room["id"]}),
        await studio.ask("POST", "/resources", json=REFORMER | {"room_id": str(uuid4())}),
        await studio.ask("POST", f"{path}/outages/{uuid4()}/end"),
        await studio.ask("GET", "/resources/no-id"),
    ):
        refused(answer, 404, "not-found")


async def test_members_read_and_those_who_manage_classes_write(studio: Studio) -> None:
    room = await add(studio, ROOM)
    reads, writes = studio.member(), studio.member(Permission.MANAGE_CLASSES)
    path, at = f"/resources/{room['id']}", {"from": "2027-01-11", "to": "2027-01-11"}
    for way, params in (
        ("/resources", {}),
        (path, {}),
        (f"{path}/outages", {}),
        (f"{path}/reservations", at),
        (f"{path}/spots", {}),
        ("/resources/availability", at | {"kind": "reformer"}),
    ):
        assert (await studio.ask("GET", way, params=params, headers=reads)).status_code == 200
    for method, way in (
        ("POST", "/resources"),
        ("PUT", path),
        ("DELETE", path),
        ("POST", f"{path}/outages"),
        ("POST", f"{path}/outages/{uuid4()}/end"),
        ("DELETE", f"{path}/outages/{uuid4()}"),
    ):
        body = {"json": ROOM} if method in ("POST", "PUT") else {}
        refused(await studio.ask(method, way, headers=reads, **body), 403, "forbidden")
    answer = await studio.ask("POST", "/resources", json=ROOM, headers=writes)
    assert answer.status_code == 201


async def test_a_change_carries_the_version_it_saw_and_is_kept_in_the_trail(
    studio: Studio, rows: Any
) -> None:
    room = await add(studio, ROOM)
    answer = await put(studio, room, '"1"', name="Loft", turnover_minutes=5)
    assert (answer.status_code, answer.headers["ETag"], answer.json()["name"]) == (
        200,
        '"2"',
        "Loft",
    )
    stale = refused(await put(studio, room, '"1"', name="Attic"), 412, "stale")
    assert stale["current"]["name"] == "Loft"
    refused(await remove(studio, room["id"], '"1"'), 412, "stale")
    refused(await put(studio, room, category="prop"), 422, "invalid-request")
    assert (await remove(studio, room["id"], '"2"')).status_code == 204
    refused(await put(studio, room), 404, "not-found")
    refused(await remove(studio, room["id"]), 404, "not-found")
    trail = sorted(await rows(AuditEntry, studio.id), key=lambda entry: entry.id)
    assert [entry.action for entry in trail] == [
        "resource.created",
        "resource.changed",
        "resource.archived",
    ]
    assert trail[1].before == {"name": "Studio 1", "turnover_minutes": 0, "version": 1}
    assert trail[1].after == {"name": "Loft", "turnover_minutes": 5, "version": 2}


async def test_a_map_shows_its_machines_as_people_read_them(studio: Studio) -> None:
    room = await add(studio, ROOM)
    for label in ("R10", "r2", "R1"):
        await add(studio, REFORMER, room_id=room["id"], label=label)
    chair = await add(studio, REFORMER, name="Chair", kind="chair", room_id=room["id"])
    same = await studio.ask(
        "POST", "/resources", json=REFORMER | {"room_id": room["id"], "label": "R2"}
    )
    refused(same, 409, "label-taken")
    await studio.told("POST", f"/resources/{chair['id']}/outages", json={})
    found = await studio.told("GET", f"/resources/{room['id']}/spots")
    assert [spot["label"] for spot in found["spots"]] == ["Chair", "R1", "r2", "R10"]
    assert [spot["in_service"] for spot in found["spots"]] == [False, True, True, True]
    assert (found["spots"][0]["kind"], found["name"]) == ("chair", "Studio 1")
    refused(await studio.ask("GET", f"/resources/{chair['id']}/spots"), 404, "not-found")
    in_use = refused(await remove(studio, room["id"]), 409, "resource-in-use")
    assert (len(in_use["machines"]), in_use["count"]) == (4, 0)


async def test_sessions_that_overlap_share_the_pool_and_say_by_how_many_they_are_short(
    studio: Studio,
) -> None:
    for number in range(10):
        await add(studio, REFORMER, name=f"Reformer {number}")
    pool = {"spot_kind": "reformer", "duration_minutes": 50}
    await studio.publish_class("2027-01-11T18:00", capacity=6, **pool)
    five = CLASS | pool | {"starts_at": "2027-01-11T18:30", "capacity": 5}
    short = refused(await studio.ask("POST", "/class-sessions", json=five), 409, "machines-short")
    assert (short["needed"], short["available"], short["short_by"]) == (5, 4, 1)
    await studio.publish_class("2027-01-11T18:30", capacity=4, **pool)
    evening = {"from": "2027-01-11T17:30:00+01:00", "to": "2027-01-11T20:00:00+01:00"}
    found = await studio.told(
        "GET", "/resources/availability", params=evening | {"kind": "reformer"}
    )
    assert (found["machines"], found["free_at_worst"]) == (10, 0)
    assert [(one["starts_at"][11:16], one["free"]) for one in found["intervals"]] == [
        ("16:30", 10),
        ("17:00", 4),
        ("17:30", 0),
        ("17:50", 6),
        ("18:20", 10),
    ]
    await studio.publish_class("2027-01-11T18:50", capacity=6, **pool)
    other = await studio.told("GET", "/resources/availability", params=evening | {"kind": "tower"})
    assert (other["machines"], other["free_at_worst"]) == (0, 0)


async def test_a_machine_that_is_put_into_a_room_is_a_spot_of_its_classes_to_come(
    studio: Studio,
) -> None:
    room, _ = await studio.room_with(2)
    made = await studio.publish_class(
        EVENING, room_id=room, spot_kind="reformer", capacity=3, credit_cost=0, price_cents=0
    )
    for name in ("mia", "noa"):
        assert (await studio.book(made["id"], name)).status_code == 201
    assert (await studio.book(made["id"], "ida", join_waitlist=True)).status_code == 202
    spare = await add(studio, REFORMER, name="Spare")
    answer = await put(studio, spare, room_id=room, label="R3")
    assert answer.status_code == 200
    session = await studio.told("GET", f"/class-sessions/{made['id']}")
    assert (session["effective_capacity"], session["booked"], session["waiting"]) == (3, 3, 0)
    labels = {one["spot_label"] for one in await studio.attendances(made["id"])}
    assert labels == {"R1", "R2", "R3"}
    another = await add(studio, REFORMER, room_id=room, label="R4")
    assert len(await reserved(studio, another["id"])) == 1
    tower = await add(studio, REFORMER, kind="tower", room_id=room, label="T1")
    assert await reserved(studio, tower["id"]) == []


async def reserved(studio: Studio, resource_id: str) -> list[dict[str, Any]]:
    january = {"from": "2027-01-01", "to": "2027-01-31"}
    found = await studio.told("GET", f"/resources/{resource_id}/reservations", params=january)
    return list(found["items"])


async def test_a_machine_that_is_reserved_stays_where_and_what_it_is(studio: Studio) -> None:
    room, [one, _] = await studio.room_with(2)
    other = await add(studio, ROOM, turnover_minutes=15)
    made = await studio.publish_class(EVENING, room_id=room, spot_kind="reformer")
    machine = await studio.told("GET", f"/resources/{one}")
    for changed in ({"room_id": other["id"]}, {"room_id": None}, {"kind": "tower"}):
        in_use = refused(await put(studio, machine, **changed), 409, "resource-in-use")
        [why] = in_use["reservations"]
        assert (why["owner_id"], why["name"]) == (made["id"], "Reformer Flow")
        assert why["starts_at"] == "2027-01-11T17:00:00+00:00"
    refused(await remove(studio, one), 409, "resource-in-use")
    refused(await remove(studio, room), 409, "resource-in-use")
    assert (await put(studio, machine, name="New name", label="R9")).status_code == 200
    [reservation] = await reserved(studio, one)
    assert (reservation["name"], reservation["pooled"]) == ("Reformer Flow", False)
    await studio.told("POST", f"/class-sessions/{made['id']}/cancel", json={}, headers=ANY)
    assert (await put(studio, machine, room_id=other["id"])).status_code == 200
    assert (await remove(studio, one)).status_code == 204


ANY = {"If-Match": "*"}


async def test_what_is_of_the_pool_goes_to_another_machine_before_one_leaves(
    studio: Studio,
) -> None:
    one, two = [await add(studio, REFORMER, name=name) for name in ("A", "B")]
    made = await studio.publish_class(EVENING, spot_kind="reformer", capacity=1)
    assert [len(await reserved(studio, id_["id"])) for id_ in (one, two)] == [1, 0]
    assert (await remove(studio, one["id"])).status_code == 204
    [reservation] = await reserved(studio, two["id"])
    assert (reservation["owner_id"], reservation["pooled"]) == (made["id"], True)
    in_use = refused(await put(studio, two, kind="tower"), 409, "resource-in-use")
    assert in_use["count"] == 1


async def test_of_props_there_stay_as_many_as_classes_to_come_need(studio: Studio) -> None:
    rings = await add(studio, RINGS)
    needs = [{"resource_id": rings["id"], "quantity": 5}]
    await studio.publish_class(EVENING, props=needs)
    await studio.publish_class("2027-01-11T18:30", props=needs)
    short = refused(await put(studio, rings, quantity=9), 409, "props-short")
    assert (short["needed"], short["available"], short["short_by"]) == (10, 9, 1)
    assert (await put(studio, rings, quantity=10)).status_code == 200
    refused(await remove(studio, rings["id"]), 409, "resource-in-use")


async def test_a_class_and_a_machine_that_come_to_a_room_at_once_find_each_other(
    studio: Studio,
) -> None:
    room, _ = await studio.room_with(1)
    for number in range(2, 8):
        new, made = await asyncio.gather(
            add(studio, REFORMER, room_id=room, label=f"R{number}"),
            studio.publish_class(
                f"2027-01-{10 + number}T18:00", room_id=room, spot_kind="reformer"
            ),
        )
        assert made["id"] in {one["owner_id"] for one in await reserved(studio, new["id"])}
        session = await studio.told("GET", f"/class-sessions/{made['id']}")
        assert session["effective_capacity"] == number


async def test_a_resource_is_introduced_within_its_business_only(
    studio: Studio, settings: PilatesSettings
) -> None:
    room = await add(studio, ROOM)
    app = create_app(settings)
    async with served(app):
        runtime = app.state.runtime

        async def is_connected() -> bool:
            return bool(runtime.nats.is_connected)

        await eventually(is_connected)
        for business_id, name in ((studio.id, "Studio 1"), (uuid4(), None)):
            question = IntroduceResource(business_id=business_id, id=room["id"])
            assert (await ask(runtime, question, ResourceIntroduction)).name == name
