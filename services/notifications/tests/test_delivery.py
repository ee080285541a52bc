"""What becomes of a message when the mail server is difficult."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from chassis.testing import eventually
from notifications.delivery.sender import Sender
from notifications.settings import NotificationsSettings
from notifications.testing import Studio, messages_of
from stack.ports import free_ports
from stack.signer import Signer

MakeSettings = Callable[..., NotificationsSettings]


class MailServer:
    """Answers DATA as it is told to, and remembers what it took."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answer = "250 kept"
        self.lasts_seconds = 0.0
        self.hangs_up = False
        self.taken: list[bytes] = []

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(self.lasts_seconds)
        if self.answer.startswith("250"):
            self.taken.append(envelope.original_content or b"")
        if self.hangs_up:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return self.answer


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer(free_ports(1)[0])
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    yield server
    controller.stop()


class Desk:
    """One queued message, and a sender for it."""

    def __init__(self, api: httpx2.AsyncClient, studio: Studio, member: dict[str, str]) -> None:
        self._api = api
        self._member = member
        self._studio = studio
        self.now = datetime.now(UTC)

    async def row(self) -> dict[str, Any]:
        return (await eventually(lambda: messages_of(self._api, self._member)))[0]

    async def deliver(self, settings: NotificationsSettings) -> dict[str, Any]:
        id_ = UUID((await self.row())["id"])
        sender = Sender(settings, lambda: self.now)
        await asyncio.to_thread(sender.deliver, self._studio.business_id, id_)
        return await self.row()


@pytest.fixture
async def desk(unsent: httpx2.AsyncClient, studio: Studio, signer: Signer) -> Desk:
    await studio.confirm()
    return Desk(unsent, studio, signer.bearer(studio.business_id))


@pytest.fixture
def settings(make_settings: MakeSettings, mail_server: MailServer) -> NotificationsSettings:
    return make_settings(smtp_port=mail_server.port, sink_url=None)


async def test_a_refusal_for_now_puts_the_message_off(
    desk: Desk, settings: NotificationsSettings, mail_server: MailServer
) -> None:
    mail_server.answer = "451 greylisted"
    before = datetime.now(UTC)
    row = await desk.deliver(settings)
    assert (row["state"], row["attempts"]) == ("queued", 1)
    assert row["failed_reason"] == "451 greylisted"
    assert datetime.fromisoformat(row["next_attempt_at"]) > before + timedelta(seconds=3)


async def test_a_message_that_was_put_off_is_not_sent_early(
    desk: Desk, settings: NotificationsSettings, mail_server: MailServer
) -> None:
    mail_server.answer = "451 greylisted"
    await desk.deliver(settings)
    mail_server.answer = "250 kept"
    assert (await desk.deliver(settings))["attempts"] == 1
    assert mail_server.taken == []


async def test_a_refusal_for_good_fails_the_message_with_its_reason(
    desk: Desk, settings: NotificationsSettings, mail_server: MailServer
) -> None:
    mail_server.answer = "550 no such person"
    row = await desk.deliver(settings)
    assert (row["state"], row["failed_reason"]) == ("failed", "550 no such person")
    assert row["next_attempt_at"] is None


async def test_tries_come_to_an_end(
    desk: Desk, make_settings: MakeSettings, mail_server: MailServer
) -> None:
    mail_server.answer = "451 not today"
    row = await desk.deliver(
        make_settings(smtp_port=mail_server.port, sink_url=None, mail_attempts=1)
    )
    assert (row["state"], row["failed_reason"]) == ("failed", "451 not today")


async def test_nobody_there_puts_the_message_off(desk: Desk, make_settings: MakeSettings) -> None:
    row = await desk.deliver(make_settings(smtp_port=free_ports(1)[0]))
    assert (row["state"], row["attempts"]) == ("queued", 1)


async def test_a_doubtful_mail_is_sent_again_with_the_same_message_id(
    desk: Desk, settings: NotificationsSettings, mail_server: MailServer
) -> None:
    mail_server.hangs_up = True
    assert (await desk.deliver(settings))["state"] == "sending"
    mail_server.hangs_up = False
    assert (await desk.deliver(settings))["state"] == "sent"
    first, second = mail_server.taken
    assert first.partition(b"\r\n")[0] == second.partition(b"\r\n")[0]
    assert first.startswith(b"Message-ID: <")


async def test_two_senders_of_one_message_send_it_once(
    desk: Desk, settings: NotificationsSettings, mail_server: MailServer
) -> None:
    mail_server.lasts_seconds = 0.5
    await asyncio.gather(*(desk.deliver(settings) for _ in range(4)))
    assert len(mail_server.taken) == 1
    assert (await desk.row())["state"] == "sent"


async def test_what_is_over_when_its_turn_comes_is_not_sent(
    desk: Desk, settings: NotificationsSettings, mail_server: MailServer
) -> None:
    desk.now += timedelta(days=30)
    assert (await desk.deliver(settings))["state"] == "failed"
    assert mail_server.taken == []
