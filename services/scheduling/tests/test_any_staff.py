"""Who gives the time where anybody may."""

import asyncio
from typing import Any

import httpx2
import pytest

DAY = "2027-01-04"
EIGHT, NINE, NOON, EVENING = (f"{DAY}T{hour:02}:00:00Z" for hour in (8, 9, 12, 18))


async def book_by_studio(studio: Any, starts_at: str, **changed: Any) -> httpx2.Response:
    wanted = {
        "service_id": str(studio.service),
        "starts_at": starts_at,
        "customer": {"name": "Ada Walks In"},
    } | changed
    return await studio.client.post("/api/appointments", json=wanted, headers=studio.owner)


async def test_what_the_studio_overrules_is_overruled_only_where_nobody_is_free(
    open_studio,
) -> None:
    studio = await open_studio(people=2)
    away, here = studio.staff
    await studio.work(away, [])
    chosen = []
    for starts_at in (EIGHT, EIGHT, EVENING):
        booked = await book_by_studio(studio, starts_at, outside_hours=True)
        assert booked.status_code == 201, booked.text
        chosen.append(booked.json()["staff_id"])
    assert chosen[:2] == [str(here), str(away)]
    refused = await book_by_studio(studio, EIGHT, outside_hours=True)
    assert refused.json()["type"] == "/problems/slot-taken"


@pytest.mark.parametrize(
    ("begins", "ends", "expires", "chosen"),
    [
        # The night before, of which two hours are this day's.
        ("2027-01-03 22:00Z", "2027-01-04 01:00Z", None, 1),
        ("2027-01-04 22:00Z", "2027-01-04 23:30Z", None, 1),
        # Whose deposit was not paid, though the row is still there.
        ("2027-01-04 12:00Z", "2027-01-04 13:00Z", "2020-01-01 00:00Z", 0),
        ("2027-01-03 12:00Z", "2027-01-03 13:00Z", None, 0),
    ],
    ids=["from the eve", "into the next day", "expired", "the eve"],
)
async def test_the_least_booked_is_so_by_live_minutes_of_the_local_day(
    open_studio, database_server, begins, ends, expires, chosen
) -> None:
    studio = await open_studio(people=2)
    with database_server.connect("scheduling") as connection:
        connection.execute(
            """
            INSERT INTO claims (business_id, kind, staff_id, starts_at, ends_at, during, expires_at)
            VALUES (%(business)s, 'appointment', %(staff)s, %(begins)s, %(ends)s,
                    tstzrange(%(begins)s::timestamptz, %(ends)s::timestamptz), %(expires)s)
            """,
            {
                "business": studio.id,
                "staff": studio.staff[0],
                "begins": begins,
                "ends": ends,
                "expires": expires,
            },
        )
    booked = await studio.book(EIGHT)
    assert booked.json()["staff_id"] == str(studio.staff[chosen])


async def hold(studio: Any, starts_at: str, **changed: Any) -> dict[str, Any]:
    wanted = {"service_id": str(studio.service), "starts_at": starts_at} | changed
    held = await studio.client.post(f"/api/public/booking/{studio.slug}/holds", json=wanted)
    assert held.status_code == 201, held.text
    return held.json()


async def held_by(studio: Any, holder: str) -> set[str]:
    answer = await studio.client.get(
        f"/api/public/booking/{studio.slug}/holds", params={"holder": holder}
    )
    return {one["id"] for one in answer.json()["items"]}


async def test_whoever_holds_anybodys_time_books_the_one_they_hold(open_studio) -> None:
    studio = await open_studio(people=2)
    held = await hold(studio, EIGHT)
    # By now somebody else has less to do.
    await studio.book(NOON, staff_id=held["staff_id"])
    booked = await studio.book(EIGHT, holder=held["holder"])
    assert booked.json()["staff_id"] == held["staff_id"]
    assert await held_by(studio, held["holder"]) == set()


async def test_one_guest_holds_one_time_once_whoever_gives_it(open_studio) -> None:
    studio = await open_studio(people=2)
    first, second = map(str, studio.staff)
    holder = (await hold(studio, EIGHT, staff_id=first))["holder"]
    other = await hold(studio, EIGHT, staff_id=second, holder=holder)
    assert await held_by(studio, holder) == {other["id"]}
    assert (await studio.book(EIGHT, staff_id=first)).status_code == 201
    again = await hold(studio, NINE, staff_id=first, holder=holder)
    assert await held_by(studio, holder) == {other["id"], again["id"]}
    booked = await studio.book(f"{DAY}T08:30:00Z", staff_id=second, holder=holder)
    assert booked.status_code == 201, booked.text
    assert await held_by(studio, holder) == set()


async def test_also_in_parallel_a_guest_holds_one_time_once(open_studio) -> None:
    studio = await open_studio(people=4)
    first = await hold(studio, NOON)
    holder = first["holder"]
    held = await asyncio.gather(
        *(hold(studio, EIGHT, staff_id=str(staff), holder=holder) for staff in studio.staff)
    )
    [left] = await held_by(studio, holder) - {first["id"]}
    assert left in {one["id"] for one in held}


async def test_buffers_of_different_people_let_a_guest_hold_one_after_the_other(
    open_studio,
) -> None:
    studio = await open_studio(people=2, buffer_before_minutes=10, buffer_after_minutes=10)
    first, second = map(str, studio.staff)
    one = await hold(studio, EIGHT, staff_id=first)
    other = await hold(studio, NINE, staff_id=second, holder=one["holder"])
    assert await held_by(studio, one["holder"]) == {one["id"], other["id"]}
