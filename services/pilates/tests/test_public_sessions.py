"""What a booking page shows of classes, and what it keeps to itself."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import nats
import pytest
from nats.aio.msg import Msg

from chassis.testing import eventually
from contracts import catalog
from services.pilates.tests.booking_page import MONDAY, publish_page, shown, visit
from services.pilates.tests.studio import MovedClock, Studio


@pytest.fixture
async def flow(studio: Studio) -> str:
    """A template on the page."""
    flow = await studio.template(late_cancel_window_minutes=720, waitlist_cutoff_minutes=120)
    await publish_page(studio, flow)
    return flow


async def test_a_visitor_sees_numbers_spots_and_conditions_but_nobody(
    studio: Studio, flow: str
) -> None:
    room, machines = await studio.room_with(4)
    made = await studio.publish_class(
        "2027-01-11T18:00",
        template_id=flow,
        room_id=room,
        spot_kind="reformer",
        capacity=4,
        instructor_id=str(studio.staff[0]),
    )
    await studio.sell("mia")
    await studio.booked(made["id"], "mia", spot_ids=[machines[1]])
    outage = {"from": made["starts_at"], "to": made["ends_at"]}
    await studio.told("POST", f"/resources/{machines[3]}/outages", json=outage)

    answer = await visit(studio)
    [session] = answer.json()["items"]
    assert session["id"] == made["id"]
    assert (session["name"], session["instructor_name"], session["room_name"]) == (
        "Reformer Flow",
        "T0",
        "Studio 1",
    )
    assert (session["capacity"], session["free"], session["waiting"]) == (3, 2, 0)
    assert [(spot["label"], spot["state"]) for spot in session["spots"]] == [
        ("R1", "free"),
        ("R2", "taken"),
        ("R3", "free"),
        ("R4", "out_of_service"),
    ]
    assert (session["credit_cost"], session["price_cents"], session["currency"]) == (1, 2500, "EUR")
    assert session["policies"] == {
        "free_until": "2027-01-11T05:00:00Z",
        "waitlist_until": "2027-01-11T15:00:00Z",
        "waitlist_mode": "promote",
        "largest_party": 4,
    }
    assert answer.json()["time_zone"] == "Europe/Berlin"
    for secret in ("mia", "Mia", str(studio.customers["mia"])):
        assert secret not in answer.text


async def test_a_full_class_says_how_many_wait_and_keeps_what_is_offered(
    studio: Studio, flow: str
) -> None:
    made = await studio.publish_class(
        "2027-01-11T18:00", template_id=flow, capacity=1, waitlist_mode="offer"
    )
    for name in ("mia", "noa", "kim"):
        await studio.sell(name)
    place = await studio.booked(made["id"], "mia")
    for name in ("noa", "kim"):
        assert (await studio.book(made["id"], name, join_waitlist=True)).status_code == 202
    [session] = await shown(studio)
    assert (session["free"], session["waiting"], session["spots"]) == (0, 2, [])
    assert (await studio.cancel(place)).status_code == 200
    [session] = await shown(studio)
    assert (session["free"], session["waiting"]) == (0, 2)


async def test_only_what_is_published_to_come_and_on_the_page_is_shown(
    studio: Studio, flow: str, clock: MovedClock
) -> None:
    other = await studio.template(name="Barre")
    await studio.publish_class("2027-01-11T10:00", template_id=other)
    await studio.publish_class("2027-01-11T11:00", name="One-off")
    drafted = {"starts_at": "2027-01-11T12:00", "template_id": flow, "publish": False}
    await studio.told("POST", "/class-sessions", json=drafted)
    await studio.publish_class("2027-01-10T23:59", template_id=flow)
    await studio.publish_class("2027-01-12T00:00", template_id=flow)
    late = await studio.publish_class("2027-01-11T18:00", template_id=flow)
    early = await studio.publish_class("2027-01-11T09:00", template_id=flow)
    assert [one["id"] for one in await shown(studio)] == [early["id"], late["id"]]
    clock.set("2027-01-11T07:59:59+00:00")
    assert [one["id"] for one in await shown(studio)] == [early["id"], late["id"]]
    clock.set("2027-01-11T08:00:00+00:00")
    assert [one["id"] for one in await shown(studio)] == [late["id"]]


async def test_pages_of_it_are_the_whole(studio: Studio, flow: str) -> None:
    made = [
        await studio.publish_class(f"2027-01-11T{hour:02}:00", template_id=flow)
        for hour in (9, 11, 13)
    ]
    first = (await visit(studio, limit=2)).json()
    rest = (await visit(studio, limit=2, cursor=first["next_cursor"])).json()
    assert [one["id"] for one in first["items"] + rest["items"]] == [one["id"] for one in made]
    assert rest["next_cursor"] is None


@pytest.fixture
async def catalog_knows_no_page(nats_url: str) -> AsyncIterator[None]:
    line = await nats.connect(nats_url)

    async def answer(message: Msg) -> None:
        await message.respond(json.dumps({"reply": {"page": None}}).encode())

    await line.subscribe(catalog.IntroducePage.subject, cb=answer)
    await line.flush()
    yield
    await line.close()


@pytest.mark.usefixtures("catalog_knows_no_page")
async def test_a_page_that_is_not_there_any_more_is_none(studio: Studio) -> None:
    page_id = uuid4()
    await publish_page(studio, id=page_id)
    await publish_page_gone(studio, page_id)
    unknown = await studio.client.get(
        f"/api/public/booking/{uuid4().hex}/class-sessions", params=MONDAY
    )
    hidden = await visit(studio)
    assert unknown.status_code == hidden.status_code == 404
    assert unknown.content == hidden.content


async def publish_page_gone(studio: Studio, page_id: Any) -> None:
    hidden = catalog.BookingPage(
        id=page_id,
        version=2,
        slug=studio.slug,
        title="Book with us",
        published=True,
        archived_at=datetime.now(UTC),
        service_ids=[],
        questions=[],
    )
    await studio.tell(catalog.BookingPageChanged, booking_page=hidden)

    async def is_gone() -> bool:
        return (await visit(studio)).status_code != 200

    await eventually(is_gone)


@pytest.mark.parametrize(
    "changed",
    [
        {"to": "2027-01-10"},
        {"to": "2027-06-10"},
        {"from": "2027-01-11T00:00:00"},
        {"limit": "0"},
        {"limit": "101"},
        {"cursor": "nowhere"},
        {"who": "mia"},
    ],
)
async def test_what_is_no_question_is_refused(
    studio: Studio, flow: str, changed: dict[str, str]
) -> None:
    answer = await visit(studio, **changed)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-request")
