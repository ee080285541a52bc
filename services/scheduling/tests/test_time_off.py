"""Time off and closures, through the door."""

from uuid import uuid4

import psycopg
import pytest

MONDAY = "2027-01-04"
NOON = {"starts_at": f"{MONDAY}T12:00:00", "ends_at": f"{MONDAY}T13:00:00"}


async def add(studio, headers=None, **wanted):
    body = {"title": "Dentist", "staff_id": str(studio.staff[0])} | NOON | wanted
    return await studio.client.post("/api/time-off", json=body, headers=headers or studio.owner)


async def added(studio, **wanted):
    answer = await add(studio, **wanted)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def change(studio, made, headers=None, *, version=1, **wanted):
    body = {"title": "Dentist"} | NOON | wanted
    seen = {"If-Match": f'"{version}"'}
    return await studio.client.put(
        f"/api/time-off/{made['id']}", json=body, headers=(headers or studio.owner) | seen
    )


async def listed(studio, headers=None, **wanted):
    answer = await studio.client.get(
        "/api/time-off", params=wanted, headers=headers or studio.owner
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_what_is_off_is_not_offered_and_what_only_touches_it_is(open_studio) -> None:
    studio = await open_studio()
    await added(studio)
    free = await studio.slots(MONDAY)
    assert {f"{MONDAY}T10:00:00Z", f"{MONDAY}T12:00:00Z"} <= set(free)
    assert not {f"{MONDAY}T{at}:00Z" for at in ("10:30", "11:00", "11:30")} & set(free)
    refused = await studio.book(f"{MONDAY}T11:30:00Z")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/on-time-off")
    for at in ("10:00", "12:00"):
        assert (await studio.book(f"{MONDAY}T{at}:00Z")).status_code == 201


async def test_buffers_may_lie_in_time_off(open_studio) -> None:
    studio = await open_studio(buffer_before_minutes=15, buffer_after_minutes=15)
    await added(studio)
    free = await studio.slots(MONDAY)
    assert {f"{MONDAY}T10:00:00Z", f"{MONDAY}T12:00:00Z"} <= set(free)
    assert f"{MONDAY}T11:30:00Z" not in free
    assert (await studio.book(f"{MONDAY}T12:00:00Z")).status_code == 201


async def test_a_closure_counts_for_everybody_over_midnight_and_change_over(
    open_studio, clock
) -> None:
    clock.set("2026-10-01T00:00:00+00:00")
    studio = await open_studio(people=2)
    around_the_clock = [
        {"weekday": day, "starts_at": "00:00", "ends_at": "00:00"} for day in range(7)
    ]
    for person in studio.staff:
        await studio.work(person, around_the_clock)
    await added(
        studio, staff_id=None, starts_at="2026-10-24T22:00:00", ends_at="2026-10-25T06:00:00"
    )
    assert (await studio.slots("2026-10-24"))[-1] == "2026-10-24T19:00:00Z"
    # 06:00 is five hours into a day of 25, in which the night has nine.
    assert (await studio.slots("2026-10-25"))[0] == "2026-10-25T05:00:00Z"
    for person in studio.staff:
        refused = await studio.book("2026-10-25T04:30:00Z", staff_id=str(person))
        assert refused.json()["type"] == "/problems/on-time-off"


async def test_a_weekly_lunch_break_is_at_local_noon_before_and_after_a_change_over(
    open_studio,
) -> None:
    studio = await open_studio()
    await added(studio, rule="freq=weekly;byday=mo", except_dates=["2027-04-05"])
    for day, noon in (("2027-03-22", 11), ("2027-03-29", 10), ("2027-11-01", 11)):
        free = await studio.slots(day)
        assert f"{day}T{noon}:00:00Z" not in free, day
        assert {f"{day}T{noon - 1:02}:00:00Z", f"{day}T{noon + 1}:00:00Z"} <= set(free)
    assert "2027-04-05T10:00:00Z" in await studio.slots("2027-04-05")


async def test_the_second_of_a_doubled_hour_can_be_said_by_its_offset(open_studio, clock) -> None:
    clock.set("2026-10-01T00:00:00+00:00")
    studio = await open_studio(duration_minutes=30)
    night = [{"weekday": day, "starts_at": "01:00", "ends_at": "04:00"} for day in range(7)]
    await studio.work(studio.staff[0], night)
    second = await added(
        studio, starts_at="2026-10-25T02:00:00+01:00", ends_at="2026-10-25T02:30:00+01:00"
    )
    assert second["starts_at"] == "2026-10-25T02:00:00+01:00"
    free = await studio.slots("2026-10-25")
    assert ("2026-10-25T00:00:00Z" in free, "2026-10-25T01:00:00Z" in free) == (True, False)
    again = {name: second[name] for name in ("starts_at", "ends_at")}
    assert (await change(studio, second, **again)).json()["starts_at"] == second["starts_at"]
    assert await studio.slots("2026-10-25") == free


async def test_appointments_in_the_way_are_listed_and_kept_by_force(open_studio) -> None:
    studio = await open_studio(people=2)
    booked = [
        (await studio.book(f"{day}T11:00:00Z", staff_id=str(person))).json()
        for person in studio.staff
        for day in (MONDAY, "2027-01-11")
    ]
    first, second, _, _ = booked
    refused = await add(studio, rule="FREQ=WEEKLY")
    assert refused.status_code == 409
    said = refused.json()
    assert (said["type"], said["count"]) == ("/problems/appointments-in-the-way", 2)
    assert [one["id"] for one in said["appointments"]] == [first["id"], second["id"]]
    assert said["appointments"][0] == {
        "id": first["id"],
        "starts_at": f"{MONDAY}T11:00:00+00:00",
        "ends_at": f"{MONDAY}T12:00:00+00:00",
        "staff_id": str(studio.staff[0]),
        "service_name": "Reformer private",
        "customer_name": "Ada Guest",
    }
    closing = await add(studio, staff_id=None)
    assert closing.json()["count"] == 2
    assert await listed(studio) == []
    made = await added(studio, rule="FREQ=WEEKLY", force=True)
    for one in booked:
        place = f"/api/appointments/{one['id']}"
        kept = await studio.client.get(place, headers=studio.owner)
        assert kept.json()["status"] == "confirmed"
    # What was decided on is not asked again; what the change newly covers is.
    renamed = await change(studio, made, title="Lunch", rule="FREQ=WEEKLY")
    assert (renamed.status_code, renamed.json()["version"]) == (200, 2)
    third = await studio.book(f"{MONDAY}T09:00:00Z", staff_id=str(studio.staff[0]))
    wider = await change(studio, made, version=2, starts_at=f"{MONDAY}T10:30:00")
    assert [one["id"] for one in wider.json()["appointments"]] == [third.json()["id"]]


async def test_what_only_touches_is_past_or_cancelled_is_in_nobodys_way(open_studio, clock) -> None:
    day = "2025-06-02"
    clock.set("2025-06-01T00:00:00+00:00")
    studio = await open_studio()
    for at in ("09:00", "11:00"):
        assert (await studio.book(f"{day}T{at}:00Z")).status_code == 201
    dropped = (await studio.book(f"{day}T10:00:00Z")).json()
    cancelled = await studio.client.post(
        f"/api/appointments/{dropped['id']}/cancel", headers=studio.owner | {"If-Match": '"1"'}
    )
    assert cancelled.status_code == 200
    await added(studio, starts_at=f"{day}T12:00:00", ends_at=f"{day}T13:00:00")
    earlier = {"starts_at": f"{day}T08:00:00", "ends_at": f"{day}T12:00:00"}
    clock.set(f"{day}T09:59:00+00:00")
    assert (await add(studio, **earlier)).json()["count"] == 1
    clock.set(f"{day}T10:00:00+00:00")
    await added(studio, **earlier)


async def test_changes_need_the_version_seen_and_are_kept_in_the_trail(
    open_studio, database_server
) -> None:
    studio = await open_studio()
    made = await added(studio)
    place = f"/api/time-off/{made['id']}"
    body = {"title": "Lunch"} | NOON
    blind = await studio.client.put(place, json=body, headers=studio.owner)
    assert blind.status_code == 428
    changed = await change(studio, made, title="Lunch", ends_at=f"{MONDAY}T12:30:00")
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert f"{MONDAY}T11:30:00Z" in await studio.slots(MONDAY)
    stale = await change(studio, made, title="Late")
    assert (stale.status_code, stale.json()["current"]["title"]) == (412, "Lunch")
    blind = await studio.client.delete(place, headers=studio.owner)
    assert blind.status_code == 428
    gone = await studio.client.delete(place, headers=studio.owner | {"If-Match": '"2"'})
    assert gone.status_code == 204
    assert (await studio.client.get(place, headers=studio.owner)).status_code == 404
    assert f"{MONDAY}T11:00:00Z" in await studio.slots(MONDAY)
    trail = rows(
        database_server, "SELECT action FROM audit_trail WHERE subject_id = %s", made["id"]
    )
    assert sorted(action for (action,) in trail) == [
        "time-off.added",
        "time-off.changed",
        "time-off.removed",
    ]


async def test_every_change_tells_open_calendars_which_range_to_read_again(
    open_studio, database_server
) -> None:
    studio = await open_studio()
    made = await added(studio)
    await change(studio, made, starts_at=f"{MONDAY}T15:00:00", ends_at=f"{MONDAY}T16:00:00")
    await added(studio, staff_id=None, rule="FREQ=YEARLY")
    told = rows(
        database_server,
        """
        SELECT body::json->>'begins', body::json->>'ends', body::json->>'staff_id' FROM outbox
        WHERE address = %s ORDER BY position DESC LIMIT 3
        """,
        f"scheduling.calendar-range.changed.v1.{studio.id}",
    )
    closing, moved, first = told
    mine = str(studio.staff[0])
    assert first == ("2027-01-04T12:00:00+01:00", "2027-01-04T13:00:00+01:00", mine)
    assert moved == ("2027-01-04T12:00:00+01:00", "2027-01-04T16:00:00+01:00", mine)
    assert closing[0] == "2027-01-04T12:00:00+01:00"
    assert (closing[1] > "2027-12-01", closing[2]) == (True, None)


def rows(server, statement, *values):
    with psycopg.connect(server.url("scheduling")) as connection:
        return connection.execute(statement, values).fetchall()


async def test_a_member_manages_their_own_and_sees_others_as_busy(open_studio) -> None:
    studio = await open_studio(people=2)
    mine, theirs = studio.staff
    me = studio.member(staff_id=mine)
    for staff_id, status in ((mine, 201), (theirs, 403), (None, 403)):
        answer = await add(studio, me, staff_id=staff_id and str(staff_id))
        assert answer.status_code == status, answer.text
    other = await added(studio, staff_id=str(theirs), title="Surgery")
    closing = await added(studio, staff_id=None, title="Christmas")
    assert (await change(studio, other, me)).status_code == 403
    assert (await change(studio, closing, me)).status_code == 403
    seen = await listed(studio, me)
    assert {one["title"] for one in seen} == {"Dentist", "Busy", "Christmas"}
    place = f"/api/time-off/{other['id']}"
    assert (await studio.client.get(place, headers=me)).json()["title"] == "Busy"
    gone = await studio.client.delete(place, headers=me | {"If-Match": '"1"'})
    assert gone.status_code == 403
    manager = studio.member("MANAGE_CALENDAR")
    assert {one["title"] for one in await listed(studio, manager)} == {
        "Dentist",
        "Surgery",
        "Christmas",
    }


async def test_the_list_is_of_a_range_and_of_a_person_and_paged(open_studio) -> None:
    studio = await open_studio(people=2)
    await added(studio)
    await added(studio, staff_id=str(studio.staff[1]), title="Theirs")
    await added(studio, staff_id=None, title="Ours", rule="FREQ=DAILY;COUNT=3")
    mine = await listed(studio, staff_id=str(studio.staff[0]))
    assert {one["title"] for one in mine} == {"Dentist", "Ours"}
    later = await listed(studio, **{"from": "2027-01-05", "to": "2027-01-05"})
    assert [one["title"] for one in later] == ["Ours"]
    assert await listed(studio, **{"from": "2027-01-07", "to": "2028-01-07"}) == []
    page = await studio.client.get("/api/time-off", params={"limit": 2}, headers=studio.owner)
    rest = await listed(studio, cursor=page.json()["next_cursor"])
    assert (len(page.json()["items"]), len(rest)) == (2, 1)


@pytest.mark.usefixtures("catalog_knows_no_more")
async def test_another_business_sees_and_changes_nothing_of_it(open_studio) -> None:
    studio, stranger = await open_studio(), await open_studio()
    made = await added(studio)
    assert (await change(stranger, made)).status_code == 404
    place = f"/api/time-off/{made['id']}"
    for id_ in (made["id"], uuid4(), "malformed"):
        seen = await stranger.client.get(f"/api/time-off/{id_}", headers=stranger.owner)
        assert seen.status_code == 404
    gone = await stranger.client.delete(place, headers=stranger.owner | {"If-Match": "*"})
    assert gone.status_code == 404
    assert await listed(stranger) == []
    foreign = await add(stranger, staff_id=str(studio.staff[0]))
    assert foreign.status_code == 404
    assert await listed(stranger) == []


async def test_there_is_an_end_to_what_every_look_for_slots_must_read(
    open_studio, database_server
) -> None:
    studio = await open_studio()
    await added(studio, rule="FREQ=YEARLY")
    copies = """
        INSERT INTO time_off SELECT (jsonb_populate_record(t, jsonb_build_object('id',
        gen_random_uuid()))).* FROM time_off t, generate_series(1, %s) WHERE business_id = %s
    """
    with psycopg.connect(database_server.url("scheduling")) as connection:
        connection.execute(copies, [199, studio.id])
    refused = await add(studio, rule="FREQ=YEARLY")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/too-much-time-off")
    assert f"{MONDAY}T11:00:00Z" not in await studio.slots(MONDAY)


async def test_what_is_changed_meets_the_same_end_as_what_is_added(
    open_studio, database_server
) -> None:
    studio = await open_studio()
    old = {"starts_at": "2020-01-06T12:00:00", "ends_at": "2020-01-06T13:00:00"}
    past, once = await added(studio, **old), await added(studio)
    ruled = await added(studio, rule="FREQ=YEARLY")
    copies = """
        INSERT INTO time_off SELECT (jsonb_populate_record(t, jsonb_build_object('id',
        gen_random_uuid()))).* FROM time_off t, generate_series(1, %s) WHERE id = %s
    """
    with psycopg.connect(database_server.url("scheduling")) as connection:
        connection.execute(copies, [199, ruled["id"]])
        connection.commit()
        full = await change(studio, once, rule="FREQ=DAILY")
        assert (full.status_code, full.json()["type"]) == (409, "/problems/too-much-time-off")
        still = await change(studio, ruled, rule="FREQ=WEEKLY")
        assert still.status_code == 200, "It was one of them before."
        assert (await change(studio, past)).status_code == 200, "Once, there is room."
        connection.execute(copies, [3000, once["id"]])
    moved = await change(studio, past, version=2, **old)
    assert moved.status_code == 200, "The past has no end."
    back = await change(studio, past, version=3)
    assert (back.status_code, back.json()["type"]) == (409, "/problems/too-much-time-off")
    assert (await change(studio, once, title="Doctor")).status_code == 200


async def test_the_first_and_the_last_of_our_years_are_years_like_others(open_studio) -> None:
    studio = await open_studio(zone="Pacific/Auckland")
    ancient = {"starts_at": "1970-01-01T00:00:00+14:00", "ends_at": "1970-01-01T12:00:00+14:00"}
    made = await added(studio, **ancient, rule="FREQ=DAILY;INTERVAL=99")
    last = {"starts_at": "2199-12-31T23:00:00-12:00", "ends_at": "2199-12-31T23:59:00-12:00"}
    await added(studio, **last, rule="FREQ=DAILY;COUNT=1000")
    await added(studio, **last, rule="FREQ=YEARLY")
    assert (await change(studio, made, rule="FREQ=YEARLY;UNTIL=21991231")).status_code == 200
    for first, last_day in (("1970-01-01", "1970-03-01"), ("2199-11-01", "2199-12-31")):
        days = {"from": first, "to": last_day}
        await listed(studio, **days)
        shown = await studio.client.get("/api/calendar", params=days, headers=studio.owner)
        assert shown.status_code == 200, shown.text
        hours = f"/api/staff/{studio.staff[0]}/working-hours/dates/{last_day}"
        put = await studio.client.put(hours, json={"ranges": []}, headers=studio.owner)
        assert put.status_code == 200
        free = await studio.client.get(
            "/api/availability",
            params=days | {"service_id": str(studio.service)},
            headers=studio.owner,
        )
        assert free.status_code == 200, free.text


HOSTILE = [
    {"title": "Lunch\r\nBcc: x@y.z"},
    {"title": ""},
    {"title": "x" * 201},
    {"paid": True},
    {"force": "yes"},
    {"starts_at": f"{MONDAY}T12:00:00+99:00"},
    {"starts_at": f"{MONDAY}T12:00:30"},
    {"starts_at": "0001-01-01T00:00:00+14:00"},
    {"starts_at": "2027-03-28T02:30:00", "ends_at": "2027-03-28T04:30:00"},
    {"ends_at": f"{MONDAY}T12:00:00"},
    {"ends_at": f"{MONDAY}T11:00:00"},
    {"ends_at": "2199-01-04T11:00:00"},
    {"ends_at": "9999-01-04T11:00:00"},
    {"rule": "FREQ=SECONDLY"},
    {"rule": "FREQ=DAILY;COUNT=1000000000"},
    {"rule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"},
    {"rule": "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30"},
    {"rule": "FREQ=WEEKLY;BYDAY=TU"},
    {"rule": "FREQ=YEARLY;BYDAY=MO;BYSETPOS=999"},
    {"rule": "FREQ=MONTHLY;BYDAY=FR,53SU"},
    {"rule": "FREQ=DAILY\u0000"},
    {"rule": "FREQ=DAILY;UNTIL=20270201T000000Z"},
    {"rule": "FREQ=DAILY;DTSTART=20270201T000000"},
    {"rule": "FREQ=DAILY", "ends_at": "2027-01-05T12:01:00"},
    {"rule": "FREQ=DAILY;BYDAY=" + ",".join(["MO"] * 100)},
    {"rule": "FREQ=DAILY", "except_dates": ["2027-01-04T00:00:00"]},
    {"rule": "FREQ=DAILY", "except_dates": [1577836800]},
    {"rule": "FREQ=DAILY", "except_dates": [MONDAY] * 401},
    {"except_dates": [MONDAY]},
]


@pytest.mark.parametrize("wrong", HOSTILE, ids=lambda wrong: str(wrong)[:60])
async def test_hostile_input_is_refused_and_writes_nothing(untouched, wrong) -> None:
    refused = await add(untouched, **wrong)
    assert refused.status_code == 422, refused.text
    assert await listed(untouched) == []


async def test_who_forgets_whose_it_is_does_not_close_the_business(open_studio) -> None:
    studio = await open_studio()
    body = {"title": "Dentist"} | NOON
    answer = await studio.client.post("/api/time-off", json=body, headers=studio.owner)
    assert answer.status_code == 422
