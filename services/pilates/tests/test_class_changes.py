"""This, this and future, or all: the plan says what applying it does, and nothing else is done."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2

from chassis.testing import eventually
from pilates.class_series.models import ClassSeries
from services.pilates.tests.studio import CLASS, Studio

OpenStudio = Callable[..., Awaitable[Studio]]
MONDAYS = ["2027-01-11", "2027-01-18", "2027-01-25", "2027-02-01"]


async def weekly(studio: Studio, **template: Any) -> tuple[str, list[dict[str, Any]]]:
    asked = {
        "template_id": await studio.template(**template),
        "starts_at": "2027-01-11T18:00",
        "rule": "FREQ=WEEKLY;COUNT=4",
    }
    made = await studio.told("POST", "/class-series", json=asked)
    return made["id"], await sessions(studio)


async def sessions(studio: Studio) -> list[dict[str, Any]]:
    days = {"from": "2027-01-01", "to": "2027-02-20"}
    return list((await studio.told("GET", "/class-sessions", params=days))["items"])


async def asked(studio: Studio, one: dict[str, Any], **wanted: Any) -> httpx2.Response:
    return await studio.ask("POST", f"/class-sessions/{one['id']}/changes", json=wanted)


async def plan(studio: Studio, one: dict[str, Any], **wanted: Any) -> dict[str, Any]:
    # On a busy machine scheduling may not answer in time: nothing was planned, and one asks again.
    while (answer := await asked(studio, one, **wanted)).status_code == 503:
        pass
    assert answer.status_code == 200, answer.text
    planned: dict[str, Any] = answer.json()
    assert planned["applied"] is False
    return planned


async def patched(studio: Studio, one: dict[str, Any], **wanted: Any) -> dict[str, Any]:
    told: dict[str, Any] = await studio.told(
        "PATCH",
        f"/class-sessions/{one['id']}",
        json=wanted,
        headers={"If-Match": f'"{one["version"]}"'},
    )
    return told


def starts(found: list[dict[str, Any]]) -> list[str]:
    return [one["starts_at"][:16] for one in found]


async def test_dry_run_and_apply_agree_and_an_override_survives(
    open_studio: OpenStudio, rows: Any
) -> None:
    studio = await open_studio(people=2)
    teacher, other = map(str, studio.staff)
    _, (first, second, third, fourth) = await weekly(studio, instructor_id=teacher)
    third = await patched(studio, third, starts_at="2027-01-26T07:00", capacity=5)
    package = await studio.sell("mia")
    await studio.booked(second["id"], "mia")
    wanted = {
        "scope": "this_and_future",
        "change": {"starts_at": "2027-01-18T19:00", "capacity": 6, "instructor_id": other},
    }
    planned = await plan(studio, second, **wanted)
    assert [one["session_id"] for one in planned["sessions"]] == [
        one["id"] for one in (second, third, fourth)
    ]
    assert [one["keeps"] for one in planned["sessions"]] == [[], ["capacity", "starts_at"], []]
    assert (planned["moves"], planned["conflicts"], planned["mails"]) == (2, 0, 1)
    before = await sessions(studio)
    assert before == [first, *before[1:]]
    assert starts(before)[1] == "2027-01-18T17:00"
    applied = await asked(studio, second, **wanted, token=planned["token"])
    assert applied.status_code == 200, applied.text
    assert applied.json() == planned | {"token": None, "applied": True}
    after = await sessions(studio)
    for one in planned["sessions"]:
        [seen] = [found for found in after if found["id"] == one["session_id"]]
        for name, value in one["becomes"].items():
            assert seen[name] == value or name.endswith("_at"), name
    assert starts(after) == [
        "2027-01-11T17:00",
        "2027-01-18T18:00",
        "2027-01-26T06:00",
        "2027-02-01T18:00",
    ]
    assert [one["capacity"] for one in after] == [8, 6, 5, 6]
    assert [one["instructor_id"] for one in after] == [teacher, other, other, other]
    assert after[2]["overridden"] == ["capacity", "starts_at"]
    old, new = sorted(await rows(ClassSeries, studio.id), key=lambda one: one.moved_minutes)
    assert (old.moved_minutes, new.moved_minutes, new.split_from) == (0, 60, old.id)
    assert new.differs == ["capacity", "instructor_id"]
    assert {one["series_id"] for one in after[1:]} == {str(new.id)}
    [place] = await studio.attendances(second["id"])
    assert place["starts_at"][:16] == "2027-01-18T18:00"
    assert await studio.balance(package) == 9


async def test_a_deleted_occurrence_stays_deleted(studio: Studio, rows: Any) -> None:
    _, (first, second, third, _) = await weekly(studio)
    assert (await studio.ask("DELETE", f"/class-sessions/{third['id']}")).status_code == 204
    wanted = {"scope": "all", "change": {"starts_at": "2027-01-12T18:00"}}
    planned = await plan(studio, first, **wanted)
    assert (await asked(studio, first, **wanted, token=planned["token"])).status_code == 200
    days = ["2027-01-12T17:00", "2027-01-19T17:00", "2027-02-02T17:00"]
    assert starts(await sessions(studio)) == days
    wanted = {"scope": "this_and_future", "change": {"duration_minutes": 90}}
    planned = await plan(studio, second, **wanted)
    assert (await asked(studio, second, **wanted, token=planned["token"])).status_code == 200
    assert starts(await sessions(studio)) == days
    found = await rows(ClassSeries, studio.id)
    assert sorted(len(series.except_for) for series in found) == [0, 1]


async def test_a_plan_that_is_no_longer_true_is_refused_with_the_new_one(studio: Studio) -> None:
    _, (first, second, *_) = await weekly(studio)
    await studio.sell("mia")
    wanted = {"scope": "all", "cancel": True, "reason": "Closed for good"}
    planned = await plan(studio, first, **wanted)
    assert (planned["cancellations"], planned["places_cancelled"]) == (4, 0)
    place = await studio.booked(second["id"], "mia")
    stale = await asked(studio, first, **wanted, token=planned["token"])
    assert (stale.status_code, stale.json()["type"]) == (409, "/problems/stale-plan")
    again = stale.json()["plan"]
    told = [again[name] for name in ("cancellations", "places_cancelled", "credits_returned")]
    assert (told, again["mails"]) == ([4, 1, 1], 1)
    assert {one["status"] for one in await sessions(studio)} == {"published"}
    # Another change may not be made with this token.
    for other in ({"reason": "Another"}, {"notify_customers": False}, {"scope": "this"}):
        refused = await asked(studio, first, **wanted | other, token=again["token"])
        assert refused.json()["type"] == "/problems/stale-plan"
    done = await asked(studio, first, **wanted, token=again["token"])
    assert done.status_code == 200, done.text
    assert {one["status"] for one in await sessions(studio)} == {"cancelled"}
    [seen] = await studio.attendances(second["id"])
    assert (seen["id"], seen["status"]) == (place["id"], "cancelled")
    assert await studio.balance(seen["package_id"]) == 10


async def test_a_plan_lists_what_is_in_the_way_and_cannot_be_applied(
    open_studio: OpenStudio,
) -> None:
    studio = await open_studio(people=2)
    teacher, other = map(str, studio.staff)
    room, _ = await studio.room_with(8)
    _, (first, *_) = await weekly(studio, instructor_id=teacher)
    await studio.publish_class("2027-01-18T19:30", instructor_id=other)
    await studio.publish_class("2027-01-25T19:30", room_id=room)
    change = {"starts_at": "2027-01-11T19:00", "instructor_id": other, "room_id": room}
    planned = await plan(studio, first, scope="all", change=change)
    reasons = [one["conflict"] and one["conflict"]["type"] for one in planned["sessions"]]
    expected = [None, "/problems/instructor-not-free", "/problems/room-taken", None]
    assert (reasons, planned["conflicts"], planned["token"]) == (expected, 2, None)
    assert {one["room_id"] for one in await sessions(studio) if one["series_id"]} == {None}


async def test_an_instructor_taken_meanwhile_leaves_all_of_it_as_it_was(
    open_studio: OpenStudio, rows: Any
) -> None:
    studio = await open_studio(people=2)
    teacher, other = map(str, studio.staff)
    _, (first, *_) = await weekly(studio, instructor_id=teacher)
    wanted = {"scope": "all", "change": {"instructor_id": other, "capacity": 5}}
    planned = await plan(studio, first, **wanted)
    await studio.publish_class("2027-01-25T18:30", instructor_id=other)
    refused = await asked(studio, first, **wanted, token=planned["token"])
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/change-conflicts")
    [conflict] = refused.json()["conflicts"]
    assert conflict["problem"]["reason"]["type"] == "/problems/slot-taken"
    found = [one for one in await sessions(studio) if one["series_id"]]
    assert {(one["instructor_id"], one["capacity"]) for one in found} == {(teacher, 8)}
    [series] = await rows(ClassSeries, studio.id)
    assert series.differs == []

    async def other_is_free() -> bool:
        made = CLASS | {"starts_at": "2027-01-11T18:00", "instructor_id": other}
        return (await studio.ask("POST", "/class-sessions", json=made)).status_code == 201

    await eventually(other_is_free)


async def test_this_one_alone_and_one_in_no_series(studio: Studio) -> None:
    _, (first, second, *_) = await weekly(studio)
    wanted = {"scope": "this", "change": {"name": "Open house", "credit_cost": 0}}
    planned = await plan(studio, second, **wanted)
    assert len(planned["sessions"]) == 1
    done = await asked(studio, second, **wanted, token=planned["token"])
    assert done.status_code == 200, done.text
    found = await sessions(studio)
    assert [one["name"] for one in found].count("Open house") == 1
    assert found[1]["overridden"] == ["credit_cost", "name"]
    alone = await studio.publish_class("2027-02-10T18:00")
    refused = await asked(studio, alone, scope="all", cancel=True)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-in-series")
    for wrong in ({"scope": "all"}, {"scope": "all", "cancel": True, "change": {"capacity": 3}}):
        assert (await asked(studio, first, **wrong)).status_code == 422


async def test_a_series_moves_on_the_wall_clock_over_the_change_of_the_clocks(
    studio: Studio,
) -> None:
    template = await studio.template()
    wanted = {"template_id": template, "starts_at": "2027-03-21T18:00"}
    await studio.told("POST", "/class-series", json=wanted | {"rule": "FREQ=WEEKLY;COUNT=2"})
    days = {"from": "2027-03-20", "to": "2027-03-30"}
    [first, _] = (await studio.told("GET", "/class-sessions", params=days))["items"]
    # 02:30 on March 28th does not exist.
    moving = {"scope": "all", "change": {"starts_at": "2027-03-21T02:30"}}
    planned = await plan(studio, first, **moving)
    assert (await asked(studio, first, **moving, token=planned["token"])).status_code == 200
    found = (await studio.told("GET", "/class-sessions", params=days))["items"]
    assert starts(found) == ["2027-03-21T01:30", "2027-03-28T01:30"]
    back = {"scope": "all", "change": {"starts_at": "2027-03-21T17:00"}}
    planned = await plan(studio, first, **back)
    assert (await asked(studio, first, **back, token=planned["token"])).status_code == 200
    found = (await studio.told("GET", "/class-sessions", params=days))["items"]
    assert starts(found) == ["2027-03-21T16:00", "2027-03-28T15:00"]


async def template_changes(
    studio: Studio, template: dict[str, Any], changed: dict[str, Any], token: str | None = None
) -> httpx2.Response:
    own = {name: value for name, value in template.items() if name not in NOT_WRITTEN}
    return await studio.ask(
        "POST",
        f"/class-templates/{template['id']}/changes",
        json={"template": own | changed} | ({"token": token} if token else {}),
        headers={"If-Match": f'"{template["version"]}"'},
    )


NOT_WRITTEN = ("id", "version", "archived_at")


async def test_a_template_changes_with_its_sessions_but_for_what_was_changed_of_them(
    open_studio: OpenStudio,
) -> None:
    studio = await open_studio(people=2)
    teacher, other = map(str, studio.staff)
    _, (first, second, *_) = await weekly(studio, instructor_id=teacher)
    template = await studio.told("GET", f"/class-templates/{first['template_id']}")
    wanted = {"template_id": template["id"], "starts_at": "2027-02-12T18:00", "credit_cost": 2}
    await studio.told("POST", "/class-sessions", json=wanted)
    await patched(studio, second, capacity=5)
    change = {"capacity": 10, "credit_cost": 3, "instructor_id": other, "duration_minutes": 75}
    planned = await template_changes(studio, template, change)
    assert planned.status_code == 200, planned.text
    keeps = [["capacity"] if n == 1 else ["credit_cost"] if n == 4 else [] for n in range(5)]
    assert [one["keeps"] for one in planned.json()["sessions"]] == keeps
    same = await studio.told("GET", f"/class-templates/{template['id']}")
    assert same == template
    token = planned.json()["token"]
    done = await template_changes(studio, template, change, token)
    assert (done.status_code, done.json()["applied"]) == (200, True)
    found = await sessions(studio)
    assert [one["capacity"] for one in found] == [10, 5, 10, 10, 10]
    assert [one["credit_cost"] for one in found] == [3, 3, 3, 3, 2]
    assert {one["instructor_id"] for one in found} == {other}
    assert {one["ends_at"][11:16] for one in found} == {"18:15"}
    changed = await studio.told("GET", f"/class-templates/{template['id']}")
    assert (changed["capacity"], changed["instructor_id"], changed["version"]) == (10, other, 2)
    stale = await template_changes(studio, template, change, token)
    assert stale.status_code == 412


async def test_a_template_whose_sessions_cannot_be_changed_stays_as_it_is(
    open_studio: OpenStudio,
) -> None:
    studio = await open_studio(people=2)
    teacher, other = map(str, studio.staff)
    _, (first, *_) = await weekly(studio, instructor_id=teacher)
    template = await studio.told("GET", f"/class-templates/{first['template_id']}")
    planned = await template_changes(studio, template, {"instructor_id": other})
    await studio.publish_class("2027-01-18T18:30", instructor_id=other)
    token = planned.json()["token"]
    refused = await template_changes(studio, template, {"instructor_id": other}, token)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/change-conflicts")
    assert await studio.told("GET", f"/class-templates/{template['id']}") == template
