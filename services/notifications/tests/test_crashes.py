"""A mailer that dies while it sends: nothing is lost and nothing is sent twice."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx2
import pytest

from chassis.testing import eventually, served
from notifications import main, worker
from notifications.settings import NotificationsSettings
from notifications.testing import Mailbox, Studio, invited, lesson, messages_of
from stack.processes import Process
from stack.signer import Signer

MakeSettings = Callable[..., NotificationsSettings]
StartMailer = Callable[[NotificationsSettings], AbstractAsyncContextManager[Process]]


@pytest.fixture(scope="module")
async def notifications(
    broker_url: str, make_settings: MakeSettings
) -> AsyncIterator[httpx2.AsyncClient]:
    """The API and the worker; each test brings the mailer that it breaks."""
    settings = make_settings(broker_url=broker_url)
    async with served(main.create(settings)) as client, served(worker.create(settings)):
        yield client


async def all_sent(
    notifications: httpx2.AsyncClient, owner: dict[str, str], count: int
) -> list[int]:
    """How many attempts each message took, once all are sent."""

    async def attempts() -> list[int]:
        answer = await notifications.get("/api/messages", headers=owner, params={"state": "sent"})
        tried = [item["attempts"] for item in answer.json()["items"]]
        return tried if len(tried) == count else []

    return await eventually(attempts, within_seconds=60)


async def test_killed_before_and_after_the_mail_left_it_arrives_once(
    notifications: httpx2.AsyncClient,
    broker_url: str,
    make_settings: MakeSettings,
    start_mailer: StartMailer,
    studio: Studio,
    mailbox: Mailbox,
    signer: Signer,
    tmp_path: Path,
) -> None:
    settings = make_settings(
        broker_url=broker_url,
        home=tmp_path,
        failpoint="before-smtp-data:kill9,after-smtp-data:kill9",
    )
    booked = await studio.confirm()
    restarting = asyncio.create_task(keep_running(start_mailer, settings))
    try:
        attempts = await all_sent(notifications, signer.bearer(studio.business_id), 1)
    finally:
        restarting.cancel()
        await asyncio.gather(restarting, return_exceptions=True)
    assert attempts == [3]
    assert len(await mailbox.mails(booked.customer_email)) == 1


async def keep_running(start_mailer: StartMailer, settings: NotificationsSettings) -> None:
    """As a supervisor does: with threads the whole mailer dies, with processes a child of it."""
    while True:
        async with start_mailer(settings) as mailer:
            while not mailer.has_ended():
                await asyncio.sleep(0.02)


@pytest.mark.parametrize("broker_url", ["rabbitmq"], indirect=True)
async def test_rabbitmq_gives_back_what_a_killed_process_held(
    notifications: httpx2.AsyncClient,
    broker_url: str,
    make_settings: MakeSettings,
    start_mailer: StartMailer,
    studio: Studio,
    mailbox: Mailbox,
    signer: Signer,
    tmp_path: Path,
) -> None:
    settings = make_settings(
        broker_url=broker_url,
        home=tmp_path,
        failpoint="before-smtp-data:kill9:2",
        # Longer than this test: only `task_reject_on_worker_lost` can save these mails.
        sending_lasts_seconds=300,
    )
    booked = [await studio.confirm() for _ in range(4)]
    async with start_mailer(settings):
        attempts = await all_sent(notifications, signer.bearer(studio.business_id), len(booked))
    assert sum(attempts) == len(booked) + 2
    for appointment in booked:
        assert len(await mailbox.mails(appointment.customer_email)) == 1


async def test_each_booking_keeps_its_order_while_mailers_are_killed(
    notifications: httpx2.AsyncClient,
    broker_url: str,
    make_settings: MakeSettings,
    start_mailer: StartMailer,
    studio: Studio,
    mailbox: Mailbox,
    signer: Signer,
    tmp_path: Path,
) -> None:
    kills = "before-smtp-data:kill9,after-smtp-data:kill9"
    settings = make_settings(broker_url=broker_url, home=tmp_path, failpoint=kills)
    member = signer.bearer(studio.business_id)
    booked = [lesson() for _ in range(8)]
    for one in booked:
        await studio.tell(studio.confirmed(one), studio.cancelled(one))

    async def all_queued() -> bool:
        return len(await messages_of(notifications, member, limit="200")) == 2 * len(booked)

    await eventually(all_queued)
    restarting = asyncio.create_task(keep_running(start_mailer, settings))
    try:
        await all_sent(notifications, member, 2 * len(booked))
    finally:
        restarting.cancel()
        await asyncio.gather(restarting, return_exceptions=True)
    for one in booked:
        mails = await mailbox.mails_to(one.customer_email, 2)
        assert [invited(mail)[0] for mail in mails] == ["REQUEST", "CANCEL"]
    fired = [int(counter.read_text()) for counter in (tmp_path / "failpoints").iterdir()]
    assert fired == [1, 1]
