"""Another business's id, an id of nothing and no id at all: nobody can tell which it was."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from chassis.testing import eventually
from tests.openapi import Operation, operations
from tests.sandbox import pay
from tests.studio import Studio, open_studio, sign_up

ALWAYS = {"If-Match": "*"}
"""For those who ask which version was seen."""


DEPOSIT = {"price_cents": 9500, "deposit": {"kind": "fixed", "amount_cents": 1900}}


@pytest.fixture
async def theirs(gateway: httpx2.AsyncClient) -> Studio:
    """A studio that has one of everything."""
    studio = await open_studio(gateway, **DEPOSIT)
    [place] = studio.places(1)
    booked = await studio.book("guest@example.com", **place)
    assert booked.status_code == 201, booked.text
    await pay(gateway, booked.json()["checkout_url"], "19.00 EUR")
    day = studio.first_midnight.date() + timedelta(days=1)
    for collection, one in things(studio, day).items():
        await studio.told("POST", collection, json=one)
    for collection in ("/api/customers", "/api/messages"):
        await eventually(lambda path=collection: first_of(studio, path), within_seconds=30)
    return studio


def things(studio: Studio, day: date) -> dict[str, dict[str, Any]]:
    [staff_id] = studio.staff
    return {
        "/api/members/invitations": {"email": f"staff@{studio.slug}.example.com"},
        "/api/time-off": {
            "staff_id": staff_id,
            "title": "Dentist",
            "starts_at": f"{day}T20:00",
            "ends_at": f"{day}T21:00",
        },
        "/api/appointment-series": {
            "service_id": studio.service,
            "staff_id": staff_id,
            "starts_at": f"{day}T10:00",
            "rule": "FREQ=WEEKLY",
            "count": 2,
            "customer": {"name": "Walter Walkin"},
        },
        "/api/feeds": {"scope": "business", "title": "All of it", "names": False},
        f"/api/staff/{staff_id}/busy-calendars": {
            "url": "https://calendars.example.com/tessa.ics",
            "name": "Private",
        },
    }


async def first_of(studio: Studio, collection: str) -> dict[str, Any] | None:
    page = await studio.told("GET", collection)
    return next(iter(page["items"]), None)


async def ids_in(studio: Studio, operation: Operation) -> dict[str, str]:
    """Of theirs, for each id in the path: the first thing of the collection it is in."""
    ids: dict[str, str] = {}
    for name in operation.ids:
        collection = operation.filled(**ids).partition(f"/{Operation.UNFILLED}")[0]
        first = await first_of(studio, collection)
        assert first, f"This test's studio has nothing in {collection}; give it one of it."
        ids[name] = first["id"]
    return ids


async def answer_to(
    mine: Studio, operation: Operation, ids: dict[str, str]
) -> tuple[int, str | None, Any]:
    path, more = operation.filled(**ids), operation.body() | {"params": operation.query()}
    answer = await mine.ask(operation.method, path, headers=ALWAYS, **more)
    return answer.status_code, answer.headers.get("Content-Type"), answer.text


async def test_a_foreign_a_random_and_a_malformed_id_get_the_same_404(
    gateway: httpx2.AsyncClient, theirs: Studio
) -> None:
    mine = await sign_up(gateway)
    document = (await gateway.get("/api/openapi.json")).json()
    taking_ids = [one for one in operations(document) if one.ids and not one.is_public]
    assert len(taking_ids) > 30
    expected = (404, "application/problem+json")
    wrong = []
    for operation in taking_ids:
        foreign = await ids_in(theirs, operation)
        wanted = [
            foreign,
            *(dict.fromkeys(foreign, id_) for id_ in (str(uuid4()), "0", "not-an-id", "x" * 300)),
        ]
        collection = operation.path.partition("/{")[0]
        before = await first_of(theirs, collection)
        answers = [await answer_to(mine, operation, ids) for ids in wanted]
        if {answer[:2] for answer in answers} != {expected} or len(set(answers)) > 1:
            wrong.append(f"{operation}: {json.dumps(answers, indent=1)}")
        assert await first_of(theirs, collection) == before
    assert wrong == []
