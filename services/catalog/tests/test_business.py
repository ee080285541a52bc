"""The business's own settings."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from contracts.permissions import Permission

BILLING = {"legal_name": "Core GmbH", "address": "Ufer 1\nBerlin", "tax_number": "DE123"}


async def test_an_owner_changes_what_is_named_and_everybody_hears(
    catalog: httpx2.AsyncClient, studio: Any, heard: Any
) -> None:
    hours = [{"weekday": "monday", "opens_at": "08:00:00", "closes_at": "20:00:00"}]
    changed = await catalog.patch(
        "/api/business",
        json={"time_zone": "Europe/Lisbon", "opening_hours": hours},
        headers=studio.owner | {"If-Match": '"1"'},
    )
    assert changed.status_code == 200, changed.text
    assert changed.headers["ETag"] == '"2"'
    assert changed.json()["opening_hours"] == hours
    assert changed.json()["name"] == "Core Berlin"
    told = await heard.told("business.changed", studio.id, version=2)
    assert told["business"]["time_zone"] == "Europe/Lisbon"
    stale = await catalog.patch(
        "/api/business", json={"name": "X"}, headers=studio.owner | {"If-Match": '"1"'}
    )
    assert (stale.status_code, stale.json()["current"]["version"]) == (412, 2)


async def test_billing_is_hidden_from_members_without_financials(
    catalog: httpx2.AsyncClient, studio: Any, heard: Any, bearer_of: Callable[..., Any]
) -> None:
    changed = await catalog.patch("/api/business", json={"billing": BILLING}, headers=studio.owner)
    assert changed.json()["billing"] == BILLING
    staff = bearer_of(await studio.join())
    accountant = bearer_of(await studio.join(Permission.VIEW_FINANCIALS))
    assert (await catalog.get("/api/business", headers=staff)).json()["billing"] is None
    assert (await catalog.get("/api/business", headers=accountant)).json()["billing"] == BILLING
    told = await heard.told("business.changed", studio.id, version=2)
    # Whoever pays reads it on the receipt, which the portal writes.
    assert told["business"]["billing"] == BILLING


async def test_only_an_owner_changes_the_business(
    catalog: httpx2.AsyncClient, studio: Any, bearer_of: Callable[..., Any]
) -> None:
    member = bearer_of(await studio.join(*Permission))
    refused = await catalog.patch("/api/business", json={"name": "Mine"}, headers=member)
    assert refused.status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"name": None},
        {"time_zone": "Factory"},
        {"currency": None},
        {"slug": "another"},
        {"opening_hours": [{"weekday": "monday", "opens_at": "20:00", "closes_at": "08:00"}]},
        {"opening_hours": [{"weekday": "noday", "opens_at": "08:00", "closes_at": "20:00"}]},
        {"opening_hours": [{"weekday": "monday", "opens_at": "08:00Z", "closes_at": "20:00"}]},
        {"billing": {"legal_name": "a\r\nb"}},
        {"email": "x@y\n.example"},
    ],
    ids=str,
)
async def test_what_makes_no_sense_is_refused(
    catalog: httpx2.AsyncClient, signer: Any, body: dict[str, Any]
) -> None:
    refused = await catalog.patch("/api/business", json=body, headers=signer.bearer(uuid4()))
    assert refused.status_code == 422, refused.text
