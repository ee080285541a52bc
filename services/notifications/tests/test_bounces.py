"""Addresses that nobody has, and what is counted of mails."""

import asyncio
from uuid import UUID

import nats
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from chassis.clock import system_clock
from chassis.testing import eventually
from contracts.notifications import MailBounced
from contracts.pilates import PackageChanged, PackageSold
from notifications.delivery.sender import Sender
from notifications.settings import NotificationsSettings
from notifications.testing import Studio
from services.notifications.tests.conftest import MakeSettings
from services.notifications.tests.reading import Reader, Told
from services.notifications.tests.test_delivery import MailServer, mail_server
from services.notifications.tests.told import moved, package, tell

__all__ = ["mail_server"]

NOBODY = "550 5.1.1 no such person"


@pytest.fixture
def settings(make_settings: MakeSettings, mail_server: MailServer) -> NotificationsSettings:
    return make_settings(smtp_port=mail_server.port, sink_url=None)


async def deliver(settings: NotificationsSettings, studio: Studio, message: Told) -> None:
    sender = Sender(settings, system_clock)
    await asyncio.to_thread(sender.deliver, studio.business_id, UUID(message["id"]))


def refusing(mail_server: MailServer, answer: str | None) -> None:
    async def handle_rcpt(
        _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    mail_server.handle_RCPT = handle_rcpt  # type: ignore[attr-defined]


async def test_a_refused_address_is_told_of_and_only_written_to_where_that_must_be(
    reader: Reader,
    studio: Studio,
    settings: NotificationsSettings,
    mail_server: MailServer,
    nats_url: str,
) -> None:
    heard: list[MailBounced] = []

    async def hear(message: nats.aio.msg.Msg) -> None:
        heard.append(MailBounced.model_validate_json(message.data))

    connection = await nats.connect(nats_url)
    await connection.subscribe(f"{MailBounced.subject}.{studio.business_id}", cb=hear)
    await connection.flush()
    sold = package()
    to = str(sold.customer_email)
    await tell(studio, PackageSold, package=sold)
    (receipt,) = await reader.told(recipient=to)
    refusing(mail_server, NOBODY)
    await deliver(settings, studio, receipt)
    failed = await reader.read(receipt["id"])
    assert (failed["state"], failed["failed_reason"]) == ("failed", NOBODY)

    async def told() -> bool:
        return bool(heard)

    await eventually(told)
    assert (heard[0].email, heard[0].reason, heard[0].customer_id) == (
        to,
        NOBODY,
        sold.customer_id,
    )
    await connection.close()
    # A nudge is not worth it; what was bought is.
    low = package(balance=1, version=2, customer_email=to)
    await tell(studio, PackageChanged, package=low)
    again = package(customer_email=to)
    await tell(studio, PackageSold, package=again)
    (second,) = await reader.told(recipient=to, about=str(again.id))
    marker = package(balance=1, version=2)
    await tell(studio, PackageChanged, package=marker)
    await reader.told(about=str(marker.id))
    assert await reader.all(recipient=to, kind="package_low") == []
    # Once a mail is taken the address is as good as any.
    refusing(mail_server, None)
    await deliver(settings, studio, second)
    assert (await reader.read(second["id"]))["state"] == "sent"
    await tell(studio, PackageChanged, package=moved(package(balance=1), customer_email=to))
    await reader.told(recipient=to, kind="package_low")


async def test_a_mail_that_is_refused_for_what_it_says_is_no_bounce(
    reader: Reader, studio: Studio, settings: NotificationsSettings, mail_server: MailServer
) -> None:
    sold = package()
    await tell(studio, PackageSold, package=sold)
    (receipt,) = await reader.told(recipient=str(sold.customer_email))
    mail_server.answer = "554 spam"
    await deliver(settings, studio, receipt)
    assert (await reader.read(receipt["id"]))["failed_reason"] == "554 spam"
    low = package(balance=1, version=2, customer_email=sold.customer_email)
    await tell(studio, PackageChanged, package=low)
    await reader.told(kind="package_low")


async def test_a_letter_that_was_given_up_is_sent_again_by_hand(
    reader: Reader, studio: Studio, settings: NotificationsSettings, mail_server: MailServer
) -> None:
    sold = package()
    await tell(studio, PackageSold, package=sold)
    (receipt,) = await reader.told(recipient=str(sold.customer_email))
    refusing(mail_server, NOBODY)
    await deliver(settings, studio, receipt)
    (dead,) = await reader.all(state="failed")
    refusing(mail_server, None)
    again = await reader.api.post(f"/api/messages/{dead['id']}/resend", headers=reader.owner)
    assert (again.status_code, again.json()["copy"]) == (201, 1)
    await deliver(settings, studio, again.json())
    assert len(mail_server.taken) == 1


async def test_messages_are_counted_and_the_wait_of_the_oldest_measured(
    reader: Reader, studio: Studio
) -> None:
    await tell(studio, PackageSold, package=package())
    await reader.told(1)

    async def counted() -> bool:
        lines = dict(
            line.rsplit(" ", 1)
            for line in (await reader.api.get("/metrics")).text.splitlines()
            if line.startswith("bookly_messages")
        )
        return (
            float(lines.get('bookly_messages{state="queued"}', 0)) >= 1
            and float(lines.get("bookly_messages_lag_seconds", 0)) > 0
        )

    await eventually(counted)
