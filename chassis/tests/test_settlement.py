"""What a request begins and another transaction ends: the caller waits for it, within bounds."""

import time
from typing import Any
from uuid import UUID, uuid4

import httpx2
from notebook.desk import Desk

from chassis.testing import eventually
from stack.signer import Signer


async def slowly(
    api: httpx2.AsyncClient, headers: dict[str, str], **wanted: Any
) -> httpx2.Response:
    return await api.post("/slow-notes", json={"title": "open"} | wanted, headers=headers)


def titles(desk: Desk, business_id: UUID) -> list[str]:
    found = desk.rows("SELECT title FROM notes WHERE business_id = %s", business_id)
    return [row["title"] for row in found]


async def test_what_settles_in_time_is_the_answer_and_the_key_s_too(
    api: httpx2.AsyncClient, shared: Desk, signer: Signer
) -> None:
    business_id = uuid4()
    owner = signer.bearer(business_id) | {"Idempotency-Key": "k"}
    answers = [await slowly(api, owner, status=201) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert titles(shared, business_id) == ["settled"]


async def test_what_was_refused_frees_its_key(
    api: httpx2.AsyncClient, shared: Desk, signer: Signer
) -> None:
    business_id = uuid4()
    owner = signer.bearer(business_id) | {"Idempotency-Key": "k"}
    assert (await slowly(api, owner, status=409)).status_code == 409
    assert titles(shared, business_id) == []
    assert (await slowly(api, owner, status=201)).status_code == 201
    assert titles(shared, business_id) == ["settled"]


async def test_what_is_unknown_or_failed_was_accepted(
    api: httpx2.AsyncClient, shared: Desk, signer: Signer
) -> None:
    business_id = uuid4()
    owner = signer.bearer(business_id)
    keyed = owner | {"Idempotency-Key": "k"}
    unknown = {"title": "one", "status": None}
    failed = {"title": "two", "status": 201, "fails": True}
    for headers, wanted in ((keyed, unknown), (owner, failed)):
        answer = await slowly(api, headers, **wanted)
        assert (answer.status_code, answer.json()["title"]) == (202, wanted["title"])
    assert (await slowly(api, keyed, **unknown)).status_code == 202
    assert sorted(titles(shared, business_id)) == ["one", "two"]


async def test_nobody_waits_longer_than_two_and_a_half_seconds_and_it_goes_on(
    api: httpx2.AsyncClient, shared: Desk, signer: Signer
) -> None:
    business_id = uuid4()
    owner = signer.bearer(business_id) | {"Idempotency-Key": "k"}
    began = time.monotonic()
    wanted = {"status": 201, "after_seconds": 4}
    assert (await slowly(api, owner, **wanted)).status_code == 202
    # Before it ends, so nobody waited for that; a machine with other work may take its time.
    assert 2.4 < time.monotonic() - began < 4

    async def went_on() -> bool:
        return titles(shared, business_id) == ["settled"]

    await eventually(went_on)

    async def key_has_the_end() -> bool:
        return (await slowly(api, owner, **wanted)).status_code == 201

    await eventually(key_has_the_end)
