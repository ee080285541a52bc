"""Booking pages, for those who make them and for strangers."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx2
import pytest


def page(**changed: Any) -> dict[str, Any]:
    return {"slug": f"p-{uuid4().hex[:10]}", "title": "Book", "published": True} | changed


@pytest.fixture
async def reformer(studio: Any) -> dict[str, Any]:
    ana = await studio.add("staff", name="Ana", email="ana@core.example")
    made: dict[str, Any] = await studio.add(
        "services",
        name="Reformer",
        duration_minutes=55,
        price_cents=9500,
        staff_ids=[ana["id"]],
        questions=[{"key": "injury", "label": "Injuries?"}],
    )
    return made


async def test_a_stranger_sees_a_published_page_with_all_there_is_to_choose(
    catalog: httpx2.AsyncClient, studio: Any, reformer: dict[str, Any], heard: Any
) -> None:
    mat = await studio.add("services", name="Mat", duration_minutes=50)
    configuration = {
        "service_ids": [reformer["id"], mat["id"]],
        "theme": {"accent_colour": "#112233", "logo_url": "https://core.example/logo.svg"},
        "deposit": {"kind": "percent", "percent": 20},
    }
    made = await studio.add("booking-pages", **page(configuration=configuration))
    seen = await catalog.get(f"/api/public/booking/{made['slug']}")
    assert seen.status_code == 200, seen.text
    shown = seen.json()
    assert shown["business"]["time_zone"] == "Europe/Berlin"
    assert [service["name"] for service in shown["services"]] == ["Reformer", "Mat"]
    [ana] = shown["services"][0]["staff"]
    assert set(ana) == {"id", "name"}
    assert shown["services"][0]["price_cents"] == 9500
    assert shown["page"]["configuration"]["deposit"]["percent"] == 20
    assert "ana@core.example" not in seen.text
    assert studio.email not in seen.text
    told = await heard.told("booking-page.changed", studio.id, slug=made["slug"])
    assert told["booking_page"]["service_ids"] == configuration["service_ids"]


async def test_unpublished_archived_and_unknown_pages_answer_alike(
    catalog: httpx2.AsyncClient, studio: Any
) -> None:
    hidden = await studio.add("booking-pages", **page(published=False))
    gone = await studio.add("booking-pages", **page())
    place = f"/api/booking-pages/{gone['id']}"
    assert (await catalog.delete(place, headers=studio.owner)).status_code == 204
    slugs = (hidden["slug"], gone["slug"], "unknown-page", "No Slug", "%00", "x" * 500)
    answers = [await catalog.get(f"/api/public/booking/{slug}") for slug in slugs]
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (404, answers[0].content)
    }


async def test_an_archived_service_leaves_the_page(
    catalog: httpx2.AsyncClient, studio: Any, reformer: dict[str, Any], future_bookings: Any
) -> None:
    wanted = page(configuration={"service_ids": [reformer["id"]]})
    made = await studio.add("booking-pages", **wanted)
    await catalog.delete(f"/api/services/{reformer['id']}", headers=studio.owner)
    seen = await catalog.get(f"/api/public/booking/{made['slug']}")
    assert seen.json()["services"] == []
    kept = await catalog.put(f"/api/booking-pages/{made['id']}", json=wanted, headers=studio.owner)
    assert kept.status_code == 200


async def test_a_slug_is_one_pages_in_the_whole_world_until_it_is_archived(
    catalog: httpx2.AsyncClient, studio: Any, found: Callable[..., Any]
) -> None:
    studios = [studio, await found()]
    wanted = page()
    answers = await asyncio.gather(
        *(
            catalog.post("/api/booking-pages", json=wanted, headers=studios[n % 2].owner)
            for n in range(20)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    [winner] = [answer for answer in answers if answer.status_code == 201]
    [loser, *_] = [answer for answer in answers if answer.status_code == 409]
    assert loser.json()["type"] == "/problems/page-slug-taken"
    for who in studios:
        await catalog.delete(winner.headers["Location"], headers=who.owner)
    again = await catalog.post("/api/booking-pages", json=wanted, headers=studio.owner)
    assert again.status_code == 201


async def test_a_foreign_or_unknown_service_cannot_be_offered(
    catalog: httpx2.AsyncClient, reformer: dict[str, Any], found: Callable[..., Any]
) -> None:
    other = await found()
    for id_ in (reformer["id"], str(uuid4())):
        wanted = page(configuration={"service_ids": [id_]})
        refused = await catalog.post("/api/booking-pages", json=wanted, headers=other.owner)
        assert (refused.status_code, refused.json()["type"]) == (404, "/problems/unknown-service")
        assert refused.json()["service_ids"] == [id_]


async def test_pages_are_searched_filtered_and_changed_under_their_version(
    catalog: httpx2.AsyncClient, studio: Any
) -> None:
    first = await studio.add("booking-pages", **page(title="Private lessons"))
    await studio.add("booking-pages", **page(title="Classes", published=False))
    for query in ({"q": "private"}, {"published": True}, {"q": first["slug"]}):
        listed = await catalog.get("/api/booking-pages", params=query, headers=studio.owner)
        assert [item["title"] for item in listed.json()["items"]] == ["Private lessons"], query
    place = f"/api/booking-pages/{first['id']}"
    body = page(slug=first["slug"], title="Lessons")
    owner = studio.owner
    changed = await catalog.put(place, json=body, headers=owner | {"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    stale = await catalog.put(place, json=body, headers=owner | {"If-Match": '"1"'})
    assert stale.status_code == 412


BAD = [
    {"theme": {"accent_colour": "red"}},
    {"theme": {"logo_url": "http://core.example/logo.svg"}},
    {"theme": {"logo_url": "javascript:alert(1)"}},
    {"theme": {"logo_url": "https://core.example/a b"}},
    {"deposit": {"kind": "fixed"}},
    {"deposit": {"kind": "fixed", "amount_cents": 0}},
    {"deposit": {"kind": "percent", "percent": 101}},
    {"deposit": {"kind": "barter"}},
    {"questions": [{"key": "a", "label": "A"}, {"key": "a", "label": "B"}]},
    {"questions": [{"key": "a", "label": "A", "kind": "choice"}]},
    {"questions": [{"key": "a", "label": "A\x00"}]},
    {"questions": [{"key": "a", "label": "A", "max_length": 10**30}]},
    {"texts": {"welcome": "x" * 5001}},
    {"service_ids": ["not-an-id"]},
    {"service_ids": 1},
    {"surprise": True},
]


@pytest.mark.parametrize("configuration", BAD, ids=lambda value: repr(value)[:50])
async def test_a_configuration_that_breaks_its_schema_is_refused(
    catalog: httpx2.AsyncClient, signer: Any, configuration: dict[str, Any]
) -> None:
    wanted = page(configuration=configuration)
    refused = await catalog.post("/api/booking-pages", json=wanted, headers=signer.bearer(uuid4()))
    assert refused.status_code == 422, refused.text


async def test_the_schema_of_a_configuration_is_there_for_all(
    catalog: httpx2.AsyncClient,
) -> None:
    schema = (await catalog.get("/api/booking-pages/configuration-schema")).json()
    assert schema["additionalProperties"] is False
    assert {"service_ids", "questions", "theme", "texts", "deposit"} <= schema["properties"].keys()
