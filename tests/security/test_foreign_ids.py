"""Another business's id, an id of nothing and no id at all: nobody can tell which it was."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from chassis.testing import eventually
from tests.openapi import Operation, operations
from tests.studio import Studio, open_studio, sign_up

ALWAYS = {"If-Match": "*"}
"""For those who ask which version was seen."""


@pytest.fixture
async def theirs(gateway: httpx2.AsyncClient) -> Studio:
    """A studio that has one of everything."""
    studio = await open_studio(gateway)
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    slot = (await studio.slots(tomorrow))[-1]
    booked = await studio.book("guest@example.com", starts_at=slot["starts_at"])
    assert booked.status_code == 201, booked.text
    invitation = {"email": f"staff@{studio.slug}.example.com"}
    await studio.told("POST", "/api/members/invitations", json=invitation)
    for collection in ("/api/customers", "/api/messages"):
        await eventually(lambda path=collection: first_of(studio, path), within_seconds=30)
    return studio


async def first_of(studio: Studio, collection: str) -> dict[str, Any] | None:
    page = await studio.told("GET", collection)
    return next(iter(page["items"]), None)


async def answer_to(
    mine: Studio, operation: Operation, id_: str, **more: Any
) -> tuple[int, str | None, Any]:
    (name,) = operation.ids
    answer = await mine.ask(
        operation.method, operation.filled(**{name: id_}), headers=ALWAYS, **more
    )
    return answer.status_code, answer.headers.get("Content-Type"), answer.text


async def test_a_foreign_a_random_and_a_malformed_id_get_the_same_404(
    gateway: httpx2.AsyncClient, theirs: Studio
) -> None:
    mine = await sign_up(gateway)
    document = (await gateway.get("/api/openapi.json")).json()
    taking_ids = [one for one in operations(document) if one.ids and not one.is_public]
    assert len(taking_ids) > 15
    expected = (404, "application/problem+json")
    wrong = []
    for operation in taking_ids:
        collection = operation.path.partition("/{")[0]
        before = await first_of(theirs, collection)
        assert before, f"This test's studio has nothing in {collection}; give it one of it."
        ids = [before["id"], str(uuid4()), "0", "not-an-id", "x" * 300]
        answers = [await answer_to(mine, operation, id_, **operation.body()) for id_ in ids]
        if {answer[:2] for answer in answers} != {expected} or len(set(answers)) > 1:
            wrong.append(f"{operation}: {json.dumps(answers, indent=1)}")
        assert await first_of(theirs, collection) == before
    assert wrong == []
