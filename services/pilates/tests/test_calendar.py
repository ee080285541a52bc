"""Pilates's part of the merged calendar."""

from uuid import uuid4

import httpx2
import pytest

from chassis.testing import Signer

WEEK = {"from": "2026-03-02T00:00:00+01:00", "to": "2026-03-09T00:00:00+01:00"}


async def test_a_week_without_class_sessions_has_no_entries(
    pilates: httpx2.AsyncClient, signer: Signer
) -> None:
    member = signer.bearer(uuid4(), role="staff")
    answer = await pilates.get("/api/calendar", params=WEEK, headers=member)
    assert (answer.status_code, answer.json()) == (200, {"entries": []})
    one = WEEK | {"staff": str(uuid4()), "resource": str(uuid4())}
    answer = await pilates.get("/api/calendar", params=one, headers=member)
    assert (answer.status_code, answer.json()) == (200, {"entries": []})


@pytest.mark.parametrize(
    "changed",
    [
        {"from": WEEK["to"], "to": WEEK["from"]},
        {"to": WEEK["from"]},
        {"from": "2026-03-02T00:00:00"},
        {"from": "yesterday"},
        {"staff": "not-an-id"},
        {"surprise": "1"},
    ],
)
async def test_what_is_no_range_is_refused(
    pilates: httpx2.AsyncClient, signer: Signer, changed: dict[str, str]
) -> None:
    answer = await pilates.get(
        "/api/calendar", params=WEEK | changed, headers=signer.bearer(uuid4())
    )
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-request")


async def test_a_stranger_reads_no_calendar(pilates: httpx2.AsyncClient) -> None:
    answer = await pilates.get("/api/calendar", params=WEEK)
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated")
