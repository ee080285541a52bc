"""A template by a rule: counted on the wall clock, held as a whole or with what is possible."""

from typing import Any

import pytest

from pilates.class_series.models import ClassSeries
from pilates.class_sessions.models import ClassSession
from services.pilates.tests.studio import Studio

MONDAY = "2027-01-11T18:00"


async def series(studio: Studio, template: str, **wanted: Any) -> Any:
    asked = {"template_id": template, "starts_at": MONDAY, "rule": "FREQ=WEEKLY;COUNT=3"}
    return await studio.ask("POST", "/class-series", json=asked | wanted)


async def made(studio: Studio, template: str, **wanted: Any) -> dict[str, Any]:
    answer = await series(studio, template, **wanted)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_a_series_is_published_with_everything_it_needs(studio: Studio) -> None:
    room, _ = await studio.room_with(8)
    things = {"room_id": room, "spot_kind": "reformer", "instructor_id": str(studio.staff[0])}
    template = await studio.template(**things)
    told = await made(studio, template, capacity=6)
    assert [one["starts_at"] for one in told["occurrences"]] == [
        f"2027-01-{day}T17:00:00Z" for day in (11, 18, 25)
    ]
    seen = await studio.told("GET", f"/class-series/{told['id']}")
    assert (seen["rule"], seen["differs"]) == ("FREQ=WEEKLY;COUNT=3", ["capacity"])
    sessions = [one["session"] for one in seen["sessions"]]
    assert {(one["status"], one["free"], one["capacity"]) for one in sessions} == {
        ("published", 6, 6)
    }
    assert [one["id"] for one in sessions] == [one["session_id"] for one in told["occurrences"]]
    listed = await studio.told("GET", "/class-series", params={"template_id": template})
    assert [one["id"] for one in listed["items"]] == [told["id"]]


@pytest.mark.parametrize(
    ("first", "starts", "moved"),
    [
        # 2027-03-28, 02:30 does not exist; 2027-10-31, 02:30 happens twice, and the first is meant.
        (
            "2027-03-21T02:30",
            ["2027-03-21T01:30:00Z", "2027-03-28T01:30:00Z", "2027-04-04T00:30:00Z"],
            [False, True, False],
        ),
        (
            "2027-10-24T02:30",
            ["2027-10-24T00:30:00Z", "2027-10-31T00:30:00Z", "2027-11-07T01:30:00Z"],
            [False, False, False],
        ),
        (
            "2027-03-21T18:00",
            ["2027-03-21T17:00:00Z", "2027-03-28T16:00:00Z", "2027-04-04T16:00:00Z"],
            [False, False, False],
        ),
        (
            "2027-10-24T18:00",
            ["2027-10-24T16:00:00Z", "2027-10-31T17:00:00Z", "2027-11-07T17:00:00Z"],
            [False, False, False],
        ),
    ],
)
async def test_a_series_keeps_the_wall_clock_over_both_changes_of_the_clocks(
    studio: Studio, first: str, starts: list[str], moved: list[bool]
) -> None:
    told = await made(studio, await studio.template(), starts_at=first)
    assert [one["starts_at"] for one in told["occurrences"]] == starts
    assert [one["moved_by_gap"] for one in told["occurrences"]] == moved
    seen = await studio.told("GET", f"/class-series/{told['id']}")
    assert [one["moved_by_gap"] for one in seen["sessions"]] == moved


async def test_what_is_in_the_way_refuses_all_of_it_or_is_skipped(
    studio: Studio, rows: Any
) -> None:
    room, _ = await studio.room_with(8)
    teacher = str(studio.staff[0])
    await studio.publish_class("2027-01-18T18:00", room_id=room)
    await studio.publish_class("2027-01-25T17:30", instructor_id=teacher)
    template = await studio.template(room_id=room, instructor_id=teacher)
    tried = await series(studio, template, dry_run=True)
    assert tried.status_code == 200, tried.text
    assert tried.json()["id"] is None
    expected = [None, "/problems/room-taken", "/problems/instructor-not-free"]
    assert reasons(tried.json()) == expected
    refused = await series(studio, template)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/series-conflicts")
    [conflict] = refused.json()["conflicts"]
    assert conflict["occurs_on"] == "2027-01-18T18:00:00"
    assert await rows(ClassSeries, studio.id) == []
    assert len(await rows(ClassSession, studio.id)) == 2
    skipped = await made(studio, template, on_conflict="skip")
    assert reasons(skipped) == expected
    assert [bool(one["session_id"]) for one in skipped["occurrences"]] == [True, False, False]
    assert len(await rows(ClassSession, studio.id)) == 3


async def test_an_instructor_who_is_busy_once_refuses_all_of_it(studio: Studio, rows: Any) -> None:
    teacher = str(studio.staff[0])
    await studio.publish_class("2027-01-25T17:30", instructor_id=teacher)
    template = await studio.template(instructor_id=teacher)
    refused = await series(studio, template)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/series-conflicts")
    [conflict] = refused.json()["conflicts"]
    assert conflict["problem"]["reason"]["type"] == "/problems/slot-taken"
    assert await rows(ClassSeries, studio.id) == []
    # Nothing of it is held: another class has the instructor at once.
    await studio.publish_class(MONDAY, instructor_id=teacher)


def reasons(told: dict[str, Any]) -> list[str | None]:
    return [one["refused"] and one["refused"]["type"] for one in told["occurrences"]]


@pytest.mark.parametrize(
    "changed",
    [
        {"rule": "FREQ=WEEKLY"},
        {"rule": "FREQ=WEEKLY;COUNT=201"},
        {"rule": "FREQ=DAILY;UNTIL=20280101"},
        {"rule": "FREQ=MONTHLY;COUNT=30"},
        {"rule": "FREQ=WEEKLY;UNTIL=20300101"},
        {"rule": "FREQ=WEEKLY;BYDAY=TU;COUNT=3"},
        {"rule": "FREQ=SECONDLY;COUNT=3"},
        {"rule": "FREQ=WEEKLY;COUNT=3", "starts_at": "2027-03-28T02:30+25:00"},
        {"duration_minutes": 1440, "rule": "FREQ=DAILY;COUNT=3", "capacity": 0},
        {"quiet_from": "22:00"},
        {"on_conflict": "overwrite"},
    ],
)
async def test_what_is_no_series_is_refused(untouched: Studio, changed: dict[str, Any]) -> None:
    answer = await series(untouched, await untouched.template(), **changed)
    assert answer.status_code == 422, answer.text


async def test_until_means_all_of_that_day(studio: Studio) -> None:
    told = await made(studio, await studio.template(), rule="FREQ=DAILY;UNTIL=20270113")
    assert told["rule"] == "FREQ=DAILY;COUNT=3"


async def test_a_series_of_drafts_holds_nobody(studio: Studio) -> None:
    teacher = str(studio.staff[0])
    template = await studio.template(instructor_id=teacher)
    told = await made(studio, template, publish=False)
    await studio.publish_class(MONDAY, instructor_id=teacher)
    seen = await studio.told("GET", f"/class-series/{told['id']}")
    assert {one["session"]["status"] for one in seen["sessions"]} == {"draft"}
