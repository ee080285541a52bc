"""The public page of a studio, and what a visitor sees there."""

from typing import Any
from uuid import uuid4

import httpx2

from chassis.testing import eventually
from contracts import catalog
from services.pilates.tests.studio import Studio

MONDAY = {"from": "2027-01-11", "to": "2027-01-11"}


async def publish_page(studio: Studio, *class_ids: str, **changed: Any) -> None:
    page = catalog.BookingPage(
        **{
            "id": uuid4(),
            "version": 1,
            "slug": studio.slug,
            "title": "Book with us",
            "published": True,
            "service_ids": [],
            "class_ids": class_ids,
            "questions": [],
        }
        | changed
    )
    await studio.tell(catalog.BookingPageChanged, booking_page=page)

    async def is_up() -> bool:
        return (await visit(studio)).status_code == 200

    await eventually(is_up)


async def visit(studio: Studio, **wanted: Any) -> httpx2.Response:
    path = f"/api/public/booking/{studio.slug}/class-sessions"
    return await studio.client.get(path, params=MONDAY | wanted)


async def shown(studio: Studio, **wanted: Any) -> list[dict[str, Any]]:
    answer = await visit(studio, **wanted)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items
