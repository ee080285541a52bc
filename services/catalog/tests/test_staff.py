"""Staff members through the door."""

from typing import Any
from uuid import uuid4

import httpx2
import pytest

from chassis import requests


async def test_a_staff_member_is_added_changed_found_and_told(
    catalog: httpx2.AsyncClient, studio: Any, heard: Any
) -> None:
    ana = await studio.add("staff", name="Ana", email="ana@core.example", colour="#336699")
    await studio.add("staff", name="Ben")
    place = f"/api/staff/{ana['id']}"
    service = await studio.add(
        "services", name="Reformer", duration_minutes=55, staff_ids=[ana["id"]]
    )
    changed = await catalog.put(
        place, json={"name": "Ana M.", "bio": "Since 2009"}, headers=studio.owner
    )
    assert changed.status_code == 200, changed.text
    assert changed.json()["email"] is None, "PUT replaces"
    assert changed.json()["service_ids"] == [service["id"]]
    for query in ({"q": "ana"}, {"service_id": service["id"]}):
        listed = await catalog.get("/api/staff", params=query, headers=studio.owner)
        assert [item["name"] for item in listed.json()["items"]] == ["Ana M."]
    everybody = await catalog.get("/api/staff", params={"status": "active"}, headers=studio.owner)
    assert len(everybody.json()["items"]) == 2
    told = await heard.told("staff-member.changed", studio.id, name="Ana M.")
    assert told["staff_member"]["version"] == 2


async def test_a_daily_limit_is_kept_told_and_lifted(
    catalog: httpx2.AsyncClient, studio: Any, heard: Any
) -> None:
    ana = await studio.add("staff", name="Ana", daily_limit=6)
    assert ana["daily_limit"] == 6
    await heard.told("staff-member.changed", studio.id, daily_limit=6)
    place = f"/api/staff/{ana['id']}"
    lifted = await catalog.put(place, json={"name": "Ana"}, headers=studio.owner)
    assert lifted.json()["daily_limit"] is None, "PUT replaces"
    await heard.told("staff-member.changed", studio.id, version=2, daily_limit=None)
    for limit in (0, 101, "6", 1.5, True):
        body = {"name": "Ana", "daily_limit": limit}
        refused = await catalog.put(place, json=body, headers=studio.owner)
        assert refused.status_code == 422, limit
        assert refused.json()["errors"][0]["pointer"] == "#/body/daily_limit"


async def test_an_archived_staff_member_offers_nothing_any_more(
    catalog: httpx2.AsyncClient, studio: Any, heard: Any, future_bookings: Any
) -> None:
    ana, ben = await studio.add("staff", name="Ana"), await studio.add("staff", name="Ben")
    service = await studio.add(
        "services", name="Reformer", duration_minutes=55, staff_ids=[ana["id"], ben["id"]]
    )
    place = f"/api/staff/{ana['id']}"
    assert (await catalog.delete(place, headers=studio.owner)).status_code == 204
    now = await catalog.get(f"/api/services/{service['id']}", headers=studio.owner)
    assert now.json()["staff_ids"] == [ben["id"]]
    told = await heard.told("service.changed", studio.id, version=2)
    assert told["service"]["staff_ids"] == [ben["id"]]
    assert (await heard.told("staff-member.changed", studio.id, version=2))["staff_member"][
        "archived_at"
    ]
    body = {"name": "Mat", "duration_minutes": 55, "staff_ids": [ana["id"]]}
    refused = await catalog.post("/api/services", json=body, headers=studio.owner)
    assert (refused.status_code, refused.json()["type"]) == (404, "/problems/unknown-staff-member")
    listed = await catalog.get("/api/staff", headers=studio.owner)
    assert [item["name"] for item in listed.json()["items"]] == ["Ben"]


async def test_who_is_booked_is_not_archived_and_nobody_knowing_is_try_again(
    catalog: httpx2.AsyncClient,
    studio: Any,
    future_bookings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for noun, word, body in (
        ("staff", "staff_member", {"name": "Ana"}),
        ("customers", "customer", {"name": "Cleo"}),
        ("services", "service", {"name": "Reformer", "duration_minutes": 55}),
    ):
        thing = await studio.add(noun, **body)
        place = f"/api/{noun}/{thing['id']}"
        future_bookings.of[f"{word} {thing['id']}"] = 2
        future_bookings.places_of[f"{word} {thing['id']}"] = 1
        refused = await catalog.delete(place, headers=studio.owner)
        assert refused.status_code == 409
        assert refused.json()["type"] == f"/problems/{word.replace('_', '-')}-in-use"
        assert refused.json()["bookings"] == 3
    # How long silence is waited for is the chassis's to show.
    monkeypatch.setattr(requests, "TIMEOUT_SECONDS", 0.1)
    for silent in ("answers", "classes_answer"):
        setattr(future_bookings, silent, False)
        assert (await catalog.delete(place, headers=studio.owner)).status_code == 503
        setattr(future_bookings, silent, True)
    assert (await catalog.get(place, headers=studio.owner)).json()["archived_at"] is None


async def test_foreign_random_and_malformed_ids_answer_alike(
    catalog: httpx2.AsyncClient, studio: Any, signer: Any, future_bookings: Any
) -> None:
    nouns = {
        "staff": {"name": "Ana"},
        "customers": {"name": "Cleo"},
        "booking-pages": {"slug": f"p-{uuid4().hex[:8]}", "title": "Book"},
    }
    stranger = signer.bearer(uuid4())
    for noun, body in nouns.items():
        foreign = (await studio.add(noun, **body))["id"]
        for method in ("GET", "PUT", "DELETE"):
            answers = [
                await catalog.request(
                    method,
                    f"/api/{noun}/{id_}",
                    headers=stranger,
                    json=body if method == "PUT" else None,
                )
                for id_ in (foreign, uuid4(), "malformed", "0" * 40)
            ]
            assert {(answer.status_code, answer.content) for answer in answers} == {
                (404, answers[0].content)
            }, (noun, method)
