"""One reader is told of one booking by one mail after the other, never by two at once."""

import asyncio
from typing import Any
from uuid import UUID

import httpx2
import pytest

from chassis.clock import system_clock
from chassis.testing import eventually
from notifications.delivery import ledger
from notifications.delivery.sender import Sender
from notifications.settings import NotificationsSettings
from notifications.testing import Studio, lesson, messages_of
from services.notifications.tests.conftest import MakeSettings
from services.notifications.tests.test_delivery import MailServer, mail_server
from stack.signer import Signer

__all__ = ["mail_server"]


class Line:
    """What is queued for one reader of one booking, and senders of it."""

    def __init__(
        self,
        api: httpx2.AsyncClient,
        studio: Studio,
        member: dict[str, str],
        settings: NotificationsSettings,
    ) -> None:
        self._api, self._studio, self._member = api, studio, member
        self.settings = settings

    async def rows(self, count: int) -> list[dict[str, Any]]:
        """Oldest version first."""

        async def as_many() -> list[dict[str, Any]]:
            found = await messages_of(self._api, self._member)
            return found if len(found) == count else []

        found = await eventually(as_many)
        kinds = ["appointment_confirmed", "appointment_cancelled"]
        return sorted(found, key=lambda row: kinds.index(row["kind"]))

    async def deliver(self, row: dict[str, Any]) -> None:
        sender = Sender(self.settings, system_clock)
        await asyncio.to_thread(sender.deliver, self._studio.business_id, UUID(row["id"]))

    async def states(self) -> list[str]:
        return [row["state"] for row in await self.rows(2)]


@pytest.fixture
def line(
    unsent: httpx2.AsyncClient,
    studio: Studio,
    signer: Signer,
    make_settings: MakeSettings,
    mail_server: MailServer,
) -> Line:
    settings = make_settings(smtp_port=mail_server.port, sink_url=None)
    return Line(unsent, studio, signer.bearer(studio.business_id), settings)


def methods(mail_server: MailServer) -> list[str]:
    unquoted = (mail.replace(b'"', b"") for mail in mail_server.taken)
    return ["CANCEL" if b"method=CANCEL" in mail else "REQUEST" for mail in unquoted]


async def test_the_later_waits_for_the_sooner(
    line: Line, studio: Studio, mail_server: MailServer
) -> None:
    booked = lesson()
    await studio.tell(studio.confirmed(booked), studio.cancelled(booked))
    confirmed, cancelled = await line.rows(2)
    await line.deliver(cancelled)
    assert await line.states() == ["queued", "queued"]
    assert mail_server.taken == []
    await line.deliver(confirmed)
    await line.deliver(cancelled)
    assert await line.states() == ["sent", "sent"]
    assert methods(mail_server) == ["REQUEST", "CANCEL"]


async def test_two_of_one_line_are_not_under_way_at_once(
    line: Line, studio: Studio, mail_server: MailServer
) -> None:
    booked = lesson()
    await studio.tell(studio.confirmed(booked), studio.cancelled(booked))
    confirmed, cancelled = await line.rows(2)
    mail_server.lasts_seconds = 0.5
    await asyncio.gather(
        line.deliver(confirmed),
        *(line.deliver(cancelled) for _ in range(3)),
        line.deliver(confirmed),
    )
    await line.deliver(cancelled)
    assert methods(mail_server) == ["REQUEST", "CANCEL"]


async def test_the_sooner_that_comes_late_waits_for_what_is_perhaps_on_its_way(
    line: Line, studio: Studio, mail_server: MailServer
) -> None:
    booked = lesson()
    await studio.tell(studio.cancelled(booked))
    (cancelled,) = await line.rows(1)
    mail_server.hangs_up = True
    await line.deliver(cancelled)
    await studio.tell(studio.confirmed(booked))
    confirmed, cancelled = await line.rows(2)
    assert (confirmed["state"], cancelled["state"]) == ("queued", "sending")
    await line.deliver(confirmed)
    assert (await line.states())[0] == "queued"
    mail_server.hangs_up = False
    await line.deliver(cancelled)
    await line.deliver(confirmed)
    confirmed, cancelled = await line.rows(2)
    assert (confirmed["state"], cancelled["state"]) == ("failed", "sent")
    assert confirmed["failed_reason"] == "A later message says otherwise."


async def test_one_reader_does_not_wait_for_another(
    line: Line, studio: Studio, mail_server: MailServer
) -> None:
    booked = lesson()
    elsewhere = booked.model_copy(update={"customer_email": "somebody.else@example.com"})
    await studio.tell(studio.confirmed(booked), studio.cancelled(elsewhere))
    _, cancelled = await line.rows(2)
    await line.deliver(cancelled)
    assert await line.states() == ["queued", "sent"]


async def test_who_waits_too_long_for_the_line_leaves_the_mail_to_the_next_hand_over(
    line: Line, studio: Studio, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "OTHER_SENDER_MAY_TAKE_SECONDS", 0.2)
    booked = lesson()
    await studio.tell(studio.confirmed(booked), studio.cancelled(booked))
    confirmed, cancelled = await line.rows(2)
    mail_server.lasts_seconds = 1
    await asyncio.gather(line.deliver(confirmed), line.deliver(confirmed), line.deliver(cancelled))
    assert await line.states() == ["sent", "queued"]
    await line.deliver(cancelled)
    assert methods(mail_server) == ["REQUEST", "CANCEL"]


async def test_what_another_process_has_just_begun_is_not_crossed(
    line: Line, studio: Studio, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sooner arrives between the look of the other process and its commit."""
    monkeypatch.setattr(ledger, "OTHER_SENDER_MAY_TAKE_SECONDS", 0.3)
    booked = lesson()
    await studio.tell(studio.cancelled(booked))
    (cancelled,) = await line.rows(1)
    message = ledger.Address(studio.business_id, UUID(cancelled["id"]))
    values = {"business_id": message.business_id, "id": message.id, "sending_lasts_seconds": 30}
    with (
        ledger.connect(line.settings.database_url) as other,
        ledger.only_sender(other, message) as alone,
        other.transaction(),
    ):
        assert alone
        other.execute("SELECT set_config('app.business_id', %s, true)", (str(message.business_id),))
        assert other.execute(ledger.TAKE, values).fetchone()
        await studio.tell(studio.confirmed(booked))
        confirmed, _ = await line.rows(2)
        await line.deliver(confirmed)
    assert mail_server.taken == []
    assert await line.states() == ["queued", "sending"]
