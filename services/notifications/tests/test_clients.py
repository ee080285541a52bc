"""Links for clients, changed addresses, and forgetting a client."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx2
import nats
import pytest

from chassis.testing import eventually
from contracts.catalog import CustomerChanged
from contracts.pilates import PackageChanged, PlaceBooked
from contracts.portal import (
    EmailChanged,
    EmailChangeRequested,
    ErasureCompleted,
    ErasureRequested,
    MagicLinkRequested,
)
from notifications.mails.links import Links
from notifications.mails.links import Message as Linked
from notifications.testing import Mailbox, Studio, lesson
from services.notifications.tests.conftest import LINK_SECRET, MakeSettings
from services.notifications.tests.reading import Reader
from services.notifications.tests.told import address, found, know, package, place, tell
from stack.postgres import Postgres
from stack.signer import Signer

CLIENT = {
    "customer_name": "Ana Silva",
    "business_name": "Core Berlin",
    "time_zone": "Europe/Berlin",
    "locale": "de-DE",
}


@pytest.fixture(scope="module")
def broker_url(pgmq_url: str) -> str:
    return pgmq_url


@pytest.fixture
def sending(
    notifications: httpx2.AsyncClient,
    studio: Studio,
    signer: Signer,
    make_settings: MakeSettings,
) -> Reader:
    return Reader(notifications, studio, signer, make_settings().database_url)


def in_a_quarter_of_an_hour() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=15)


async def sent(reader: Reader, **wanted: str) -> dict[str, object]:
    (message,) = await reader.told(1, state="sent", **wanted)
    return message


async def test_a_magic_link_arrives_and_is_kept_nowhere(
    sending: Reader, studio: Studio, mailbox: Mailbox, database_server: Postgres
) -> None:
    email, token = address(), uuid4().hex
    link = f"http://localhost:8000/portal/core/enter#{token}"
    client = CLIENT | {"customer_id": uuid4(), "email": email, "link_id": uuid4()}
    await tell(studio, MagicLinkRequested, **client, url=link, expires_at=in_a_quarter_of_an_hour())
    mail = await mailbox.first_mail(email)
    assert mail["subject"] == "Dein Link zu Core Berlin"
    assert link in mail["text"]
    message = await sent(sending, recipient=email)
    assert token not in str(message)
    assert "/hidden" in str(message["body"])
    again = await sending.api.post(f"/api/messages/{message['id']}/resend", headers=sending.owner)
    assert again.json()["type"] == "/problems/message-held-secret"
    with database_server.connect("notifications") as database:
        assert (
            database.execute("SELECT FROM messages WHERE context::text ~ %s", (token,)).fetchone()
            is None
        )


async def test_a_new_address_is_asked_and_the_old_one_told(
    sending: Reader, studio: Studio, mailbox: Mailbox
) -> None:
    old, new, change = address(), address(), uuid4()
    client = CLIENT | {"customer_id": uuid4(), "change_id": change, "new_email": new}
    url = "http://localhost:8000/portal/core/confirm#t"
    await tell(
        studio, EmailChangeRequested, **client, url=url, expires_at=in_a_quarter_of_an_hour()
    )
    assert url in (await mailbox.first_mail(new))["text"]
    await tell(studio, EmailChanged, **client, old_email=old)
    warned = await mailbox.first_mail(old)
    assert new not in str(warned)
    assert f"{new[0]}\u2026@example.com" in warned["text"]


async def test_a_client_is_forgotten_everywhere_and_told_so_last(
    sending: Reader,
    studio: Studio,
    mailbox: Mailbox,
    database_server: Postgres,
    nats_url: str,
) -> None:
    canary = f"canary{uuid4().hex}"
    email = f"{canary}@example.com"
    client = await know(studio, name=canary, email=email)
    named = {"customer_id": client.id, "customer_name": canary, "customer_email": email}
    booked = await studio.confirm(**named)
    await tell(studio, PlaceBooked, attendance=place(**named, payer_email=email))
    await tell(studio, PackageChanged, package=package(**named, balance=1, version=2))
    await mailbox.mails_to(email, 3)
    assert find(database_server, canary)

    erasure, email_told = uuid4(), {"customer_id": client.id, "email": email}
    heard = await listening(nats_url, studio)
    await tell(studio, ErasureRequested, erasure_id=erasure, **email_told)
    answer = await asyncio.wait_for(heard, 20)
    assert str(erasure) in answer
    assert canary not in answer
    # What was underway then brings nothing back, and is heard before what is told behind it.
    await tell(studio, CustomerChanged, customer=client.model_copy(update={"version": 2}))
    await studio.tell(studio.cancelled(booked))
    await tell(studio, PackageChanged, package=package(**named, balance=1, version=2))
    await see_somebody_else_told(sending, studio)
    await tell(studio, ErasureCompleted, erasure_id=erasure, **CLIENT, **email_told)
    mails = await mailbox.mails_to(email, 4)
    assert mails[-1]["subject"] == "Deine Daten bei Core Berlin sind gelöscht"
    kept = await sent(sending, kind="erasure_completed")
    assert (kept["recipient"], kept["body"]) == ("erased", None)

    async def nothing_is_left() -> bool:
        return find(database_server, canary) == []

    await eventually(nothing_is_left)


async def see_somebody_else_told(sending: Reader, studio: Studio) -> None:
    other, called_off, low = await know(studio), lesson(), package(balance=1, version=2)
    await studio.tell(studio.cancelled(called_off))
    await tell(studio, PackageChanged, package=low)
    for table, id_ in (("customers", other.id), ("bookings", called_off.id), ("packages", low.id)):
        await sending.knows(table, id_)
    await sent(sending, recipient=str(called_off.customer_email))


async def test_what_was_said_to_a_former_address_and_of_a_guest_is_forgotten_too(
    sending: Reader, studio: Studio, database_server: Postgres
) -> None:
    canary = f"canary{uuid4().hex}"
    old, new = f"{canary}@old.example.com", f"{canary}@new.example.com"
    await found(studio)
    await sending.knows("businesses", studio.business_id)
    guest = {"customer_id": None, "customer_name": canary, "customer_email": old}
    for booked in (await studio.confirm(**guest), await studio.confirm(customer_email=f"di{old}")):
        await sending.knows("bookings", booked.id)
        await sent(sending, recipient=str(booked.customer_email), about=str(booked.id))
    client = await know(studio, name=canary, email=old)
    await sending.knows("customers", client.id)
    named = {"customer_id": client.id, "customer_name": canary, "customer_email": old}
    low = {"balance": 1, "version": 2, "customer_id": client.id}
    await tell(studio, PackageChanged, package=package(**named | low))
    message = await sent(sending, recipient=old, kind="package_low")
    path = f"/api/messages/{message['id']}/resend"
    key = {"Idempotency-Key": canary}
    again = await sending.api.post(path, headers=sending.owner | key)
    assert again.status_code == 201, again.text
    linked = Linked(studio.business_id, UUID(str(message["id"])))
    stopped = await sending.api.post(Links("", LINK_SECRET).unsubscribe(linked))
    assert stopped.status_code == 200, stopped.text
    changed = {"change_id": uuid4(), "old_email": old, "new_email": new}
    await tell(studio, EmailChanged, **CLIENT | changed, customer_id=client.id)
    await tell(
        studio, CustomerChanged, customer=client.model_copy(update={"version": 2, "email": new})
    )
    await sent(sending, recipient=old, kind="email_changed")
    said = {"bookings", "idempotency_keys", "messages", "outbox", "unsubscriptions"}
    assert set(find(database_server, canary)) >= said
    known = {"customer_id": client.id, "email": new}
    await tell(studio, ErasureRequested, erasure_id=uuid4(), **known)

    async def only_the_neighbour_is_left() -> bool:
        return find(database_server, old) == find(database_server, new) == []

    await eventually(only_the_neighbour_is_left)
    assert await sending.all(recipient=f"di{old}")


async def listening(nats_url: str, studio: Studio) -> "asyncio.Future[str]":
    connection = await nats.connect(nats_url)
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def hear(message: object) -> None:
        answer.set_result(message.data.decode())  # type: ignore[attr-defined]
        await connection.close()

    await connection.subscribe(f"notifications.messages.erased.v1.{studio.business_id}", cb=hear)
    await connection.flush()
    return answer


def find(server: Postgres, text: str) -> list[str]:
    """Tables of ours with a row that says it as a word, in whatever column, and be it as bytes."""
    with server.connect("notifications") as database:
        tables = database.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        ).fetchall()
        return [
            table
            for (table,) in tables
            if database.execute(
                f"SELECT FROM {table} AS t WHERE t::text ~* %s LIMIT 1".encode(),
                (rf"\m{re.escape(text)}|{text.encode().hex()}",),
            ).fetchone()
            is not None
        ]
