import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest

from chassis import due_rows
from chassis.app import create_app
from chassis.due_rows import do_what_is_due
from chassis.testing import served
from chassis.worker import loops_of
from notifications import main, worker
from notifications.due_work import DUE_WORK
from notifications.messages import metrics
from notifications.settings import NotificationsSettings
from notifications.subscriptions import SUBSCRIPTIONS
from notifications.testing import Mailbox, Studio
from services.notifications.tests.reading import Reader
from stack.mail_queue import create_mail_queue
from stack.ports import free_ports
from stack.postgres import Postgres
from stack.probes import says_ready
from stack.processes import Process, running, start
from stack.programs import Program
from stack.rabbitmq import is_installed, rabbitmq
from stack.signer import Signer
from stack.testing import nats_url

LINK_SECRET = "of-tests-only-and-32-characters-long"
MakeSettings = Callable[..., NotificationsSettings]
StartMailer = Callable[[NotificationsSettings], AbstractAsyncContextManager[Process]]


@pytest.fixture(scope="session")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    home = tmp_path_factory.mktemp("mailbox")
    port, smtp_port = free_ports(2)
    told = {"HOME": str(home), "PORT": str(port), "SMTP_PORT": str(smtp_port)}
    program = Program(
        name="mailbox",
        module="stack.mailbox",
        environment={f"BOOKLY_{name}": value for name, value in told.items()},
        is_ready=says_ready(port),
    )
    with running(program, home / "mailbox.log"):
        yield Mailbox(f"http://127.0.0.1:{port}", smtp_port)


@pytest.fixture(scope="session")
def pgmq_url(database_server: Postgres) -> str:
    create_mail_queue(database_server)
    url = database_server.url("mailqueue", "notifications_app")
    with psycopg.connect(url) as connection:
        connection.execute("SELECT pgmq.create('mail')")
    return url.replace("postgresql", "pgmq", 1)


@pytest.fixture(scope="session")
def rabbitmq_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not is_installed():
        pytest.skip("RabbitMQ is not installed: apt-get install rabbitmq-server")
    with rabbitmq(tmp_path_factory.mktemp("rabbitmq") / "data") as server:
        yield server.url


@pytest.fixture(scope="session")
def make_settings(
    migrated: Callable[[str], str], nats_url: str, signer: Signer, mailbox: Mailbox, pgmq_url: str
) -> MakeSettings:
    def make(**changed: Any) -> NotificationsSettings:
        told = {
            "database_url": migrated("notifications"),
            "nats_url": nats_url,
            "public_keys": signer.public_keys,
            "broker_url": pgmq_url,
            "smtp_port": mailbox.smtp_port,
            "sink_url": mailbox.url,
            "sending_lasts_seconds": 2,
            "link_secret": LINK_SECRET,
            "embedded": True,
        }
        return NotificationsSettings.model_validate(told | changed)

    return make


@pytest.fixture(scope="session")
def start_mailer(tmp_path_factory: pytest.TempPathFactory) -> StartMailer:
    @asynccontextmanager
    async def running_mailer(settings: NotificationsSettings) -> AsyncIterator[Process]:
        told = settings.model_dump(mode="json", exclude_none=True, exclude={"service"})
        program = Program(
            name="mailer",
            module="notifications.mailer",
            environment={f"BOOKLY_{name.upper()}": str(value) for name, value in told.items()},
            grace_seconds=15,
        )
        mailer = start(program, tmp_path_factory.mktemp("mailer") / "mailer.log")
        try:
            yield mailer
        finally:
            # Quicker than asking, and it must bear that.
            mailer.kill()
            await asyncio.to_thread(mailer.stop)

    return running_mailer


@pytest.fixture(params=["pgmq", "rabbitmq"], scope="module")
def broker_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="module")
async def notifications(
    broker_url: str, make_settings: MakeSettings, start_mailer: StartMailer
) -> AsyncIterator[httpx2.AsyncClient]:
    """The API, with a worker and a mailer, on each broker there is."""
    settings = make_settings(broker_url=broker_url)
    async with (
        start_mailer(settings),
        served(main.create(settings)) as client,
        served(worker.create(settings)),
    ):
        yield client


@pytest.fixture(scope="session")
def forget_unsent(database_server: Postgres) -> Callable[[], None]:
    """What a test has left queued is nothing for the mailers of the next."""

    def forget() -> None:
        with database_server.connect("notifications") as database:
            database.execute("DELETE FROM messages WHERE state IN ('queued', 'sending')")
        with database_server.connect("mailqueue") as queue:
            queue.execute("SELECT pgmq.purge_queue('mail')")

    return forget


@pytest.fixture(scope="session")
async def listening(make_settings: MakeSettings) -> AsyncIterator[httpx2.AsyncClient]:
    """The API, and a worker that hears and hands nothing over."""
    settings = make_settings()
    due = partial(do_what_is_due, DUE_WORK)
    loops = loops_of(SUBSCRIPTIONS, requests={}, own=[metrics.measure, due])
    hears = create_app(settings, loops=loops)
    with pytest.MonkeyPatch.context() as often:
        often.setattr(metrics, "LOOKED_EVERY_SECONDS", 0.5)
        async with served(main.create(settings)) as client, served(hears):
            yield client


@pytest.fixture(scope="module")
def unsent(
    listening: httpx2.AsyncClient, forget_unsent: Callable[[], None]
) -> Iterator[httpx2.AsyncClient]:
    """What is queued stays queued."""
    yield listening
    forget_unsent()


SEVERAL_LOOKS_SECONDS = 0.5
"""For what is due, where a test says that nothing is."""


class MovedClock:
    """Time as the tests of boundaries want it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def set(self, instant: datetime) -> None:
        self.path.write_text(instant.isoformat())


@pytest.fixture(scope="session")
def clock_file(tmp_path_factory: pytest.TempPathFactory) -> MovedClock:
    clock = MovedClock(tmp_path_factory.mktemp("clock") / "now")
    clock.set(datetime.now(UTC))
    return clock


@pytest.fixture
def clock(clock_file: MovedClock) -> Iterator[MovedClock]:
    clock_file.set(datetime.now(UTC))
    yield clock_file
    clock_file.set(datetime.now(UTC))


@pytest.fixture(scope="module")
async def timed(
    make_settings: MakeSettings, clock_file: MovedClock, unsent: httpx2.AsyncClient
) -> AsyncIterator[httpx2.AsyncClient]:
    """The API in real time, and a worker without a mailer in the time of `clock`."""
    moved = make_settings(clock=clock_file.path)
    app = create_app(moved, loops=[partial(do_what_is_due, DUE_WORK)])
    with pytest.MonkeyPatch.context() as often:
        often.setattr(due_rows, "POLL_SECONDS", 0.1)
        async with served(app):
            yield unsent


@pytest.fixture
def studio(nats_url: str) -> Studio:
    return Studio(nats_url)


@pytest.fixture
def reader(
    unsent: httpx2.AsyncClient, studio: Studio, signer: Signer, make_settings: MakeSettings
) -> Reader:
    return Reader(unsent, studio, signer, make_settings().database_url)
