"""A broker that is away, or that forgets: the row is the truth, so nothing is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from urllib.parse import urlsplit

import psycopg
import pytest

from chassis.testing import eventually, served
from notifications import main, worker
from notifications.messages import dispatch
from notifications.settings import NotificationsSettings
from notifications.testing import Mailbox, Studio, messages_of
from stack.processes import Process
from stack.signer import Signer

MakeSettings = Callable[..., NotificationsSettings]
StartMailer = Callable[[NotificationsSettings], AbstractAsyncContextManager[Process]]


class Gate:
    """Stands before a server; shut, it is as if the server were gone."""

    def __init__(self, host: str, port: int) -> None:
        self._server_at = (host, port)
        self._lines: set[asyncio.StreamWriter] = set()
        self._door: asyncio.Server | None = None
        self.port = 0

    async def open(self) -> None:
        self._door = await asyncio.start_server(self._connect, "127.0.0.1", self.port)
        self.port = self._door.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        assert self._door is not None
        self._door.close()
        for line in self._lines:
            line.transport.abort()
        self._lines.clear()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self._server_at)
        self._lines |= {writer, back}
        await asyncio.gather(pump(reader, back), pump(there, writer))


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


@pytest.fixture
async def gate(rabbitmq_url: str) -> AsyncIterator[Gate]:
    server = urlsplit(rabbitmq_url)
    gate = Gate(server.hostname or "", server.port or 0)
    await gate.open()
    yield gate
    await gate.shut()


async def test_what_happens_while_rabbitmq_is_away_is_said_when_it_is_back(
    gate: Gate,
    rabbitmq_url: str,
    make_settings: MakeSettings,
    start_mailer: StartMailer,
    studio: Studio,
    mailbox: Mailbox,
    signer: Signer,
) -> None:
    through = rabbitmq_url.replace(f":{urlsplit(rabbitmq_url).port}/", f":{gate.port}/")
    settings = make_settings(broker_url=through)
    async with (
        start_mailer(settings),
        served(main.create(settings)) as api,
        served(worker.create(settings)),
    ):
        first = await studio.confirm()
        await mailbox.first_mail(first.customer_email)
        await gate.shut()
        booked = [await studio.confirm() for _ in range(5)]

        async def queued() -> bool:
            member = signer.bearer(studio.business_id)
            return len(await messages_of(api, member, state="queued")) == 5

        await eventually(queued)
        await gate.open()
        for appointment in booked:
            await mailbox.first_mail(appointment.customer_email)
    assert [len(await mailbox.mails(one.customer_email)) for one in booked] == [1] * 5


async def test_an_id_that_the_broker_lost_is_handed_over_again(
    pgmq_url: str,
    make_settings: MakeSettings,
    start_mailer: StartMailer,
    studio: Studio,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dispatch, "HAND_AGAIN_SECONDS", 1)
    settings = make_settings()
    async with served(worker.create(settings)):
        booked = await studio.confirm()
        with psycopg.connect(pgmq_url.replace("pgmq:", "postgresql:"), autocommit=True) as broker:

            async def lost() -> bool:
                return broker.execute("SELECT pgmq.purge_queue('mail')").fetchone() != (0,)

            await eventually(lost)
        async with start_mailer(settings):
            await mailbox.first_mail(booked.customer_email)


async def test_the_trace_of_the_event_goes_on_in_the_broker(
    pgmq_url: str, make_settings: MakeSettings, studio: Studio
) -> None:
    settings = make_settings()
    row = "SELECT id::text, headers ->> 'traceparent' FROM messages"
    carried = "SELECT message #>> '{headers,traceparent}' FROM pgmq.q_mail WHERE message::text ~ %s"
    broker_url = pgmq_url.replace("pgmq:", "postgresql:")
    async with served(worker.create(settings)):
        await studio.confirm()
        with (
            psycopg.connect(settings.database_url, autocommit=True) as database,
            psycopg.connect(broker_url, autocommit=True) as broker,
        ):
            whose = f"SELECT set_config('app.business_id', '{studio.business_id}', false)"
            database.execute(whose.encode())

            async def both() -> tuple[str, str] | None:
                queued = database.execute(row).fetchone()
                handed = queued and broker.execute(carried, (queued[0],)).fetchone()
                return (queued[1], handed[0]) if queued and handed else None

            found = await eventually(both)
    assert found is not None
    in_row, at_broker = found
    assert in_row.split("-")[1] == at_broker.split("-")[1]
