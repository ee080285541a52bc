"""Rules at their boundary, with the clock moved to either side of it."""

import pytest

NIGHT = [{"weekday": day, "starts_at": "01:00", "ends_at": "04:00"} for day in range(7)]


@pytest.mark.parametrize(
    ("day", "slots"), [("2027-03-28", 4), ("2026-10-25", 8), ("2027-01-04", 6)]
)
async def test_hours_are_right_on_the_days_the_clocks_change(
    open_studio, clock, day, slots
) -> None:
    clock.set("2026-10-01T00:00:00+00:00")
    studio = await open_studio(duration_minutes=30, slot_step_minutes=30)
    await studio.work(studio.staff[0], NIGHT)
    assert len(await studio.slots(day)) == slots


@pytest.mark.parametrize(
    ("now", "status"), [("2027-01-04T08:00:00+00:00", 201), ("2027-01-04T08:00:01+00:00", 422)]
)
async def test_notice_is_allowed_to_the_second(open_studio, clock, now, status) -> None:
    studio = await open_studio(notice_minutes=120)
    clock.set(now)
    booked = await studio.book("2027-01-04T10:00:00Z")
    assert booked.status_code == status, booked.text
    offered = "2027-01-04T10:00:00Z" in await studio.slots("2027-01-04")
    assert not offered
    assert ("2027-01-04T10:30:00Z" in await studio.slots("2027-01-04")) == (status == 422)


async def test_the_horizon_counts_local_dates(open_studio, clock) -> None:
    # 11:30 UTC is half past midnight of the 5th in Auckland: one more day is in sight.
    studio = await open_studio(zone="Pacific/Auckland", horizon_days=7)
    clock.set("2027-01-04T10:30:00+00:00")
    assert await studio.slots("2027-01-11")
    assert not await studio.slots("2027-01-12")
    refused = await studio.book("2027-01-11T20:00:00Z")
    assert refused.json()["type"] == "/problems/beyond-horizon"
    clock.set("2027-01-04T11:30:00+00:00")
    assert (await studio.book("2027-01-11T20:00:00Z")).status_code == 201


async def test_buffers_of_neighbours_add_up(open_studio) -> None:
    studio = await open_studio(
        duration_minutes=55,
        buffer_before_minutes=5,
        buffer_after_minutes=10,
        slot_step_minutes=5,
    )
    await studio.work(studio.staff[0], [{"weekday": 0, "starts_at": "07:00", "ends_at": "20:00"}])
    day = "2027-01-04"
    assert (await studio.book(f"{day}T10:00:00", staff_id=str(studio.staff[0]))).status_code == 201
    outcomes = {}
    for at in ("11:05", "11:10", "08:55", "08:50"):
        outcomes[at] = (await studio.book(f"{day}T{at}:00")).status_code
    assert outcomes == {"11:05": 409, "11:10": 201, "08:55": 409, "08:50": 201}


async def test_a_doubled_local_time_means_the_first_unless_the_offset_says_otherwise(
    open_studio, clock
) -> None:
    clock.set("2026-10-01T00:00:00+00:00")
    studio = await open_studio(people=1, duration_minutes=30)
    await studio.work(studio.staff[0], NIGHT)
    first = await studio.book("2026-10-25T02:30:00")
    assert first.json()["starts_at"] == "2026-10-25T00:30:00Z"
    second = await studio.book("2026-10-25T02:30:00+01:00")
    assert second.json()["starts_at"] == "2026-10-25T01:30:00Z"


async def test_a_range_of_62_days_is_answered_and_a_longer_one_refused(open_studio) -> None:
    studio = await open_studio()
    params = {"service_id": str(studio.service), "from": "2027-01-01"}
    place = f"/api/public/booking/{studio.slug}/availability"
    whole = await studio.client.get(place, params=params | {"to": "2027-03-03"})
    assert (whole.status_code, len(whole.json()["days"])) == (200, 62)
    for to in ("2027-03-05", "2026-12-31", "9999-12-31"):
        refused = await studio.client.get(place, params=params | {"to": to})
        assert refused.status_code == 422, to


async def test_hours_around_the_clock_are_one_shift_over_midnight(open_studio) -> None:
    studio = await open_studio()
    whole_day = [{"weekday": day, "starts_at": "00:00", "ends_at": "00:00"} for day in range(7)]
    await studio.work(studio.staff[0], whole_day)
    late = "2027-01-04T22:30:00Z"
    assert late in await studio.slots("2027-01-04")
    assert (await studio.book(late)).status_code == 201


@pytest.mark.parametrize(
    ("zone", "day", "slots"),
    [
        ("Europe/Berlin", "2027-03-28", 46),
        ("Europe/Berlin", "2026-10-25", 50),
        # Lord Howe Island moves its clocks by half an hour.
        ("Australia/Lord_Howe", "2026-10-04", 47),
        ("Australia/Lord_Howe", "2027-04-04", 49),
        ("Europe/Berlin", "2027-01-04", 48),
    ],
)
async def test_a_day_has_as_many_half_hours_as_it_lasts(
    open_studio, clock, zone, day, slots
) -> None:
    clock.set("2026-10-01T00:00:00+00:00")
    studio = await open_studio(zone=zone, duration_minutes=30, slot_step_minutes=30)
    whole_day = [{"weekday": day, "starts_at": "00:00", "ends_at": "00:00"} for day in range(7)]
    await studio.work(studio.staff[0], whole_day)
    assert len(await studio.slots(day)) == slots


@pytest.mark.parametrize(
    ("zone", "local", "next_valid"),
    [
        ("Europe/Berlin", "2027-03-28T02:30:00", "2027-03-28T03:30:00+02:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:15:00", "2026-10-04T02:45:00+11:00"),
    ],
)
async def test_a_local_time_that_does_not_exist_cannot_be_booked_or_held(
    open_studio, clock, zone, local, next_valid
) -> None:
    clock.set("2026-10-01T00:00:00+00:00")
    studio = await open_studio(zone=zone)
    wanted = {"service_id": str(studio.service), "starts_at": local}
    held = await studio.client.post(f"/api/public/booking/{studio.slug}/holds", json=wanted)
    for refused in (await studio.book(local), held):
        assert refused.status_code == 422
        assert refused.json()["type"] == "/problems/nonexistent-local-time"
        assert refused.json()["next_valid"] == next_valid


async def test_a_neighbour_of_the_day_before_reaches_in_with_its_buffer(open_studio) -> None:
    studio = await open_studio(
        duration_minutes=30, slot_step_minutes=30, buffer_before_minutes=15, buffer_after_minutes=45
    )
    whole_day = [{"weekday": day, "starts_at": "00:00", "ends_at": "00:00"} for day in range(7)]
    await studio.work(studio.staff[0], whole_day)
    assert (await studio.book("2027-01-04T23:30:00")).status_code == 201
    # Busy until 00:45 of the 5th, and the next one needs its quarter of an hour before.
    assert (await studio.slots("2027-01-05"))[0] == "2027-01-05T00:00:00Z"
    assert (await studio.book("2027-01-05T00:30:00")).status_code == 409
    # And one of the day after: it keeps its quarter of an hour before midnight.
    assert (await studio.book("2027-01-06T00:00:00")).status_code == 201
    assert (await studio.slots("2027-01-05"))[-1] == "2027-01-05T21:30:00Z"


async def test_a_guests_own_hold_outlives_the_end_of_notice(open_studio, clock) -> None:
    studio = await open_studio(people=2, notice_minutes=120)
    day, (first, second) = "2027-01-04", map(str, studio.staff)
    clock.set(f"{day}T06:30:00+00:00")
    wanted = {"service_id": str(studio.service), "staff_id": first, "starts_at": f"{day}T08:30:00Z"}
    place = f"/api/public/booking/{studio.slug}/holds"
    held = (await studio.client.post(place, json=wanted)).json()
    clock.set(f"{day}T06:39:59+00:00")
    mine = {"holder": held["holder"]}
    too_short = "/problems/too-short-notice"
    again = await studio.client.post(place, json=wanted | mine)
    assert again.json()["type"] == too_short
    for other in (
        {"starts_at": f"{day}T08:00:00Z", "staff_id": first},
        {"starts_at": f"{day}T08:30:00Z", "staff_id": second},
        {"starts_at": f"{day}T08:30:00Z", "staff_id": first, "holder": held["holder"][::-1]},
    ):
        refused = await studio.book(**mine | other)
        assert refused.json()["type"] == too_short
    clock.set(f"{day}T06:40:00+00:00")
    gone = await studio.book(f"{day}T08:30:00Z", staff_id=first, **mine)
    assert gone.json()["type"] == too_short
    clock.set(f"{day}T06:39:59+00:00")
    booked = await studio.book(f"{day}T08:30:00Z", **mine)
    assert booked.status_code == 201, booked.text
    assert booked.json()["staff_id"] == first
