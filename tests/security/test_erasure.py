"""A client who wants to be forgotten is found nowhere any more, whatever was written of them."""

import asyncio
import os
import signal
import time

import httpx2

from chassis.testing import eventually
from stack.testing import RunningStack
from tests.classes import open_class_studio
from tests.databases import rows
from tests.mailbox import Mailbox
from tests.security.canary import (
    STREAMED_DAYS,
    Canary,
    connect,
    places_in_databases,
    places_in_files,
    streams_and_buckets,
)
from tests.security.planting import Life

SERVICE = {
    "price_cents": 9500,
    "deposit": {"kind": "fixed", "amount_cents": 1900},
    "cancellation_window_minutes": 60,
    "questions": [{"key": "injuries", "label": "Injuries"}],
}
FORGOTTEN_SECONDS = 20
NOBODY = "—"
KEPT = "SELECT number, amount_cents, customer_name FROM receipts ORDER BY number"
RECEIPTS = {"scheduling": [1900, 1900], "pilates": [5600, 2000, 5600]}
"""The deposit and the drop-in of two, paid and given back, and the package."""
LAST_WORDS = "address LIKE 'portal.erasure.%'"
LATER = f"""
    UPDATE outbox SET published_at = published_at - interval '61 minutes' WHERE {LAST_WORDS}
"""


async def open_ground(gateway: httpx2.AsyncClient, mailbox: Mailbox, canary: Canary) -> Life:
    classes = await open_class_studio(gateway)
    studio = classes.studio
    desk = {"email": f"desk@{studio.slug}.example.com"}
    await studio.told("PATCH", "/api/business", json=desk)
    await studio.hire("Tessa Teacher")
    first_talk = await studio.offer(name="First talk")
    await studio.offer(**SERVICE)
    template = await classes.template(price_cents=2800)
    offered = {"service_ids": [first_talk, studio.service], "class_ids": [template]}
    page = {"slug": studio.slug, "title": "Move with us", "published": True}
    await studio.told("POST", "/api/booking-pages", json=page | {"configuration": offered})
    await eventually(lambda: studio.slots(studio.first_midnight.date()))
    return Life(classes, mailbox, canary, template, first_talk)


async def test_an_erased_client_is_found_in_no_database_no_log_and_no_stream_for_longer_than_told(
    stack: RunningStack, gateway: httpx2.AsyncClient, mailbox: Mailbox
) -> None:
    canary = Canary()
    life = await open_ground(gateway, mailbox, canary)
    await life.lead()
    planted = {place.partition(":")[0] for place in places_in_databases(stack, canary)}
    assert planted >= {"catalog", "scheduling", "pilates", "portal", "notifications"}

    asked = await life.client.ask("POST", "/erasure")
    assert asked.status_code == 202, asked.text

    async def confirmed() -> bool:
        subjects = [mail["subject"] for mail in await mailbox(life.client.email)]
        return any("erased" in subject for subject in subjects)

    await eventually(confirmed, within_seconds=30)
    assert (await life.client.ask("GET", "/session")).status_code == 401
    an_hour_passes(stack)
    assert await places_left(stack, canary) == []
    assert places_in_files(stack, canary) == []
    check_receipts(stack, life.studio.business_id)
    await check_streams(stack, canary)


def check_receipts(stack: RunningStack, business_id: str) -> None:
    """They are the studio's books: their numbers and amounts stay, and say nobody's name."""
    for service, amounts in RECEIPTS.items():
        kept = rows(stack, service, business_id, KEPT)
        assert [number for number, _, _ in kept] == list(range(1, len(kept) + 1))
        assert [amount for _, amount, name in kept if name == NOBODY] == amounts


async def check_streams(stack: RunningStack, canary: Canary) -> None:
    """They say what was so, and forget it by its age; what is kept for longer has never known."""
    found = await streams_and_buckets(stack, canary)
    for one in found:
        days = one.forgets_after_days
        assert not one.names_canary or (days is not None and days <= STREAMED_DAYS), one
    assert {"scheduling", "live"} <= {one.name for one in found if one.names_canary}
    assert "KV_feeds" in {one.name for one in found if one.forgets_after_days is None}


def an_hour_passes(stack: RunningStack) -> None:
    """For the last words of the erasure itself, and the worker that forgets them looks again."""
    with connect(stack, "portal") as portal:
        portal.execute(LATER.encode())
    os.kill(stack.pid("portal-worker"), signal.SIGKILL)


async def places_left(stack: RunningStack, canary: Canary) -> list[str]:
    deadline = time.monotonic() + FORGOTTEN_SECONDS
    while (found := places_in_databases(stack, canary)) and time.monotonic() < deadline:
        await asyncio.sleep(0.5)
    return found
