"""Dates with hours of their own, in place of the week's."""

from uuid import uuid4

import pytest

MONDAY, TUESDAY = "2027-01-04", "2027-01-05"
EVENING = [{"starts_at": "18:00", "ends_at": "20:00"}]


def place(studio, day=MONDAY, staff=None):
    return f"/api/staff/{staff or studio.staff[0]}/working-hours/dates/{day}"


async def put(studio, ranges, day=MONDAY, headers=None, staff=None):
    return await studio.client.put(
        place(studio, day, staff), json={"ranges": ranges}, headers=headers or studio.owner
    )


async def dates(studio, first=MONDAY, last=MONDAY):
    answer = await studio.client.get(
        f"/api/staff/{studio.staff[0]}/working-hours/dates",
        params={"from": first, "to": last},
        headers=studio.owner,
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["dates"]


async def test_a_date_has_other_hours_or_none_and_then_the_weeks_again(open_studio) -> None:
    studio = await open_studio()
    week = await studio.slots(MONDAY)
    other = await put(studio, EVENING)
    assert (other.status_code, other.headers["ETag"]) == (200, '"1"')
    assert other.json() == {"date": MONDAY, "version": 1, "ranges": EVENING}
    assert await studio.slots(MONDAY) == [
        f"{MONDAY}T{at}:00Z" for at in ("17:00", "17:30", "18:00")
    ]
    assert len(await studio.slots(TUESDAY)) == len(week)
    refused = await studio.book(f"{MONDAY}T10:00:00Z")
    assert refused.json()["type"] == "/problems/outside-working-hours"
    assert (await put(studio, [])).json()["ranges"] == []
    assert await studio.slots(MONDAY) == []
    assert [one["ranges"] for one in await dates(studio)] == [[]]
    gone = await studio.client.delete(place(studio), headers=studio.owner)
    assert gone.status_code == 204
    assert await studio.slots(MONDAY) == week
    assert await dates(studio) == []


async def test_a_night_that_begins_on_the_eve_reaches_into_the_range(open_studio) -> None:
    studio = await open_studio()
    await put(studio, [{"starts_at": "22:00", "ends_at": "02:00"}])
    assert (await studio.slots(TUESDAY))[:2] == [f"{MONDAY}T23:00:00Z", f"{MONDAY}T23:30:00Z"]
    assert (await studio.slots(MONDAY))[-1] == f"{MONDAY}T22:30:00Z"
    assert (await studio.book(f"{MONDAY}T23:30:00Z")).status_code == 201


async def test_a_version_is_never_met_twice(open_studio) -> None:
    studio = await open_studio()
    await put(studio, EVENING)
    seen = studio.owner | {"If-Match": '"1"'}
    assert (await studio.client.delete(place(studio), headers=seen)).status_code == 204
    again = await put(studio, EVENING)
    assert again.headers["ETag"] == '"3"'
    stale = await put(studio, [], headers=seen)
    assert (stale.status_code, stale.json()["current_version"]) == (412, 3)
    assert (await studio.client.delete(place(studio), headers=seen)).status_code == 412


async def test_a_member_sets_their_own_dates_only(open_studio) -> None:
    studio = await open_studio(people=2)
    mine, theirs = studio.staff
    me = studio.member(staff_id=mine)
    assert (await put(studio, EVENING, headers=me, staff=mine)).status_code == 200
    assert (await put(studio, EVENING, headers=me, staff=theirs)).status_code == 403
    gone = await studio.client.delete(place(studio, staff=theirs), headers=me)
    assert gone.status_code == 403


@pytest.mark.parametrize(
    "ranges",
    [
        [{"starts_at": "09:00", "ends_at": "12:00"}, {"starts_at": "11:59", "ends_at": "13:00"}],
        [{"starts_at": "00:00", "ends_at": "00:00"}, {"starts_at": "11:00", "ends_at": "13:00"}],
        [{"starts_at": "09:00", "ends_at": "12:00", "weekday": 1}],
        [{"starts_at": "09:00:30", "ends_at": "12:00"}],
        [{"starts_at": "09:00+01:00", "ends_at": "12:00"}],
        [{"starts_at": f"{h:02}:00", "ends_at": f"{h:02}:30"} for h in range(11)],
        None,
    ],
)
async def test_hours_that_cannot_be_are_refused(untouched, ranges) -> None:
    assert (await put(untouched, ranges)).status_code == 422
    assert await dates(untouched) == []


@pytest.mark.usefixtures("catalog_knows_no_more")
async def test_what_is_no_date_or_nobody_is_not_found(open_studio) -> None:
    studio = await open_studio()
    for day in (
        "2027-13-01",
        "2027-W01-1",
        "1577836800",
        "9999-12-31",
        "0001-01-01",
        f"{MONDAY}T00:00:00",
    ):
        assert (await put(studio, EVENING, day=day)).status_code == 404, day
    assert (await put(studio, EVENING, staff=uuid4())).status_code == 404
    for first, last in ((TUESDAY, MONDAY), (MONDAY, "2028-01-05"), ("now", "later")):
        refused = await studio.client.get(
            f"/api/staff/{studio.staff[0]}/working-hours/dates",
            params={"from": first, "to": last},
            headers=studio.owner,
        )
        assert refused.status_code == 422
