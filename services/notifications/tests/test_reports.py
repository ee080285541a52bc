"""Reports that come back by SMTP, days after a mail was taken: RFC 3464, at signed addresses."""

import asyncio
import smtplib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from chassis.app import create_app
from chassis.clock import system_clock
from chassis.testing import eventually, served
from contracts.pilates import PackageChanged, PackageSold
from notifications.bounces.intake import take_reports
from notifications.bounces.return_address import return_address
from notifications.delivery.sender import Sender
from notifications.mails.links import Message
from notifications.settings import NotificationsSettings
from notifications.testing import Studio
from services.notifications.tests.conftest import MakeSettings
from services.notifications.tests.reading import Reader
from services.notifications.tests.test_delivery import MailServer, mail_server
from services.notifications.tests.told import moved, package, tell
from stack.ports import free_ports

__all__ = ["mail_server"]

DOMAIN = "returns.bookly.example"
UNKNOWN = "smtp; 550 5.1.1 <ana@example.com> no such\tperson"


def report(status: str = "5.1.1", action: str = "failed", said: str = UNKNOWN) -> str:
    return f"""From: Mail Delivery System <mailer-daemon@mx.example.com>
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=part"

--=part
Content-Type: text/plain

Your mail could not be delivered.
--=part
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; somebody-else@example.com
Action: {action}
Status: {status}
Diagnostic-Code: {said}

--=part
Content-Type: text/rfc822-headers

Subject: Your place is booked
--=part--
"""


@dataclass
class Returns:
    """A mail server far away, which has taken our mails and now says what became of them."""

    settings: NotificationsSettings
    reader: Reader
    mail_server: MailServer
    address: str = ""
    message_id: str = ""
    recipient: str = ""

    async def send(self, content: str | bytes, to: str = "", sender: str = "") -> int:
        """What the intake answers."""
        data = content.encode() if isinstance(content, str) else content
        data = data.replace(b"\n", b"\r\n")

        def sent() -> int:
            with smtplib.SMTP("127.0.0.1", self.settings.reports_port, timeout=10) as line:
                try:
                    line.sendmail(sender, [to or self.address], data)
                except smtplib.SMTPRecipientsRefused as refused:
                    return next(iter(refused.recipients.values()))[0]
                except smtplib.SMTPResponseException as refused:
                    return refused.smtp_code
            return 250

        return await asyncio.to_thread(sent)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.reader.database_url) as connection:
            whose = (str(self.reader.studio.business_id),)
            connection.execute("SELECT set_config('app.business_id', %s, true)", whose)
            return connection.execute(query.encode()).fetchall()

    def bounces(self) -> list[tuple[Any, ...]]:
        return self.rows("SELECT email::text, reason FROM bounces")

    def told(self) -> list[tuple[Any, ...]]:
        return self.rows(
            "SELECT body::json ->> 'email', body::json ->> 'message_id' FROM outbox"
            " WHERE address ="
            f" 'notifications.mail.bounced.v1.{self.reader.studio.business_id}'"
        )

    async def mail(self, **sold: Any) -> str:
        """One that was taken; returns from which address."""
        seen: list[str] = []

        async def handle_data(_server: SMTP, _session: Session, envelope: Envelope) -> str:
            seen.append(envelope.mail_from or "")
            return "250 kept"

        self.mail_server.handle_DATA = handle_data  # type: ignore[method-assign]
        bought = package(**sold)
        await tell(self.reader.studio, PackageSold, package=bought)
        (receipt,) = await self.reader.told(about=str(bought.id))
        sender = Sender(self.settings, system_clock)
        id_ = UUID(receipt["id"])
        await asyncio.to_thread(sender.deliver, self.reader.studio.business_id, id_)
        assert (await self.reader.read(receipt["id"]))["state"] == "sent"
        [self.address] = seen
        self.message_id, self.recipient = receipt["id"], receipt["recipient"]
        return self.address


@pytest.fixture(scope="module")
def reports_port() -> int:
    return free_ports(1)[0]


@pytest.fixture(scope="module")
async def intake(
    make_settings: MakeSettings, reports_port: int
) -> AsyncIterator[NotificationsSettings]:
    settings = make_settings(return_domain=DOMAIN, reports_port=reports_port, sink_url=None)
    async with served(create_app(settings, loops=[take_reports])):
        yield settings


@pytest.fixture
async def returns(
    intake: NotificationsSettings, reader: Reader, mail_server: MailServer
) -> Returns:
    settings = intake.model_copy(update={"smtp_port": mail_server.port})
    found = Returns(settings, reader, mail_server)
    await found.mail()
    return found


async def test_a_mail_comes_from_an_address_of_its_own(returns: Returns) -> None:
    local, _, domain = returns.address.partition("@")
    assert (len(local), local, domain) == (64, local.lower(), DOMAIN)
    assert await returns.mail() != f"{local}@{domain}"


async def test_a_permanent_report_is_kept_and_told_once(returns: Returns, studio: Studio) -> None:
    answers = await asyncio.gather(*(returns.send(report()) for _ in range(4)))
    assert answers == [250] * 4
    reason = "5.1.1 smtp; 550 5.1.1 <ana@example.com> no such person"
    assert returns.bounces() == [(returns.recipient, reason)]

    async def told() -> bool:
        return bool(returns.told())

    await eventually(told)
    first = (returns.recipient, returns.message_id)
    assert await returns.send(report("5.2.1"), returns.address.upper()) == 250
    # A nudge is not worth it; what was bought is, and that its server takes it says nothing yet.
    low = package(balance=1, version=2, customer_email=returns.recipient)
    await tell(studio, PackageChanged, package=low)
    await returns.mail(customer_email=returns.recipient)
    low = package(balance=1, version=2, customer_email=returns.recipient)
    await tell(studio, PackageChanged, package=low)
    marker = package(balance=1, version=2)
    await tell(studio, PackageChanged, package=marker)
    await returns.reader.told(about=str(marker.id))
    assert await returns.reader.all(recipient=returns.recipient, kind="package_low") == []
    assert returns.told() == [first]


async def test_a_month_later_a_mail_that_is_taken_gives_it_another_chance(
    returns: Returns, studio: Studio
) -> None:
    await returns.send(report())
    recipient = returns.recipient
    long_ago = datetime.now().astimezone() - timedelta(days=31)
    with psycopg.connect(returns.reader.database_url) as connection:
        whose = (str(studio.business_id),)
        connection.execute("SELECT set_config('app.business_id', %s, true)", whose)
        connection.execute("UPDATE bounces SET at = %s", (long_ago,))
    await returns.mail(customer_email=recipient)
    assert returns.bounces() == []
    await tell(studio, PackageChanged, package=moved(package(balance=1), customer_email=recipient))
    await returns.reader.told(recipient=recipient, kind="package_low")


@pytest.mark.parametrize(
    ("status", "action"),
    [
        ("4.4.1", "delayed"),
        ("4.4.7", "failed"),
        ("5.1.1", "delayed"),
        ("2.0.0", "delivered"),
        ("2.0.0", "relayed"),
        ("5.7.1", "failed"),
        ("5.6.0", "failed"),
        ("5.1", "failed"),
        ("5.1.1.1", "failed"),
        ("05.1.1", "failed"),
    ],
)
async def test_what_is_not_final_or_not_for_want_of_a_reader_is_thanked_for_and_no_more(
    returns: Returns, status: str, action: str
) -> None:
    assert await returns.send(report(status, action)) == 250
    assert returns.bounces() == []


async def test_an_address_that_nobody_has_signed_takes_nothing(returns: Returns) -> None:
    local, _, domain = returns.address.partition("@")
    swapped = ("b" if local[0] == "a" else "a") + local[1:]
    forged = return_address(
        Message(returns.reader.studio.business_id, UUID(returns.message_id)), DOMAIN, "x" * 32
    )
    for odd in (
        f"{swapped}@{domain}",
        f"{local[:-1]}{'b' if local[-1] == 'a' else 'a'}@{domain}",
        f"{local}@another.example",
        f"{local[:-8]}@{domain}",
        f"{local}a@{domain}",
        f"postmaster@{domain}",
        forged,
    ):
        assert await returns.send(report(), odd) in (550, 553), odd
    assert returns.bounces() == []


async def test_a_mail_that_does_not_exist_or_was_forgotten_is_no_bounce(returns: Returns) -> None:
    secret = returns.settings.link_secret
    whose = returns.reader.studio.business_id
    for message in (Message(whose, uuid4()), Message(uuid4(), UUID(returns.message_id))):
        assert await returns.send(report(), return_address(message, DOMAIN, secret)) == 250
    assert returns.bounces() == []


DEEP = "".join(
    f'Content-Type: multipart/report; report-type=delivery-status; boundary="{n}"\n\n--{n}\n'
    for n in range(1500)
)


@pytest.mark.parametrize(
    "content",
    [
        report() + ("x" * 76 + "\n") * 4000,
        DEEP,
        "Subject: I am away\n\nUntil Monday.\n",
        report().replace("report-type=delivery-status", "report-type=feedback-report"),
        report().replace("message/delivery-status", "text/plain"),
        report().replace("Status:", "State:"),
        report().replace("multipart/report", "multipart/mixed"),
        report().replace('boundary="=part"', 'boundary="=other"'),
        "",
        b"\xff\xfe\x00" * 100,
        b"Content-Type: multipart/report; report-type*=klingon'x'%ff; boundary*=utf-8''%00\n\n--\n",
    ],
)
async def test_what_is_huge_or_no_report_is_refused_and_changes_nothing(
    returns: Returns, content: str | bytes
) -> None:
    assert await returns.send(content) in (550, 552)
    assert returns.bounces() == []


async def test_a_report_in_odd_letters_is_kept_as_one_line(returns: Returns) -> None:
    said = "smtp; 550 \u202enobody\x00\x07 =?utf-8?q?x?= " + "\u00e9" * 400
    assert await returns.send(report(said=said)) == 250
    [(_, reason)] = returns.bounces()
    assert len(reason) <= 300
    assert reason.isprintable()


async def test_one_address_at_a_time(returns: Returns) -> None:
    first = returns.address
    second = await returns.mail()

    def answers() -> list[int]:
        with smtplib.SMTP("127.0.0.1", returns.settings.reports_port, timeout=10) as line:
            line.helo()
            line.mail("")
            return [line.rcpt(to)[0] for to in (first, second)]

    assert await asyncio.to_thread(answers) == [250, 452]


async def test_while_it_is_being_sent_a_report_is_asked_for_again(returns: Returns) -> None:
    with psycopg.connect(returns.reader.database_url) as connection:
        whose = (str(returns.reader.studio.business_id),)
        connection.execute("SELECT set_config('app.business_id', %s, true)", whose)
        connection.execute(
            "UPDATE messages SET state = 'sending', next_attempt_at = now() + interval '1 hour'"
            " WHERE id = %s",
            (returns.message_id,),
        )
    assert await returns.send(report()) == 451
    assert returns.bounces() == []


async def test_without_a_domain_mails_come_from_one_address_and_nobody_listens(
    make_settings: MakeSettings, reader: Reader, mail_server: MailServer
) -> None:
    port = free_ports(1)[0]
    settings = make_settings(smtp_port=mail_server.port, sink_url=None, reports_port=port)
    found = Returns(settings, reader, mail_server)
    async with served(create_app(settings, loops=[take_reports])):
        assert await found.mail() == settings.sender
        with pytest.raises(ConnectionRefusedError):
            await found.send(report())
