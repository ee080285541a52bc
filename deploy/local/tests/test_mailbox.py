import smtplib
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import httpx2
import pytest

from stack.ports import free_ports
from stack.probes import says_ready
from stack.processes import Process, running
from stack.programs import Program


class Mailbox:
    """The mailbox as its own process, on ports that stay when it is started again."""

    def __init__(self, home: Path) -> None:
        self.smtp_port, self.port = free_ports(2)
        self.log = home / "mailbox.log"
        self.program = Program(
            name="mailbox",
            module="stack.mailbox",
            environment={
                "BOOKLY_HOME": str(home),
                "BOOKLY_SMTP_PORT": str(self.smtp_port),
                "BOOKLY_PORT": str(self.port),
            },
            is_ready=says_ready(self.port),
        )

    def ask(self, path: str, **query: str) -> httpx2.Response:
        return httpx2.get(f"http://127.0.0.1:{self.port}{path}", params=query)


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    box = Mailbox(tmp_path)
    with running(box.program, box.log):
        yield box


def confirmation(message_id: str, subject: str = "Bestätigt: Reformer") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Core Berlin <studio@bookly.example>"
    mail["To"] = "Zoë <zoe@example.org>"
    mail["Subject"] = subject
    mail["Message-ID"] = message_id
    mail.set_content("Bis Dienstag, Zoë!")
    mail.add_alternative("<p>Bis <b>Dienstag</b>, Zoë!</p>", subtype="html")
    calendar = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"
    mail.add_attachment(calendar, subtype="calendar", filename="booking.ics")
    return mail


def send(mailbox: Mailbox, *mails: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", mailbox.smtp_port) as connection:
        for mail in mails:
            connection.send_message(mail)


def test_an_acknowledged_mail_is_found_by_its_message_id_after_a_crash(
    tmp_path: Path, crash: Callable[[Process], None]
) -> None:
    mailbox = Mailbox(tmp_path)
    with running(mailbox.program, mailbox.log) as process:
        send(mailbox, confirmation("<one@bookly>"), confirmation("<two@bookly>"))
        crash(process)
    with running(mailbox.program, mailbox.log):
        (found,) = mailbox.ask("/dev/mailbox.json", message_id="<two@bookly>").json()
        assert mailbox.ask("/mailbox.json", message_id="<three@bookly>").json() == []
    assert found["message_id"] == "<two@bookly>"
    assert found["to"] == ["zoe@example.org"]
    assert found["subject"] == "Bestätigt: Reformer"
    assert found["text"].strip() == "Bis Dienstag, Zoë!"
    assert "<b>Dienstag</b>" in found["html"]
    assert found["attachments"][0]["filename"] == "booking.ics"
    assert "METHOD:REQUEST" in found["attachments"][0]["text"]


def test_a_mail_sent_twice_is_there_twice(mailbox: Mailbox) -> None:
    send(mailbox, confirmation("<one@bookly>"), confirmation("<one@bookly>"))
    assert len(mailbox.ask("/mailbox.json", message_id="one@bookly").json()) == 2


def test_mails_are_listed_newest_first_and_found_by_recipient(mailbox: Mailbox) -> None:
    send(mailbox, confirmation("<one@bookly>"), confirmation("<two@bookly>"))
    mails = mailbox.ask("/mailbox.json", to="Zoe@Example.org").json()
    assert [mail["message_id"] for mail in mails] == ["<two@bookly>", "<one@bookly>"]
    assert mailbox.ask("/mailbox.json", to="somebody@example.org").json() == []


def test_a_hostile_mail_is_shown_without_running_anything(mailbox: Mailbox) -> None:
    send(mailbox, confirmation("<one@bookly>", subject="<script>alert(1)</script>"))
    overview = mailbox.ask("/dev/mailbox")
    (mail,) = mailbox.ask("/dev/mailbox.json").json()
    detail = mailbox.ask(f"/dev/mailbox/{mail['id']}")
    for page in (overview, detail):
        assert "<script" not in page.text
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert "sandbox=" in detail.text
    assert "METHOD:REQUEST" in detail.text


def test_an_emptied_mailbox_stays_empty(mailbox: Mailbox) -> None:
    send(mailbox, confirmation("<one@bookly>"))
    assert httpx2.delete(f"http://127.0.0.1:{mailbox.port}/dev/mailbox.json").status_code == 204
    assert mailbox.ask("/dev/mailbox.json").json() == []
