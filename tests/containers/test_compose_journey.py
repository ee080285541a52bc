"""The system of docker-compose.yml, entered where a browser enters it: at Traefik."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from chassis.testing import eventually
from tests.containers.composed import Composed, composed
from tests.journeys.test_stranger_books import travel
from tests.studio import open_studio

pytestmark = pytest.mark.timeout(2400)

ONCE = {"keys", *(f"{one}-migrations" for one in ("catalog", "scheduling", "pilates", "portal"))}
ONCE |= {"notifications-migrations"}

LOADED = re.compile(r'(?:src|href)="(/[^"]+)"')
MANAGED = re.compile(r"/manage/\S+")

CALENDAR = b"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:elsewhere
BEGIN:VEVENT
UID:gym
DTSTAMP:20260301T000000Z
DTSTART;TZID=Europe/Berlin:20260327T090000
DTEND;TZID=Europe/Berlin:20260327T100000
RRULE:FREQ=DAILY;COUNT=3
END:VEVENT
END:VCALENDAR
"""
READ_CALENDAR = f"""
import asyncio
from datetime import UTC, datetime
from scheduling.busy_calendars.reading_apart import read_apart
begins, ends = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
busy = asyncio.run(read_apart({CALENDAR!r}, "Europe/Berlin", begins, ends, 30))
print(*(begins.strftime("%d.%H") for begins, _ in busy.times))
"""


@pytest.fixture(scope="module")
def system() -> Iterator[Composed]:
    with composed() as started:
        yield started


async def test_everything_becomes_healthy(system: Composed) -> None:
    async def all_healthy() -> bool:
        return all(
            told["State"]["Health"]["Status"] == "healthy"
            for name, told in system.containers().items()
            if name not in ONCE
        )

    await eventually(all_healthy, within_seconds=120)


async def test_a_strangers_booking_travels_through_containers(system: Composed) -> None:
    await travel(system.url, system.mailpit)


async def test_whoever_follows_a_link_sees_a_page_and_gets_what_it_loads(system: Composed) -> None:
    async with httpx2.AsyncClient(base_url=system.url, timeout=30) as guest:
        studio = await open_studio(guest)
        (slot, *_) = await studio.slots(datetime.now(UTC).date() + timedelta(days=2))
        email = f"guest@{studio.slug}.example.com"
        booked = await studio.book(email, starts_at=slot["starts_at"])
        assert booked.status_code == 201, booked.text
        (mail,) = await eventually(lambda: system.mailpit(email), within_seconds=30)
        managed = MANAGED.search(mail["text"])
        assert managed
        for path in (managed[0], f"/portal/{studio.slug}", "/join", "/api/docs"):
            loaded = LOADED.findall(await shown(guest, path))
            assert {name.rpartition(".")[2] for name in loaded} >= {"js", "css"}, path
            for name in loaded:
                await shown(guest, name)


async def shown(guest: httpx2.AsyncClient, path: str) -> str:
    """Once whoever shows it has heard of it."""

    async def look() -> str:
        answer = await guest.get(path)
        return answer.text if answer.status_code == 200 else ""

    return await eventually(look, within_seconds=30)


async def test_a_connected_calendar_is_read_by_a_process_that_is_told_nothing(
    system: Composed,
) -> None:
    read = system.run("exec", "-T", "scheduling-worker", "python", "-c", READ_CALENDAR)
    assert read.split() == ["27.08", "28.08", "29.07"]


async def test_only_the_door_and_the_page_with_mails_can_be_reached(system: Composed) -> None:
    published = {
        name: [
            binding for ports in told["HostConfig"]["PortBindings"].values() for binding in ports
        ]
        for name, told in system.containers().items()
    }
    assert {name for name, bindings in published.items() if bindings} == {"traefik", "mailpit"}
    assert {binding["HostIp"] for binding in published["mailpit"]} == {"127.0.0.1"}


async def test_no_process_of_ours_is_root(system: Composed) -> None:
    users = {
        name: told["Config"]["User"]
        for name, told in system.containers().items()
        if told["Config"]["Image"].startswith("bookly/")
    }
    assert len(users) == 18
    assert set(users.values()) == {"10001"}


async def test_only_catalog_can_read_the_key_that_signs(system: Composed) -> None:
    holders = {
        name
        for name, told in system.containers().items()
        for mount in told["Mounts"]
        if mount["Destination"] == "/keys/private"
    }
    assert holders == {"catalog", "keys"}


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/healthz", {}, 200),
        ("/healthz", {"Host": "elsewhere.example"}, 404),
        ("/healthz", {"X_Forwarded_For": "203.0.113.1"}, 400),
        ("/api/services%2Fx", {}, 400),
        ("/api/services%5Cx", {}, 400),
        ("/api/services%00", {}, 400),
        ("/metrics", {}, 404),
        ("/dev/mailbox.json", {}, 404),
    ],
)
async def test_the_door_refuses_what_could_be_read_in_two_ways(
    system: Composed, path: str, headers: dict[str, str], status: int
) -> None:
    async with httpx2.AsyncClient(base_url=system.url) as stranger:
        answer = await stranger.get(path, headers=headers)
    assert answer.status_code == status


async def test_asked_to_stop_every_process_of_ours_ends_in_time_and_without_an_error(
    system: Composed,
) -> None:
    await asyncio.to_thread(system.run, "stop")
    ended = {
        name: told["State"]["ExitCode"]
        for name, told in system.containers().items()
        if told["Config"]["Image"].startswith("bookly/")
    }
    assert set(ended) > ONCE
    assert set(ended.values()) == {0}, ended
