"""The calendar: who sees what, what overlaps what, and that it is what is sent live."""

from uuid import uuid4

import pytest
from pydantic import TypeAdapter

from contracts.calendar import CalendarEntries, CalendarEntry
from contracts.permissions import Permission

DAY = "2027-01-04"
WEEK = {"from": DAY, "to": "2027-01-10"}


async def calendar(studio, bearer, **filters):
    answer = await studio.client.get("/api/calendar", params=WEEK | filters, headers=bearer)
    assert answer.status_code == 200, answer.text
    return CalendarEntries.model_validate_json(answer.content).entries


async def time_off(studio, staff_id, begins: str, ends: str, **more):
    wanted = {
        "staff_id": staff_id and str(staff_id),
        "title": "Dentist",
        "starts_at": f"{DAY}T{begins}",
        "ends_at": f"{DAY}T{ends}",
    } | more
    answer = await studio.client.post("/api/time-off", json=wanted, headers=studio.owner)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_an_entry_read_is_the_entry_that_was_sent_live(open_studio, database_server) -> None:
    studio = await open_studio()
    customer = {"name": 'Zoë "Z" O\\Neil · Œ', "email": "z@example.com"}
    booked = await studio.book(f"{DAY}T08:00:00Z", customer=customer)
    with database_server.connect("scheduling") as connection:
        [(sent,)] = connection.execute(
            "SELECT body::jsonb -> 'entry' FROM outbox"
            " WHERE address LIKE 'scheduling.calendar-entry%%' AND body LIKE %s",
            [f"%{booked.json()['id']}%"],
        ).fetchall()
    [read] = await calendar(studio, studio.owner)
    assert read == TypeAdapter(CalendarEntry).validate_python(sent)


async def test_what_lies_under_time_off_is_marked(open_studio) -> None:
    studio = await open_studio(people=2)
    one, other = studio.staff
    for staff, hour in ((one, 8), (one, 11), (other, 8)):
        await studio.book(f"{DAY}T{hour:02}:00:00Z", staff_id=str(staff))
    off = await time_off(studio, one, "09:30", "10:30", force=True)
    entries = await calendar(studio, studio.owner)
    marked = {(e.staff_id, e.starts_at.hour): e.conflict for e in entries if e.kind != "time_off"}
    assert marked == {(one, 8): True, (one, 11): False, (other, 8): False}
    [shown] = [e for e in entries if e.kind == "time_off"]
    assert (str(shown.id), shown.title, shown.starts_at.hour) == (off["id"], "Dentist", 8)
    await time_off(studio, None, "12:00", "12:30", title="Fire drill", force=True)
    marked = {e.starts_at.hour: e.conflict for e in await calendar(studio, studio.owner)}
    assert marked[11]
    assert [e.starts_at for e in entries] == sorted(e.starts_at for e in entries)


async def test_who_may_not_manage_the_calendar_sees_others_as_busy(open_studio) -> None:
    studio = await open_studio(people=2)
    mine, others = studio.staff
    for staff in studio.staff:
        await studio.book(f"{DAY}T08:00:00Z", staff_id=str(staff))
        await time_off(studio, staff, "13:00", "14:00")
    seen = await calendar(studio, studio.member(staff_id=mine))
    titles = {(e.staff_id, e.kind): e.title for e in seen}
    assert titles == {
        (mine, "appointment"): "Reformer private · Ada Guest",
        (mine, "time_off"): "Dentist",
        (others, "appointment"): "Busy",
        (others, "time_off"): "Busy",
    }
    [hidden] = [e for e in seen if e.staff_id == others and e.kind == "appointment"]
    assert (hidden.customer_name, hidden.customer_id, hidden.service_id) == (None, None, None)
    asked_for = await calendar(studio, studio.member(staff_id=mine), service=str(studio.service))
    assert {e.staff_id for e in asked_for} == {mine}
    manager = studio.member(Permission.MANAGE_CALENDAR)
    assert "Busy" not in {e.title for e in await calendar(studio, manager)}


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({}, 3),
        ({"staff": "mine"}, 2),
        ({"service": "ours"}, 2),
        ({"service": str(uuid4())}, 0),
        ({"status": "pending"}, 0),
        ({"status": ["pending", "confirmed"]}, 2),
        ({"resource": str(uuid4())}, 0),
    ],
)
async def test_filters(open_studio, filters, count) -> None:
    studio = await open_studio(people=2)
    for staff in studio.staff:
        await studio.book(f"{DAY}T08:00:00Z", staff_id=str(staff))
    await time_off(studio, studio.staff[0], "13:00", "14:00")
    known = {"mine": str(studio.staff[0]), "ours": str(studio.service)}
    asked = {
        name: known.get(value, value) if isinstance(value, str) else value
        for name, value in filters.items()
    }
    assert len(await calendar(studio, studio.owner, **asked)) == count
