"""Customers, and who may see what of them."""

import asyncio
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest

from catalog.settings import CatalogSettings
from contracts.permissions import Permission

CLEO = {
    "name": "Cleo Client",
    "email": "Cleo@Client.example",
    "phone": "030 901820",
    "locale": "de",
    "tags": ["vip", "morning"],
    "notes": "Herniated disc L5",
}


async def test_a_customer_is_kept_as_said_and_found_by_anything_said(
    catalog: httpx2.AsyncClient, studio: Any, heard: Any
) -> None:
    cleo = await studio.add("customers", **CLEO)
    assert cleo["phone"] == "+4930901820", "read as of the business's country"
    assert cleo["tags"] == ["morning", "vip"]
    await studio.add("customers", name="Dora", phone="+351 912 345 678")
    for query in ("cleo", "CLIENT.EXAMPLE", "901820", "disc"):
        listed = await catalog.get("/api/customers", params={"q": query}, headers=studio.owner)
        assert [item["name"] for item in listed.json()["items"]] == ["Cleo Client"], query
    for query, names in (({"tag": "vip"}, ["Cleo Client"]), ({"tag": "vi"}, []), ({"q": "%"}, [])):
        listed = await catalog.get("/api/customers", params=query, headers=studio.owner)
        assert [item["name"] for item in listed.json()["items"]] == names, query


async def test_where_a_customer_lives_is_kept_told_and_taken_back(
    catalog: httpx2.AsyncClient, studio: Any, heard: Any
) -> None:
    cleo = await studio.add("customers", **CLEO, time_zone="America/New_York")
    assert cleo["time_zone"] == "America/New_York"
    await heard.told("customer.changed", studio.id, time_zone="America/New_York")
    for odd in ("Mars/Olympus", "america/new_york", "Factory", "../../etc/passwd", "", 1, "A" * 99):
        body = CLEO | {"time_zone": odd}
        refused = await catalog.put(f"/api/customers/{cleo['id']}", json=body, headers=studio.owner)
        assert refused.status_code == 422, odd
    back = await catalog.put(f"/api/customers/{cleo['id']}", json=CLEO, headers=studio.owner)
    assert (back.status_code, back.json()["time_zone"]) == (200, None)
    await heard.told("customer.changed", studio.id, time_zone=None, version=2)


async def test_an_email_is_one_customers_until_they_are_archived(
    catalog: httpx2.AsyncClient, studio: Any, found: Callable[..., Any], future_bookings: Any
) -> None:
    cleo = await studio.add("customers", **CLEO)
    body = {"name": "Twin", "email": "CLEO@client.EXAMPLE"}
    again = await catalog.post("/api/customers", json=body, headers=studio.owner)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/customer-email-taken")
    await (await found()).add("customers", **body)
    gone = await catalog.delete(f"/api/customers/{cleo['id']}", headers=studio.owner)
    assert gone.status_code == 204
    await studio.add("customers", **body)
    listed = await catalog.get("/api/customers?archived=true", headers=studio.owner)
    assert len(listed.json()["items"]) == 2


async def test_twenty_at_once_with_one_email_have_one_winner(
    catalog: httpx2.AsyncClient, studio: Any
) -> None:
    answers = await asyncio.gather(
        *(catalog.post("/api/customers", json=CLEO, headers=studio.owner) for _ in range(20))
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19


async def test_notes_are_hidden_from_members_without_the_permission(
    catalog: httpx2.AsyncClient, studio: Any, bearer_of: Callable[..., Any]
) -> None:
    cleo = await studio.add("customers", **CLEO)
    place = f"/api/customers/{cleo['id']}"
    clerk = bearer_of(await studio.join(Permission.MANAGE_CUSTOMERS))
    coach = bearer_of(await studio.join(Permission.VIEW_CUSTOMER_NOTES))
    shown = [
        await catalog.get(place, headers=clerk),
        await catalog.get("/api/customers", headers=clerk),
        await catalog.put(place, json=CLEO | {"notes": "mine"}, headers=clerk),
        await catalog.put(place, json=CLEO, headers=clerk | {"If-Match": '"1"'}),
        await catalog.get("/api/customers/export", headers=clerk),
        await catalog.post("/api/customers", json={"name": "N", "notes": "disc"}, headers=clerk),
    ]
    assert [answer.status_code for answer in shown] == [200, 200, 200, 412, 200, 201]
    assert not any("disc" in answer.text or "mine" in answer.text for answer in shown)
    found = await catalog.get("/api/customers?q=disc", headers=clerk)
    assert found.json()["items"] == []
    kept = (await catalog.get(place, headers=coach)).json()
    assert kept["notes"] == CLEO["notes"], "a write by somebody who cannot see them keeps them"
    found = await catalog.get("/api/customers?q=disc", headers=coach)
    assert [item["notes"] for item in found.json()["items"]] == [CLEO["notes"]]


async def test_neither_event_nor_audit_entry_carries_notes(
    catalog: httpx2.AsyncClient, studio: Any, heard: Any, settings: CatalogSettings
) -> None:
    cleo = await studio.add("customers", **CLEO)
    place = f"/api/customers/{cleo['id']}"
    await catalog.put(place, json=CLEO | {"notes": "secret knee"}, headers=studio.owner)
    await heard.told("customer.changed", studio.id, version=2)
    told = [message.data.decode() for message in heard.messages]
    connection = await asyncpg.connect(settings.database_url)
    await connection.execute("SELECT set_config('app.business_id', $1, false)", str(studio.id))
    kept = await connection.fetch("SELECT row_to_json(a)::text AS row FROM audit_trail a")
    await connection.close()
    assert len(kept) >= 2
    for text in (*told, *(row["row"] for row in kept)):
        assert "disc" not in text
        assert "knee" not in text


async def test_a_put_replaces_and_a_stale_one_is_refused(
    catalog: httpx2.AsyncClient, studio: Any
) -> None:
    cleo = await studio.add("customers", **CLEO)
    place = f"/api/customers/{cleo['id']}"
    replaced = await catalog.put(
        place, json={"name": "Cleo"}, headers=studio.owner | {"If-Match": '"1"'}
    )
    assert replaced.headers["ETag"] == '"2"'
    said = {key: replaced.json()[key] for key in ("email", "phone", "tags", "notes")}
    assert said == {"email": None, "phone": None, "tags": [], "notes": ""}
    stale = await catalog.put(place, json=CLEO, headers=studio.owner | {"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["current"]["name"]) == (412, "Cleo")


async def test_several_hundred_customers_are_paged_without_gaps_and_soon(
    catalog: httpx2.AsyncClient, studio: Any
) -> None:
    rows = "".join(f"Customer {n % 97},c{n}@many.example\n" for n in range(600))
    headers = studio.owner | {"Content-Type": "text/csv"}
    await catalog.post("/api/customers/import", content=f"name,email\n{rows}", headers=headers)
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 200}
    began = time.process_time()
    while query:
        page = (await catalog.get("/api/customers", params=query, headers=studio.owner)).json()
        seen += [item["email"] for item in page["items"]]
        query = query | {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
    assert time.process_time() - began < 2
    assert len(seen) == len(set(seen)) == 600


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "A\r\nB"},
        {"name": "A\u2028B"},
        {"name": " "},
        {"email": "x"},
        {"email": "a@b"},
        {"phone": "call me"},
        {"phone": "1" * 41},
        {"phone": "\x00"},
        {"tags": ["a|b"]},
        {"tags": ["x" * 51]},
        {"tags": [f"t{n}" for n in range(31)]},
        {"notes": "x" * 5001},
        {"notes": "\x00"},
        {"locale": "klingon"},
        {"contact_preferences": {"fax": True}},
        {"id": str(UUID(int=1))},
    ],
    ids=lambda changed: repr(changed)[:40],
)
async def test_what_makes_no_sense_is_refused(
    catalog: httpx2.AsyncClient, signer: Any, changed: dict[str, Any]
) -> None:
    owner = signer.bearer(uuid4())
    refused = await catalog.post("/api/customers", json=CLEO | changed, headers=owner)
    assert refused.status_code == 422, refused.text


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=" + "x" * 201,
        "tag=%00",
        "limit=0",
        "limit=99999999999999999999",
        "cursor=x",
        "y=1",
    ],
)
async def test_questions_that_make_no_sense_are_refused(
    catalog: httpx2.AsyncClient, signer: Any, query: str
) -> None:
    owner = signer.bearer(uuid4())
    for noun in ("customers", "staff", "services", "booking-pages"):
        refused = await catalog.get(f"/api/{noun}?{query}", headers=owner)
        assert refused.status_code == 422 or "tag=" in query, refused.text
