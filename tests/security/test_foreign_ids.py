"""Another business's id, an id of nothing and no id at all: nobody can tell which it was."""

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from chassis.testing import eventually
from tests.classes import ClassStudio
from tests.openapi import Operation, operations
from tests.sandbox import pay
from tests.studio import Studio, open_studio, sign_up

ALWAYS = {"If-Match": "*"}
"""For those who ask which version was seen."""


FITTING: dict[str, Any] = {
    "POST /api/class-sessions/{session_id}/attendances": {"json": {"customer_id": str(uuid4())}},
    "POST /api/class-sessions/{session_id}/changes": {"json": {"scope": "this", "cancel": True}},
    "POST /api/customer-packages/{package_id}/adjustments": {"json": {"credits": 1, "reason": "x"}},
}
"""Where the smallest body by its schema is one that is refused for what it says."""


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
    await teach(studio, day)
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


async def teach(studio: Studio, day: date) -> None:
    """A machine that is out of service, and a class with somebody in it and somebody who waits."""
    classes = ClassStudio(studio)
    machine = {"name": "Reformer 1", "category": "machine", "kind": "reformer"}
    made = await studio.told("POST", "/api/resources", json=machine)
    outage = {"from": f"{day}T00:00:00Z", "reason": "Spring broken"}
    await studio.told("POST", f"/api/resources/{made['id']}/outages", json=outage)
    template = await classes.template(capacity=1)
    first, second = (f"{name}@{studio.slug}.example.com" for name in ("first", "second"))
    await classes.introduce(first, second)
    await classes.sell(await classes.package_type(10), first, second)
    session = await classes.session(template, datetime.combine(day, time(8), UTC))
    for email in (first, second):
        booked = await classes.book(session, email, join_waitlist=True)
        assert booked.is_success, booked.text
    series = {
        "template_id": template,
        "starts_at": f"{day}T18:00",
        "rule": "FREQ=WEEKLY;COUNT=2",
    }
    await studio.told("POST", "/api/class-series", json=series)


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
    body = FITTING.get(str(operation)) or operation.body()
    path, more = operation.filled(**ids), body | {"params": operation.query()}
    answer = await mine.ask(operation.method, path, headers=ALWAYS, **more)
    return answer.status_code, answer.headers.get("Content-Type"), answer.text


async def test_a_foreign_a_random_and_a_malformed_id_get_the_same_404(
    gateway: httpx2.AsyncClient, theirs: Studio
) -> None:
    mine = await sign_up(gateway)
    document = (await gateway.get("/api/openapi.json")).json()
    # A client's ids are shown to be theirs alone by the portal's own tests.
    taking_ids = [
        one
        for one in operations(document)
        if one.ids and not one.is_public and not one.path.startswith("/api/portal")
    ]
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
    assert [one.partition(":")[0] for one in wrong] == [], wrong
