"""What a calendar app gets."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from chassis.testing import eventually
from gateway.feeds.kept_texts import KeptTexts

TITLE = "Core; Berlin, \\ „Mitte“ " + "ü" * 60
ESCAPED = "Core\\; Berlin\\, \\\\ „Mitte“ " + "ü" * 60


async def test_the_parts_of_all_owners_make_one_calendar(gateway, owners, make):
    owners.scheduling.book("Massage", "Haircut")
    owners.pilates.book("Reformer")
    path, _ = await make(title=TITLE)
    answer = await gateway.client.get(path)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, max-age=60"
    calendar = Calendar.from_ical(answer.content)
    assert [str(event["SUMMARY"]) for event in calendar.walk("VEVENT")] == [
        *("Massage", "Haircut", "Reformer")
    ]
    for name in ("NAME", "X-WR-CALNAME"):
        assert str(calendar[name]) == ESCAPED
    assert calendar["REFRESH-INTERVAL"].dt == timedelta(minutes=15)
    lines = answer.content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    for line in lines:
        line.decode()


async def test_owners_are_asked_for_the_scope_and_with_the_clock(gateway, owners, make, business):
    staff = owners.knows(business, "staff_member")
    path, _ = await make(scope="staff_member", scope_id=staff, names=False)
    whole, _ = await make()
    for place in (path, whole):
        await gateway.client.get(place)
    for owner in (owners.scheduling, owners.pilates):
        of_staff, of_business = owner.asked
        assert (of_staff["scope"], of_staff["id"]) == ("staff_member", staff)
        assert (of_staff["names"], of_staff["business_id"]) == (False, str(business))
        assert (of_business["scope"], of_business["id"]) == ("business", str(business))
        assert of_business["names"] is True
        assert abs(datetime.fromisoformat(of_staff["at"]) - datetime.now(UTC)).total_seconds() < 60


async def test_what_has_not_changed_is_not_sent_again(gateway, owners, make):
    owners.scheduling.book("Massage")
    path, _ = await make()
    first = await gateway.client.get(path)
    condition = {"If-None-Match": first.headers["ETag"]}
    unchanged = await gateway.client.get(path, headers=condition)
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["ETag"] == first.headers["ETag"]
    assert owners.scheduling.asked[-1]["unless"] == owners.scheduling.version

    owners.pilates.book("Reformer")
    changed = await gateway.client.get(path, headers=condition)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]
    summaries = [event["SUMMARY"] for event in Calendar.from_ical(changed.content).walk("VEVENT")]
    assert summaries == ["Massage", "Reformer"]


@pytest.mark.parametrize(
    "nonsense", ['"x"', "W/", '"WyIxIl0="', '"WyIxIixudWxsLG51bGxd"', '"' + "W" * 5000 + '"', "ü"]
)
async def test_a_tag_that_is_not_ours_gets_the_whole_feed(gateway, owners, make, nonsense):
    owners.scheduling.book("Massage")
    path, _ = await make()
    answer = await gateway.client.get(path, headers={"If-None-Match": nonsense.encode()})
    assert answer.status_code == 200
    assert b"Massage" in answer.content


@pytest.mark.parametrize("changed", ["{}-gzip", "{}--", "{};gzip", "{}==", "x{}", " {}"])
async def test_a_tag_that_a_proxy_has_changed_gets_the_whole_feed(
    serve, recorder, gateway, owners, make, changed
):
    owners.scheduling.book("Massage")
    path, _ = await make()
    tag = (await gateway.client.get(path)).headers["ETag"]
    condition = {"If-None-Match": '"' + changed.format(tag[1:-1]) + '"'}
    async with serve() as with_no_text_kept:

        async def read():
            answer = await with_no_text_kept.client.get(path, headers=condition)
            return None if answer.status_code == 503 else answer

        answer = await eventually(read)
    assert answer.status_code == 200
    assert b"Massage" in answer.content


async def test_a_long_feed_comes_in_pages_and_is_read_again_where_it_moved(gateway, owners, make):
    owners.scheduling.book(*(f"Massage {n}" for n in range(30)))
    path, _ = await make()
    found = Calendar.from_ical((await gateway.client.get(path)).content).walk("VEVENT")
    assert len(found) == 30
    owners.scheduling.book("Massage", "Haircut")
    owners.scheduling.moves_on = True
    assert (await gateway.client.get(path)).status_code == 503


async def test_a_text_that_is_here_already_is_not_sent_again(gateway, owners, make):
    owners.scheduling.book("Massage")
    path, _ = await make()
    first, second = await gateway.client.get(path), await gateway.client.get(path)
    assert (first.status_code, second.content) == (200, first.content)
    assert [one["unless"] for one in owners.scheduling.asked] == [None, owners.scheduling.version]
    other_names, _ = await make(names=False)
    await gateway.client.get(other_names)
    assert owners.scheduling.asked[-1]["unless"] is None
    owners.scheduling.book("Haircut")
    assert b"Haircut" in (await gateway.client.get(path)).content


def test_no_more_texts_are_kept_than_there_is_room_for():
    kept = KeptTexts(most_bytes=410)
    for name in "abc":
        kept.keep(name, "1", b"1234")
        assert kept.get("a") == ("1", b"1234")
    assert (kept.get("a"), kept.get("b")) == (("1", b"1234"), None)
    kept.keep("a", "2", b"x" * 211)
    assert kept.get("a") is None


def test_empty_texts_have_a_bound_as_well():
    kept = KeptTexts(most_bytes=1000)
    for place in range(100):
        kept.keep(place, "1", b"")
    assert sum(kept.get(place) is not None for place in range(100)) == 5


async def test_half_a_feed_is_never_served(gateway, owners, make, impatient):
    owners.scheduling.book("Massage")
    path, _ = await make()
    owners.pilates.is_silent = True
    answer = await gateway.client.get(path)
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert b"Massage" not in answer.content


async def test_whoever_has_no_token_learns_nothing(gateway, owners, make):
    path, feed = await make()
    answers = [
        await gateway.client.get(unknown)
        for unknown in (
            "/feeds/" + "x" * 43 + ".ics",
            "/feeds/x.ics",
            "/feeds",
            path.removesuffix(".ics"),
            f"/feeds/{feed['id']}.ics",
            f"{path}/more",
            "/feeds/%C3%BC.ics",
            "/feeds/" + "x" * 1500 + ".ics",
        )
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.content for answer in answers} == {answers[0].content}
    assert owners.scheduling.asked == []


async def test_head_tells_what_get_would(gateway, owners, make):
    owners.scheduling.book("Massage")
    path, _ = await make()
    whole, head = await gateway.client.get(path), await gateway.client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("ETag", "Content-Length", "Content-Type"):
        assert head.headers[name] == whole.headers[name]
    assert (await gateway.client.head("/feeds/x.ics")).status_code == 404


async def test_the_time_of_fetching_is_written_once_a_minute(
    serve, recorder, owners, signer, business, wanted, tmp_path
):
    clock, began = tmp_path / "clock", datetime.now(UTC).replace(microsecond=0)
    clock.write_text(began.isoformat())
    async with serve(clock=clock, embedded=True) as gateway:
        owner = signer.bearer(business)
        feed = (await gateway.client.post("/api/feeds", json=wanted, headers=owner)).json()
        path = feed["url"].removeprefix("http://localhost:8000")
        for seconds, noted in ((0, 0), (59, 0), (60, 60)):
            clock.write_text((began + timedelta(seconds=seconds)).isoformat())
            await gateway.client.get(path)
            [shown] = (await gateway.client.get("/api/feeds", headers=owner)).json()["items"]
            told = datetime.fromisoformat(shown["last_fetched_at"])
            assert told == began + timedelta(seconds=noted)
