"""Processes are killed while strangers book: nothing is lost, nothing is done twice."""

import asyncio
import os
import signal
import time
from datetime import UTC, datetime

import httpx2
import pytest

from chassis.testing import eventually
from stack.testing import RunningStack
from tests.databases import differing_copies, rows
from tests.failpoints import TIMES, arm, fired
from tests.faults.crowd import Crowd
from tests.mailbox import Mailbox, invitation_of
from tests.studio import open_studio

CAUGHT_UP_SECONDS = 10
MAILED_SECONDS = 90
"""What was with the broker when it forgot is handed to it again after a minute."""
NOT_KILLED = {"supervisor"}

BOOKED = "SELECT id::text, customer_email::text, starts_at FROM appointments"
GUESTS = "SELECT email::text, id FROM customers WHERE email IS NOT NULL"
MESSAGES = "SELECT state, count(*) FROM messages WHERE recipient LIKE %(of)s GROUP BY state"
"""To guests; the studio is told by mails of its own."""
CLAIMED = "SELECT customer_email::text, customer_id FROM appointments"


@pytest.fixture
async def crowd(gateway: httpx2.AsyncClient, mailbox: Mailbox, in_full: bool) -> Crowd:
    await mailbox.empty()
    studio = await open_studio(gateway, people=5)
    return Crowd(studio, 500 if in_full else 120)


async def test_whoever_dies_at_a_failpoint_has_lost_and_doubled_nothing(
    stack: RunningStack, crowd: Crowd, mailbox: Mailbox
) -> None:
    arm(stack.home)
    await crowd.book()
    assert crowd.tries > crowd.size

    async def all_fired() -> bool:
        return fired(stack.home) == TIMES

    await eventually(all_fired, within_seconds=20)
    await check_everything(stack, crowd, mailbox)


async def test_every_process_may_be_killed_while_strangers_book(
    stack: RunningStack, crowd: Crowd, mailbox: Mailbox
) -> None:
    running = {file.stem for file in (stack.home / "pids").glob("*.pid")} - NOT_KILLED
    assert {"postgres", "nats", "gateway", "notifications-mailer"} <= running
    await see_a_mail_through(crowd.studio.gateway, mailbox)
    # RabbitMQ first, which takes ten seconds to come back.
    names = sorted(running, key=lambda name: (name != "rabbitmq", name))
    booking = asyncio.create_task(crowd.book())
    for number, name in enumerate(names, 1):
        await crowd.have_booked(number / (len(names) + 1))
        os.kill(stack.pid(name), signal.SIGKILL)
    await booking
    await check_everything(stack, crowd, mailbox)


async def see_a_mail_through(gateway: httpx2.AsyncClient, mailbox: Mailbox) -> None:
    """Killed in its very first boot, or with a queue that it has only just made, RabbitMQ may hang
    over half-made files, which is its own affair and not what we look at."""
    studio = await open_studio(gateway)
    email = f"first@{studio.slug}.example.com"
    booked = await studio.book(email, **studio.places(1)[0])
    assert booked.status_code == 201, booked.text
    await eventually(lambda: mailbox(email), within_seconds=90)


async def check_everything(stack: RunningStack, crowd: Crowd, mailbox: Mailbox) -> None:
    ended = time.monotonic()
    await check_appointments(stack, crowd)
    await eventually(lambda: caught_up(stack, crowd), within_seconds=CAUGHT_UP_SECONDS)
    print(f"caught up after {time.monotonic() - ended:.1f} s")  # noqa: T201
    await check_mails(stack, crowd, mailbox)
    print(f"mailed after {time.monotonic() - ended:.1f} s")  # noqa: T201


async def check_appointments(stack: RunningStack, crowd: Crowd) -> None:
    """What was acknowledged is in the table, and nothing else is."""
    acknowledged = sorted(
        (booked["id"], email, datetime.fromisoformat(booked["starts_at"]))
        for email, booked in crowd.answers.items()
    )
    table = rows(stack, "scheduling", crowd.studio.business_id, BOOKED)
    assert sorted((id_, email, at.astimezone(UTC)) for id_, email, at in table) == acknowledged
    assert len(acknowledged) == crowd.size


async def caught_up(stack: RunningStack, crowd: Crowd) -> bool:
    """Each guest is one customer of catalog's, and everybody's copies say so."""
    business = crowd.studio.business_id
    guests = rows(stack, "catalog", business, GUESTS)
    return (
        sorted(email for email, _ in guests) == sorted(crowd.answers)
        and sorted(rows(stack, "scheduling", business, CLAIMED)) == sorted(guests)
        and differing_copies(stack, business) == []
    )


async def check_mails(stack: RunningStack, crowd: Crowd, mailbox: Mailbox) -> None:
    """One for each booking, although whoever sends them was killed as well."""

    async def nothing_is_underway() -> bool:
        messages = rows(
            stack, "notifications", crowd.studio.business_id, MESSAGES, of=f"%{crowd.domain}"
        )
        return messages == [("sent", crowd.size)]

    await eventually(nothing_is_underway, within_seconds=MAILED_SECONDS)
    mails = [mail for mail in await mailbox() if crowd.domain in mail["to"][0]]
    assert len(mails) == crowd.size
    told = {mail["to"][0]: str(invitation_of(mail).walk("VEVENT")[0]["UID"]) for mail in mails}
    assert told == {email: booked["uid"] for email, booked in crowd.answers.items()}
