"""One Idempotency-Key, one effect, one answer."""

import asyncio
from uuid import UUID, uuid4

import httpx2
import pytest
from notebook.desk import Desk

from stack.signer import Signer


def notes_of(desk: Desk, business_id: UUID) -> int:
    return len(desk.rows("SELECT 1 FROM notes WHERE business_id = %s", business_id))


async def test_fifty_at_once_make_one_note_and_get_equal_answers(
    api: httpx2.AsyncClient, shared: Desk, signer: Signer
) -> None:
    business_id = uuid4()
    owner = signer.bearer(business_id) | {"Idempotency-Key": "k"}
    note = {"title": "once"}
    answers = await asyncio.gather(
        *(api.post("/notes", json=note, headers=owner) for _ in range(50))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({(answer.content, answer.headers["Location"]) for answer in answers}) == 1
    assert {answer.headers["content-type"] for answer in answers} == {"application/json"}
    assert notes_of(shared, business_id) == 1


async def test_another_body_or_query_with_the_same_key_is_refused(
    api: httpx2.AsyncClient, signer: Signer
) -> None:
    owner = signer.bearer(uuid4()) | {"Idempotency-Key": "k"}
    assert (await api.post("/notes", json={"title": "a"}, headers=owner)).status_code == 201
    for place, body in (("/notes", {"title": "b"}), ("/notes?x=1", {"title": "a"})):
        other = await api.post(place, json=body, headers=owner)
        assert (other.status_code, other.json()["type"]) == (
            422,
            "/problems/idempotency-key-reused",
        )


async def test_a_refused_request_may_be_made_again_with_its_key(
    api: httpx2.AsyncClient, shared: Desk, signer: Signer
) -> None:
    business_id = uuid4()
    owner = signer.bearer(business_id)
    key = owner | {"Idempotency-Key": "k"}
    await api.post("/notes", json={"title": "taken"}, headers=owner)
    for _ in range(2):
        assert (await api.post("/notes", json={"title": "taken"}, headers=key)).status_code == 409
    shared.rows("DELETE FROM notes WHERE business_id = %s RETURNING 1", business_id)
    assert (await api.post("/notes", json={"title": "taken"}, headers=key)).status_code == 201


async def test_a_key_belongs_to_its_caller(
    api: httpx2.AsyncClient, shared: Desk, signer: Signer
) -> None:
    """The same account in two businesses is two callers, and so are two accounts."""
    account, businesses = str(uuid4()), [uuid4(), uuid4()]
    for business_id in businesses:
        caller = signer.bearer(business_id, sub=account) | {"Idempotency-Key": "mine"}
        made = await api.post("/notes", json={"title": "a"}, headers=caller)
        assert made.status_code == 201
    assert [notes_of(shared, business_id) for business_id in businesses] == [1, 1]


async def test_a_kept_answer_is_not_told_to_a_caller_who_may_do_less_by_now(
    api: httpx2.AsyncClient, signer: Signer
) -> None:
    business_id, account = uuid4(), str(uuid4())
    owner = signer.bearer(business_id, sub=account) | {"Idempotency-Key": "k"}
    await api.post("/notes", json={"title": "a"}, headers=owner)
    demoted = signer.bearer(business_id, role="staff", sub=account) | {"Idempotency-Key": "k"}
    assert (await api.post("/notes", json={"title": "a"}, headers=demoted)).status_code == 422


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb", "ü\x00"])
async def test_a_hostile_key_is_refused(api: httpx2.AsyncClient, signer: Signer, key: str) -> None:
    headers = {**signer.bearer(uuid4())}
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    raw.append((b"Idempotency-Key", key.encode("latin-1")))
    answer = await api.post("/notes", json={"title": "a"}, headers=raw)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-request")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", b"\xff\x00"),
        ("application/json", b"{"),
        ("application/json", b""),
        ("multipart/form-data; boundary=x", b"--x"),
        ("application/json", b"\xff\xfe"),
    ],
)
async def test_a_body_that_is_not_ours_is_refused_with_or_without_a_key(
    api: httpx2.AsyncClient, signer: Signer, content_type: str, body: bytes
) -> None:
    owner = signer.bearer(uuid4()) | {"Content-Type": content_type}
    for headers in (owner, owner | {"Idempotency-Key": "k"}):
        answer = await api.post("/notes", content=body, headers=headers)
        assert answer.status_code in (400, 422), answer.text
        assert answer.headers["content-type"] == "application/problem+json"
