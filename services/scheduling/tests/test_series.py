"""Recurring appointments: a rule and a count, booked all, or listed conflict by conflict."""

import asyncio
import time
from collections import Counter
from typing import Any
from uuid import uuid4

import httpx2
import psycopg
import pytest

from stack.postgres import Postgres

MONDAY = "2027-01-04"
WEEKLY = "FREQ=WEEKLY"


async def book_series(studio: Any, starts_at: str, as_: Any = None, **changed: Any) -> Any:
    wanted = {
        "service_id": str(studio.service),
        "staff_id": str(studio.staff[0]),
        "starts_at": starts_at,
        "rule": WEEKLY,
        "count": 4,
        "customer": {"name": "Ada", "email": "ada@example.com"},
    } | changed
    wanted = {name: value for name, value in wanted.items() if value is not None}
    return await studio.client.post(
        "/api/appointment-series", json=wanted, headers=as_ or studio.owner
    )


async def read_series(studio: Any, id_: str, as_: Any = None) -> httpx2.Response:
    place = f"/api/appointment-series/{id_}"
    return await studio.client.get(place, headers=as_ or studio.owner)


def starts(answer: Any) -> list[str]:
    return [one["starts_at"] for one in answer.json()["occurrences"]]


async def count_of(studio: Any) -> int:
    listed = await studio.client.get("/api/appointments?limit=100", headers=studio.owner)
    return len(listed.json()["items"])


async def test_all_of_a_series_is_booked_and_knows_its_place(open_studio) -> None:
    studio = await open_studio()
    booked = await book_series(studio, f"{MONDAY}T10:00:00")
    assert booked.status_code == 201, booked.text
    days = ("2027-01-04", "2027-01-11", "2027-01-18", "2027-01-25")
    assert starts(booked) == [f"{day}T09:00:00Z" for day in days]
    assert booked.headers["Location"] == f"/api/appointment-series/{booked.json()['id']}"
    series = (await read_series(studio, booked.json()["id"])).json()
    assert series["rule"] == "FREQ=WEEKLY;COUNT=4"
    assert (series["starts_at"], series["time_zone"]) == (f"{MONDAY}T10:00:00", "Europe/Berlin")
    ids = [one["appointment_id"] for one in booked.json()["occurrences"]]
    for id_, day, one in zip(ids, days, series["appointments"], strict=True):
        assert one["appointment"]["id"] == id_
        assert one["appointment"]["series_id"] == series["id"]
        assert one["appointment"]["occurs_on"] == f"{day}T10:00:00"
        assert (one["overridden"], one["moved_by_gap"]) == (False, False)
        assert one["appointment"]["uid"] == f"{id_}@bookly"
    assert (await studio.book("2027-01-18T09:00:00Z")).status_code == 409


@pytest.mark.parametrize(
    ("rule", "starts_at", "days"),
    [
        ("FREQ=DAILY;COUNT=3", "2027-01-30T10:00:00", ["01-30", "01-31", "02-01"]),
        (
            "freq=weekly;byday=mo,we;count=4",
            "2027-01-04T10:00:00",
            ["01-04", "01-06", "01-11", "01-13"],
        ),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=2", "2027-01-04T10:00:00", ["01-04", "01-18"]),
        (
            "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3",
            "2027-01-31T10:00:00",
            ["01-31", "03-31", "05-31"],
        ),
        (
            "FREQ=MONTHLY;BYDAY=-1FR;COUNT=3",
            "2027-01-29T10:00:00",
            ["01-29", "02-26", "03-26"],
        ),
    ],
)
async def test_rules_are_counted_out_on_the_wall_clock(untouched, rule, starts_at, days) -> None:
    listed = await book_series(untouched, starts_at, rule=rule, count=None, dry_run=True)
    assert listed.status_code == 200, listed.text
    occurs_on = [one["occurs_on"] for one in listed.json()["occurrences"]]
    assert occurs_on == [f"2027-{day}T10:00:00" for day in days]
    assert await count_of(untouched) == 0


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"rule": "FREQ=HOURLY"}, "invalid-request"),
        ({"rule": "FREQ=YEARLY"}, "invalid-request"),
        ({"rule": "FREQ=WEEKLY;UNTIL=20270301", "count": None}, "invalid-request"),
        ({"rule": "FREQ=WEEKLY;COUNT=4"}, "invalid-request"),
        ({"count": None}, "invalid-request"),
        ({"count": 1}, "invalid-request"),
        ({"count": 105}, "invalid-request"),
        ({"rule": "FREQ=WEEKLY;COUNT=105", "count": None}, "invalid-request"),
        ({"rule": "FREQ=DAILY;BYHOUR=1,2,3"}, "invalid-request"),
        ({"rule": "FREQ=WEEKLY\r\nEXDATE:20270101"}, "invalid-request"),
        ({"rule": "FREQ=WEEKLY;FREQ=DAILY"}, "invalid-request"),
        ({"rule": "FREQ=WEEKLY;BYDAY=TU"}, "series-rule-refused"),
        ({"rule": "FREQ=DAILY;INTERVAL=7;BYDAY=TU"}, "series-rule-refused"),
        ({"rule": "FREQ=MONTHLY;BYMONTHDAY=30;BYMONTH=2"}, "series-rule-refused"),
        ({"rule": "FREQ=MONTHLY", "count": 26}, "series-rule-refused"),
        ({"series_id": str(uuid4())}, "invalid-request"),
        ({"on_conflict": "overbook"}, "invalid-request"),
        ({"dry_run": "yes"}, "invalid-request"),
        ({"starts_at": "2027-01-04T10:00:30"}, "invalid-request"),
        ({"staff_id": str(uuid4())}, "nobody-offers-this"),
    ],
)
async def test_what_makes_no_series_is_refused_soon(untouched, wrong, problem) -> None:
    began = time.process_time()
    refused = await book_series(untouched, **{"starts_at": f"{MONDAY}T10:00:00"} | wrong)
    assert time.process_time() - began < 2
    assert (refused.status_code, refused.json()["type"]) == (422, f"/problems/{problem}")
    assert await count_of(untouched) == 0


async def test_a_weekly_series_stays_on_its_wall_clock_over_both_change_overs(
    open_studio, clock
) -> None:
    clock.set("2026-09-01T00:00:00+00:00")
    studio = await open_studio()
    booked = await book_series(studio, "2026-10-05T09:00:00", count=30)
    assert booked.status_code == 201, booked.text
    assert Counter(start[11:] for start in starts(booked)) == {"08:00:00Z": 22, "07:00:00Z": 8}
    assert starts(booked)[2:4] == ["2026-10-19T07:00:00Z", "2026-10-26T08:00:00Z"]
    assert starts(booked)[24:26] == ["2027-03-22T08:00:00Z", "2027-03-29T07:00:00Z"]


async def test_an_occurrence_that_the_clocks_skip_moves_forward_by_the_gap(open_studio) -> None:
    studio = await open_studio()
    night = [{"weekday": day, "starts_at": "01:00", "ends_at": "06:00"} for day in range(7)]
    await studio.work(studio.staff[0], night)
    booked = await book_series(studio, "2027-03-21T02:30:00", count=3)
    assert starts(booked) == [
        "2027-03-21T01:30:00Z",
        "2027-03-28T01:30:00Z",
        "2027-04-04T00:30:00Z",
    ]
    moved = [one["moved_by_gap"] for one in booked.json()["occurrences"]]
    assert moved == [False, True, False]
    series = (await read_series(studio, booked.json()["id"])).json()
    assert [one["moved_by_gap"] for one in series["appointments"]] == moved
    assert series["appointments"][1]["appointment"]["occurs_on"] == "2027-03-28T02:30:00"
    assert not series["appointments"][1]["overridden"]


async def test_half_an_hours_gap_moves_by_half_an_hour_and_a_doubled_time_is_the_first(
    open_studio, clock
) -> None:
    clock.set("2026-09-01T00:00:00+00:00")
    studio = await open_studio(zone="Australia/Lord_Howe", duration_minutes=30)
    wanted = {"outside_hours": True, "rule": "FREQ=DAILY", "count": 2, "dry_run": True}
    # 02:15 does not exist on October 4th 2026; 01:45 comes twice on April 4th 2027.
    gap = await book_series(studio, "2026-10-03T02:15:00", **wanted)
    assert starts(gap) == ["2026-10-02T15:45:00Z", "2026-10-03T15:45:00Z"]
    assert [one["moved_by_gap"] for one in gap.json()["occurrences"]] == [False, True]
    doubled = await book_series(studio, "2027-04-03T01:45:00", **wanted)
    assert starts(doubled) == ["2027-04-02T14:45:00Z", "2027-04-03T14:45:00Z"]


async def test_one_conflict_refuses_all_and_is_named(open_studio) -> None:
    studio = await open_studio()
    await studio.book("2027-01-11T09:30:00Z")
    await studio.work(studio.staff[0], [{"weekday": 0, "starts_at": "09:00", "ends_at": "12:00"}])
    refused = await book_series(studio, f"{MONDAY}T10:00:00", rule="FREQ=DAILY", count=9)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/series-conflicts")
    conflicts = refused.json()["conflicts"]
    assert [one["occurs_on"][8:10] for one in conflicts] == [
        "05",
        "06",
        "07",
        "08",
        "09",
        "10",
        "11",
        "12",
    ]
    assert conflicts[6] == {
        "occurs_on": "2027-01-11T10:00:00",
        "starts_at": "2027-01-11T09:00:00+00:00",
        "reason": "busy",
    }
    assert {one["reason"] for one in conflicts} == {"busy", "outside_hours"}
    assert await count_of(studio) == 1


async def test_told_to_skip_it_books_the_rest_and_says_what_it_skipped(open_studio) -> None:
    studio = await open_studio()
    await studio.book("2027-01-11T09:30:00Z")
    listed = await book_series(studio, f"{MONDAY}T10:00:00", dry_run=True)
    booked = await book_series(studio, f"{MONDAY}T10:00:00", on_conflict="skip")
    assert (listed.status_code, booked.status_code) == (200, 201)
    for answer in (listed, booked):
        reasons = [one["refused"] for one in answer.json()["occurrences"]]
        assert reasons == [None, "busy", None, None]
    assert listed.json()["id"] is None
    ids = [one["appointment_id"] for one in booked.json()["occurrences"]]
    assert [id_ is None for id_ in ids] == [False, True, False, False]
    again = await book_series(studio, f"{MONDAY}T10:00:00", on_conflict="skip")
    assert again.status_code == 409
    assert await count_of(studio) == 4


async def test_outside_working_hours_only_on_purpose_and_never_over_somebody(open_studio) -> None:
    studio = await open_studio()
    assert (await book_series(studio, f"{MONDAY}T06:00:00")).status_code == 409
    forced = await book_series(studio, f"{MONDAY}T06:00:00", outside_hours=True)
    assert forced.status_code == 201
    taken = await book_series(studio, f"{MONDAY}T06:30:00", outside_hours=True)
    assert {one["reason"] for one in taken.json()["conflicts"]} == {"busy"}


async def test_the_longest_series_is_two_years_of_weeks(open_studio) -> None:
    studio = await open_studio()
    booked = await book_series(studio, f"{MONDAY}T10:00:00", count=104)
    assert booked.status_code == 201, booked.text
    assert starts(booked)[-1] == "2028-12-25T09:00:00Z"


async def test_one_key_is_one_series(open_studio) -> None:
    studio = await open_studio()
    headers = studio.owner | {"Idempotency-Key": "once"}
    first = await book_series(studio, f"{MONDAY}T10:00:00", headers)
    again = await book_series(studio, f"{MONDAY}T10:00:00", headers)
    assert first.content == again.content
    assert await count_of(studio) == 4


async def test_series_and_guests_at_once_never_share_a_time(
    open_studio, database_server: Postgres
) -> None:
    studio = await open_studio()
    answers = await asyncio.gather(
        *(book_series(studio, f"{MONDAY}T1{n % 3}:00:00", on_conflict="skip") for n in range(6)),
        *(studio.book(f"2027-01-{day}T09:00:00Z") for day in (11, 18, 25)),
    )
    assert {answer.status_code for answer in answers} <= {201, 409}
    overlaps = """
        SELECT count(*) FROM appointments a JOIN appointments b ON a.business_id = b.business_id
        AND a.id < b.id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
        WHERE a.business_id = %s
    """
    with psycopg.connect(database_server.url("scheduling")) as connection:
        assert connection.execute(overlaps, [studio.id]).fetchone() == (0,)
    assert await count_of(studio) == 12


async def test_who_may_book_and_see_a_series(open_studio) -> None:
    studio, stranger = await open_studio(people=2), await open_studio()
    mine, theirs = studio.staff
    me = studio.member(staff_id=mine)
    other = await book_series(studio, f"{MONDAY}T10:00:00", me, staff_id=str(theirs))
    assert other.status_code == 403
    booked = await book_series(studio, f"{MONDAY}T10:00:00", me)
    assert booked.status_code == 201
    assert {
        one["appointment"]["price_cents"]
        for one in (await read_series(studio, booked.json()["id"], me)).json()["appointments"]
    } == {None}
    colleague = studio.member(staff_id=theirs)
    for id_, who in (
        (booked.json()["id"], colleague),
        (booked.json()["id"], stranger.owner),
        (str(uuid4()), studio.owner),
        ("malformed", studio.owner),
    ):
        assert (await read_series(studio, id_, who)).status_code == 404


async def test_series_are_listed_in_pages_and_by_whose_they_are(open_studio) -> None:
    studio = await open_studio(people=2)
    mine, theirs = studio.staff
    for hour, staff in ((10, mine), (12, mine), (10, theirs)):
        at = f"{MONDAY}T{hour}:00:00"
        assert (await book_series(studio, at, staff_id=str(staff))).status_code == 201
    place = "/api/appointment-series"

    async def listed(who: Any, **wanted: Any) -> Any:
        return (await studio.client.get(place, params=wanted, headers=who)).json()

    page = await listed(studio.owner, limit=2)
    rest = await listed(studio.owner, limit=2, cursor=page["next_cursor"])
    assert [one["starts_at"][11:13] for one in page["items"] + rest["items"]] == ["10", "12", "10"]
    assert rest["next_cursor"] is None
    assert len((await listed(studio.owner, staff_id=str(mine)))["items"]) == 2
    own = await listed(studio.member(staff_id=theirs))
    assert [one["staff_id"] for one in own["items"]] == [str(theirs)]
    stranger = await open_studio()
    assert (await listed(stranger.owner))["items"] == []
