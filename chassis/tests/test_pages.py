"""Lists are paged by cursor, stable while rows come and go."""

import base64
import json
from uuid import UUID, uuid4

import httpx2
import pytest

from stack.signer import Signer


async def test_pages_neither_repeat_nor_skip_what_was_there_all_along(
    api: httpx2.AsyncClient, signer: Signer
) -> None:
    owner = signer.bearer(uuid4())
    there = [f"{letter}-there" for letter in "bdfhj"]
    for title in there:
        await api.post("/notes", json={"title": title}, headers=owner)
    seen, cursor = [], ""
    for added in ("a", "c", "i", "z"):
        page = (await api.get(f"/notes?limit=2{cursor}", headers=owner)).json()
        seen += [note["title"] for note in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
        await api.post("/notes", json={"title": added}, headers=owner)
    assert [title for title in seen if title in there] == there
    assert len(seen) == len(set(seen))
    assert page["next_cursor"] is None


def forged(position: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode()


HOSTILE = ["x", "====", "ü", "%00", "A" * 1001, forged([]), forged({}), forged(None), forged("ab"),
           forged(["a"]), forged(["a", "no id"]), forged(["a", 5]), forged(["a", None]),
           forged(["\x00", str(UUID(int=1))]), forged(["a", str(UUID(int=1)), 1]),
           forged([["a"], {}]),
           base64.urlsafe_b64encode(b"[" * 700).decode(),
           base64.urlsafe_b64encode(b"\xff\xfe").decode()]  # fmt: skip


@pytest.mark.parametrize("cursor", HOSTILE)
async def test_a_cursor_that_is_not_ours_is_refused(
    api: httpx2.AsyncClient, signer: Signer, cursor: str
) -> None:
    answer = await api.get("/notes", params={"cursor": cursor}, headers=signer.bearer(uuid4()))
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-request")


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "page=2"])
async def test_a_page_has_bounds_and_known_parameters(
    api: httpx2.AsyncClient, signer: Signer, query: str
) -> None:
    assert (await api.get(f"/notes?{query}", headers=signer.bearer(uuid4()))).status_code == 422
