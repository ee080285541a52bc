"""A page that was made this moment is there for its first visitor."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import nats
import pytest
from nats.aio.msg import Msg
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from contracts import catalog
from scheduling.copies import queries
from scheduling.copies.models import BookingPage
from stack.postgres import Postgres

KEPT = {"id", "version", "slug", "published", "service_ids"}
INSERT = """
    INSERT INTO booking_pages (business_id, id, version, slug, published, service_ids, questions)
    VALUES (%(business_id)s, %(id)s, %(version)s, %(slug)s, %(published)s, %(service_ids)s, '{}')
"""


@asynccontextmanager
async def catalog_introduces(page: catalog.BookingPage, studio: Any) -> AsyncIterator[None]:
    told = catalog.BookingPageChanged(
        occurred_at=datetime.now(UTC), business_id=studio.id, booking_page=page
    )
    answer = catalog.PageIntroduction(page=told)
    line = await nats.connect(studio.nats_url)

    async def respond(message: Msg) -> None:
        await message.respond(f'{{"reply": {answer.model_dump_json()}}}'.encode())

    await line.subscribe(catalog.IntroducePage.subject, cb=respond)
    await line.flush()
    try:
        yield
    finally:
        await line.close()


async def test_whose_event_comes_in_between_is_seen(
    open_studio: Callable[..., Awaitable[Any]],
    database_server: Postgres,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`ON CONFLICT` looks at one index: to who comes second at another, PostgreSQL may say no."""
    studio = await open_studio()
    page = made(studio.service)
    row = {"business_id": studio.id, "questions": [], **page.model_dump(include=KEPT)}

    async def come_second(session: AsyncSession, *_: Any) -> None:
        with database_server.connect("scheduling") as event:
            event.execute(INSERT, row)
        await session.execute(insert(BookingPage).values(row))

    monkeypatch.setattr(queries, "keep_copy", come_second)
    async with catalog_introduces(page, studio):
        answer = await studio.client.get(
            f"/api/public/booking/{page.slug}/availability",
            params={"service_id": str(studio.service), "from": "2027-01-04", "to": "2027-01-04"},
        )
    assert answer.status_code == 200, answer.text


def made(service: UUID) -> catalog.BookingPage:
    slug = f"new-{uuid4().hex[:12]}"
    told = {"title": "Book", "published": True, "service_ids": [service], "questions": []}
    return catalog.BookingPage(id=uuid4(), version=1, slug=slug, **told)
