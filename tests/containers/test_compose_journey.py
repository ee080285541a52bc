"""The system of docker-compose.yml, entered where a browser enters it: at Traefik."""

import asyncio
from collections.abc import Iterator

import httpx2
import pytest

from chassis.testing import eventually
from tests.containers.composed import Composed, composed
from tests.journeys.test_stranger_books import travel

pytestmark = pytest.mark.timeout(2400)

ONCE = {"keys", *(f"{one}-migrations" for one in ("catalog", "scheduling", "pilates", "portal"))}
ONCE |= {"notifications-migrations"}


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
