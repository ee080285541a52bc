"""Services through the door."""

from uuid import UUID, uuid4

import httpx2

from stack.signer import Signer

REFORMER = {"name": "Reformer private", "duration_minutes": 55, "price_cents": 9500}


async def test_a_service_is_created_read_changed_and_listed(
    catalog: httpx2.AsyncClient, signer: Signer
) -> None:
    owner = signer.bearer(uuid4())
    made = await catalog.post("/api/services", json=REFORMER, headers=owner)
    assert made.status_code == 201, made.text
    place = made.headers["Location"]
    changed = await catalog.put(
        place, json=REFORMER | {"price_cents": 9900}, headers=owner | {"If-Match": '"1"'}
    )
    assert changed.status_code == 200, changed.text
    assert changed.headers["ETag"] == '"2"'
    listed = await catalog.get("/api/services", headers=owner)
    assert [item["price_cents"] for item in listed.json()["items"]] == [9900]


async def test_a_stale_change_is_refused_with_the_current_state(
    catalog: httpx2.AsyncClient, signer: Signer
) -> None:
    owner = signer.bearer(uuid4())
    place = (await catalog.post("/api/services", json=REFORMER, headers=owner)).headers["Location"]
    refused = await catalog.put(place, json=REFORMER, headers=owner | {"If-Match": '"7"'})
    assert refused.status_code == 412
    assert refused.json()["current"]["name"] == REFORMER["name"]


async def test_same_key_same_answer_another_body_is_refused(
    catalog: httpx2.AsyncClient, signer: Signer
) -> None:
    owner = signer.bearer(uuid4()) | {"Idempotency-Key": "k1"}
    first = await catalog.post("/api/services", json=REFORMER, headers=owner)
    second = await catalog.post("/api/services", json=REFORMER, headers=owner)
    assert (second.status_code, second.content) == (201, first.content)
    other = await catalog.post("/api/services", json=REFORMER | {"name": "B"}, headers=owner)
    assert other.status_code == 422
    assert other.json()["type"] == "/problems/idempotency-key-reused"


async def test_two_services_cannot_share_a_name(
    catalog: httpx2.AsyncClient, signer: Signer
) -> None:
    owner = signer.bearer(uuid4())
    await catalog.post("/api/services", json=REFORMER, headers=owner)
    again = await catalog.post("/api/services", json=REFORMER, headers=owner)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/service-name-taken")


async def test_foreign_random_and_malformed_ids_answer_alike(
    catalog: httpx2.AsyncClient, signer: Signer
) -> None:
    made = await catalog.post("/api/services", json=REFORMER, headers=signer.bearer(uuid4()))
    stranger = signer.bearer(uuid4())
    answers = [
        await catalog.get(f"/api/services/{id_}", headers=stranger)
        for id_ in (UUID(made.json()["id"]), uuid4(), "not-an-id")
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (404, answers[0].content)
    }
