"""Where a dragged appointment may drop: what the zones allow, rescheduling accepts."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.appointments.drop_zones import drop_zones
from scheduling.slots.free_slots import Interval, SlotShape
from scheduling.slots.refusal import why_not
from scheduling.slots.staff_time import StaffTime

DAY = "2027-01-04"
MINUTE = timedelta(minutes=1)


def minutes(least: int, most: int, odd: int = 0) -> st.SearchStrategy[int]:
    """Whole minutes in seconds, and with `odd` such as a connected calendar may say."""
    return st.builds(lambda m, s: m * 60 + s, st.integers(least, most), st.integers(0, odd))


def some(odd: int) -> st.SearchStrategy[list[Interval]]:
    lasting = st.tuples(minutes(-60, 400, odd), minutes(0, 90, odd))
    return st.lists(lasting.map(lambda b: (b[0], b[0] + b[1])), max_size=4).map(sorted)


times = st.builds(StaffTime, some(0), some(0), some(59), some(59), some(0))
shapes = st.builds(SlotShape, minutes(1, 90), minutes(0, 15), minutes(0, 15), st.just(60))


@settings(max_examples=300)
@given(times, shapes, st.tuples(minutes(-30, 200, 59), minutes(-30, 400, 59)))
def test_every_minute_is_in_one_zone_and_for_a_reason_that_booking_gives(
    time: StaffTime, shape: SlotShape, starts: Interval
) -> None:
    zones = drop_zones(time, shape, starts)
    told = {at: zone.reason for zone in zones for at in range(zone.begins, zone.ends, 60)}
    assert len(told) == sum((zone.ends - zone.begins) // 60 for zone in zones)
    expected = {at for at in range(-3600, 30000, 60) if starts[0] <= at < starts[1]}
    assert set(told) == expected
    for at, reason in told.items():
        against = why_not(at, time, shape) - {"off_grid"}
        assert reason in against if against else reason is None
    assert all(one.ends == other.begins for one, other in pairwise(zones))
    assert all(one.reason != other.reason for one, other in pairwise(zones))


async def moves(studio: Any, id_: str, headers: Any = None, **wanted: str) -> Any:
    params = {"from": DAY, "to": DAY} | wanted
    place = f"/api/appointments/{id_}/moves"
    return await studio.client.get(place, params=params, headers=headers or studio.owner)


async def book(studio: Any, at: str, staff: int = 0) -> str:
    answer = await studio.book(f"{DAY}T{at}", staff_id=str(studio.staff[staff]))
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def test_the_zones_of_a_day_say_where_and_why_not(open_studio) -> None:
    studio = await open_studio(people=2)
    it = await book(studio, "08:00:00Z")
    await book(studio, "10:00:00Z")
    answer = await moves(studio, it)
    assert answer.status_code == 200, answer.text
    own, other = answer.json()["staff"]
    hours = {(span["begins"][11:16], span["ends"][11:16]) for span in own["allowed"]}
    assert hours == {("08:00", "09:01"), ("11:00", "15:01")}
    assert [span["reason"] for span in own["refused"]] == ["outside_hours", "busy", "outside_hours"]
    assert [(s["begins"][11:16], s["ends"][11:16]) for s in other["allowed"]] == [
        ("08:00", "15:01")
    ]
    assert answer.json()["version"] == 1


async def test_what_the_zones_allow_rescheduling_accepts_and_nothing_else(open_studio) -> None:
    studio = await open_studio(
        people=2, duration_minutes=55, buffer_before_minutes=5, buffer_after_minutes=10
    )
    await studio.work(studio.staff[1], [{"weekday": 0, "starts_at": "10:00", "ends_at": "13:00"}])
    it = await book(studio, "08:00:00Z")
    for at in ("10:00:00Z", "13:00:00Z"):
        await book(studio, at)
    found = (await moves(studio, it)).json()
    place = f"/api/appointments/{it}/reschedule"
    outcomes: Counter[tuple[bool, bool]] = Counter()
    for person in found["staff"]:
        for allowed, spans in ((True, person["allowed"]), (False, person["refused"])):
            for span in spans:
                begins = datetime.fromisoformat(span["begins"])
                for at in (begins, datetime.fromisoformat(span["ends"]) - MINUTE):
                    wanted = {"starts_at": at.isoformat(), "staff_id": person["staff_id"]}
                    headers = studio.owner | {"If-Match": "*"}
                    answer = await studio.client.post(place, json=wanted, headers=headers)
                    assert (answer.status_code == 200) is allowed, (span, answer.text)
                    outcomes[allowed, answer.status_code == 200] += 1
    assert outcomes[True, True] >= 6
    assert outcomes[False, False] >= 6


async def test_who_manages_their_own_calendar_sees_their_own_zones(open_studio) -> None:
    studio = await open_studio(people=2)
    it, other = await book(studio, "08:00:00Z"), await book(studio, "08:00:00Z", staff=1)
    me = studio.member(staff_id=studio.staff[0])
    found = await moves(studio, it, me)
    assert [person["staff_id"] for person in found.json()["staff"]] == [str(studio.staff[0])]
    stranger = await open_studio()
    for id_, who in ((other, me), (it, stranger.owner), (str(uuid4()), studio.owner)):
        assert (await moves(studio, id_, who)).status_code == 404


async def test_only_what_is_open_moves_and_a_range_has_its_limits(open_studio) -> None:
    studio = await open_studio()
    it = await book(studio, "08:00:00Z")
    assert (await moves(studio, it, to="2027-03-06")).status_code == 200
    assert (await moves(studio, it, to="2027-03-08")).status_code == 422
    assert (await moves(studio, it, staff="x")).status_code == 422
    cancel = f"/api/appointments/{it}/cancel"
    await studio.client.post(cancel, headers=studio.owner | {"If-Match": "*"})
    refused = await moves(studio, it)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/illegal-transition")
