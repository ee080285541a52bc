"""What every door has in common."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx2
import pytest
from fastapi import Depends
from fastapi.responses import JSONResponse, StreamingResponse
from notebook.desk import Desk

from chassis.app import MAX_BODY_BYTES, create_app
from chassis.auth import public
from chassis.http import Router
from chassis.testing import served
from stack.signer import Signer


@pytest.mark.parametrize(
    "note",
    [{"title": "a", "more": 1}, {"title": 5}, {"title": ""}, {"title": "a\x00"}, {}, [], "x"],
)
async def test_a_body_with_unknown_fields_or_unfit_values_is_refused(
    api: httpx2.AsyncClient, signer: Signer, note: object
) -> None:
    refused = await api.post("/notes", json=note, headers=signer.bearer(uuid4()))
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/invalid-request")
    assert refused.headers["content-type"] == "application/problem+json"
    assert all(error["pointer"].startswith("#/body") for error in refused.json()["errors"])


async def test_other_methods_are_refused_as_problems(
    api: httpx2.AsyncClient, signer: Signer
) -> None:
    for method in ("HEAD", "OPTIONS", "PATCH", "TRACE"):
        refused = await api.request(method, "/notes", headers=signer.bearer(uuid4()))
        assert refused.status_code == 405, method
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["Allow"]


async def test_a_body_without_end_is_refused(api: httpx2.AsyncClient, signer: Signer) -> None:
    too_much = b"x" * (MAX_BODY_BYTES + 1)
    for headers in (signer.bearer(uuid4()), signer.bearer(uuid4()) | {"Idempotency-Key": "k"}):
        refused = await api.post("/notes", content=too_much, headers=headers)
        assert refused.status_code == 413


async def test_health_readiness_and_metrics_answer_without_a_token(
    api: httpx2.AsyncClient,
) -> None:
    assert (await api.get("/healthz")).json() == {"status": "ok"}
    assert (await api.get("/readyz")).json()["database"] is True
    metrics = await api.get("/metrics")
    assert metrics.status_code == 200
    assert "bookly_outbox_relayed_total" in metrics.text
    assert "http_server_request_duration" in metrics.text


async def test_streams_and_credentials_are_never_kept_under_an_idempotency_key(
    shared: Desk,
) -> None:
    router = Router(dependencies=[Depends(public)])
    made: list[int] = []

    @router.post("/stream")
    async def stream() -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"piece"

        return StreamingResponse(pieces())

    @router.post("/sign-ins")
    async def sign_in() -> JSONResponse:
        made.append(1)
        return JSONResponse({"token": len(made)}, headers={"Cache-Control": "no-store"})

    key = {"Idempotency-Key": str(uuid4())}
    async with served(create_app(shared.settings(), routers=[router])) as client:
        for token in (1, 2):
            assert (await client.post("/stream", headers=key)).content == b"piece"
            assert (await client.post("/sign-ins", headers=key)).json() == {"token": token}
    kept = "SELECT 1 FROM idempotency_keys WHERE key = %s"
    assert shared.rows(kept, key["Idempotency-Key"]) == []
