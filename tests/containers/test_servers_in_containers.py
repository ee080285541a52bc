"""The servers of docker-compose.yml, one by one, under one service or one mail."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx2
import pika
import pytest
from fastapi import FastAPI
from testcontainers.community.nats import NatsContainer
from testcontainers.community.postgres import PostgresContainer
from testcontainers.community.rabbitmq import RabbitMqContainer
from testcontainers.core.config import testcontainers_config

import catalog.main
import catalog.worker
import scheduling.main
import scheduling.worker
from catalog.settings import CatalogSettings
from chassis.migrate import migrate
from chassis.testing import served
from gateway.routes import ROUTES, RouteTable
from notifications.broker import DELIVER, QUEUE, celery
from scheduling.settings import SchedulingSettings
from stack.signer import Signer
from tests.containers.docker_engine import ROOT, image_of, need
from tests.studio import open_studio

pytestmark = pytest.mark.timeout(900)

SERVICES = ("catalog", "scheduling", "pilates", "portal", "notifications")
PASSWORD = 'what\'s \\ "needed" $HOME?'


@pytest.fixture(scope="module", autouse=True)
def no_reaper() -> None:
    """One image less to pull: every container here is stopped by the test that starts it."""
    testcontainers_config.ryuk_disabled = True


@pytest.fixture(scope="module")
def postgres_address() -> Iterator[str]:
    """Host and port of a cluster in which the databases were made as for the compose file."""
    need(image := image_of("postgres"))
    server = PostgresContainer(image, driver=None).with_volume_mapping(
        str(ROOT / "deploy" / "docker" / "databases.sh"),
        "/docker-entrypoint-initdb.d/databases.sh",
    )
    for service in SERVICES:
        for role in ("owner", "app"):
            server.with_env(f"{service}_{role}_password".upper(), PASSWORD)
    with server as started:
        yield f"{started.get_container_host_ip()}:{started.get_exposed_port(5432)}"


@pytest.fixture(scope="module")
def container_nats_url() -> Iterator[str]:
    need(image := image_of("nats"))
    with NatsContainer(image, jetstream=True) as server:
        yield server.nats_uri()


@pytest.fixture(scope="module")
def container_rabbitmq() -> Iterator[RabbitMqContainer]:
    need(image := image_of("rabbitmq"))
    with RabbitMqContainer(image) as server:
        yield server


@pytest.fixture(scope="module")
async def door(
    postgres_address: str, container_nats_url: str, signer: Signer
) -> AsyncIterator[httpx2.AsyncClient]:
    """Catalog and scheduling with their workers, side by side as the gateway's table has them."""

    def told(service: str) -> dict[str, Any]:
        where = f"{quote(PASSWORD, safe='')}@{postgres_address}/{service}"
        migrate(service, f"postgresql://{service}_owner:{where}")
        return {
            "database_url": f"postgresql://{service}_app:{where}",
            "nats_url": container_nats_url,
            "public_keys": signer.public_keys,
        }

    naming = CatalogSettings(**told("catalog"), signing_key=signer.signing_key)
    timing = SchedulingSettings(**told("scheduling"))
    apps = {"catalog": catalog.main.create(naming), "scheduling": scheduling.main.create(timing)}
    async with AsyncExitStack() as running:
        workers = (catalog.worker.create(naming), scheduling.worker.create(timing))
        for app in (*apps.values(), *workers):
            await running.enter_async_context(served(app))
        transport = httpx2.ASGITransport(behind_one_door(apps))
        yield await running.enter_async_context(
            httpx2.AsyncClient(transport=transport, base_url="http://test", timeout=30)
        )


def behind_one_door(apps: dict[str, FastAPI]) -> Any:
    table = RouteTable(ROUTES)

    async def pass_on(scope: Any, receive: Any, send: Any) -> None:
        service = table.find(tuple(scope["path"][1:].split("/"))).service
        await apps[service](scope, receive, send)

    return pass_on


async def test_a_slot_is_booked_once_on_the_servers_that_containers_bring(
    door: httpx2.AsyncClient,
) -> None:
    studio = await open_studio(door)
    (slot, *_) = await studio.slots(datetime.now(UTC).date() + timedelta(days=1))
    place = {"starts_at": slot["starts_at"], "staff_id": studio.staff[0]}
    guests = [f"{uuid4().hex}@example.com" for _ in range(20)]
    answers = await asyncio.gather(*(studio.book(guest, **place) for guest in guests))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 19]


def test_the_id_of_a_mail_waits_in_a_quorum_queue(container_rabbitmq: RabbitMqContainer) -> None:
    line = container_rabbitmq.get_connection_params()
    url = f"amqp://guest:guest@{line.host}:{line.port}//"
    with celery(url, 30) as app:
        app.send_task(DELIVER, args=[str(uuid4()), str(uuid4())])
    with pika.BlockingConnection(line) as connection:
        channel = connection.channel()
        # Refused by RabbitMQ if the queue is of another type.
        kept = channel.queue_declare(
            QUEUE, durable=True, arguments={"x-queue-type": "quorum", "x-delivery-limit": 20}
        )
        assert kept.method.message_count == 1
