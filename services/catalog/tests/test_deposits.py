"""What a studio wants paid before a booking is confirmed."""

from typing import Any
from uuid import uuid4

import httpx2
import pytest

from catalog.deposit_policy import DepositPolicy

PAY_LATER = {"kind": "pay_later", "amount_cents": 0, "percent": 0}
FIXED = PAY_LATER | {"kind": "fixed", "amount_cents": 2000}
PERCENT = PAY_LATER | {"kind": "percent", "percent": 25}
FULL = PAY_LATER | {"kind": "full"}


def reformer(**changed: Any) -> dict[str, Any]:
    return {"name": "Reformer", "duration_minutes": 55, "price_cents": 9500} | changed


@pytest.mark.parametrize("policy", [PAY_LATER, FIXED, PERCENT, FULL], ids=lambda one: one["kind"])
async def test_a_service_has_a_deposit_and_all_are_told(
    catalog: httpx2.AsyncClient, studio: Any, heard: Any, policy: dict[str, Any]
) -> None:
    short = {key: value for key, value in policy.items() if value}
    made = await studio.add("services", **reformer(deposit=short))
    shown = await catalog.get(f"/api/services/{made['id']}", headers=studio.owner)
    assert shown.json()["deposit"] == policy
    assert shown.json()["deposit_cents"] == policy["amount_cents"]
    told = await heard.told("service.changed", studio.id, version=1)
    assert told["service"]["deposit"] == policy
    assert told["service"]["deposit_cents"] == policy["amount_cents"]


async def test_a_deposit_written_the_older_way_is_a_fixed_one(
    catalog: httpx2.AsyncClient, studio: Any
) -> None:
    made = await studio.add("services", **reformer(deposit_cents=2000))
    assert made["deposit"] == FIXED
    place = f"/api/services/{made['id']}"
    for older, policy in ((0, PAY_LATER), (2000, FIXED)):
        changed = await catalog.put(place, json=reformer(deposit_cents=older), headers=studio.owner)
        assert changed.json()["deposit"] == policy
    both = reformer(deposit=FIXED, deposit_cents=2000)
    assert (await catalog.put(place, json=both, headers=studio.owner)).status_code == 200
    percent = await catalog.put(place, json=reformer(deposit=PERCENT), headers=studio.owner)
    assert (percent.json()["deposit"], percent.json()["deposit_cents"]) == (PERCENT, 0)


BAD: list[tuple[dict[str, Any], str]] = [
    ({"deposit": {"kind": "fixed", "amount_cents": 9501}}, "deposit"),
    ({"deposit": {"kind": "fixed"}}, "deposit/amount_cents"),
    ({"deposit": {"kind": "fixed", "amount_cents": -1}}, "deposit/amount_cents"),
    ({"deposit": {"kind": "full", "amount_cents": 9500}}, "deposit/amount_cents"),
    ({"deposit": {"kind": "percent"}}, "deposit/percent"),
    ({"deposit": {"kind": "percent", "percent": 0}}, "deposit/percent"),
    ({"deposit": {"kind": "percent", "percent": 101}}, "deposit/percent"),
    ({"deposit": {"kind": "percent", "percent": "20"}}, "deposit/percent"),
    ({"deposit": {"kind": "pay_later", "percent": 20}}, "deposit/percent"),
    ({"deposit": {"kind": "barter"}}, "deposit/kind"),
    ({"deposit": {"kind": "full", "surprise": 1}}, "deposit/surprise"),
    ({"deposit_cents": 9501}, "deposit_cents"),
    ({"deposit": FIXED, "deposit_cents": 1}, "deposit_cents"),
    ({"deposit": PERCENT, "deposit_cents": 2000}, "deposit_cents"),
]


@pytest.mark.parametrize(("changed", "pointer"), BAD, ids=lambda value: repr(value)[:50])
async def test_a_deposit_that_cannot_be_is_refused_where_it_is_wrong(
    catalog: httpx2.AsyncClient, signer: Any, changed: dict[str, Any], pointer: str
) -> None:
    wanted = reformer(**changed)
    refused = await catalog.post("/api/services", json=wanted, headers=signer.bearer(uuid4()))
    assert refused.status_code == 422, refused.text
    assert [error["pointer"] for error in refused.json()["errors"]] == [f"#/body/{pointer}"]


async def test_a_price_is_not_lowered_under_the_deposit(
    catalog: httpx2.AsyncClient, studio: Any
) -> None:
    made = await studio.add("services", **reformer(deposit=FIXED))
    cheap = reformer(deposit=FIXED, price_cents=1999)
    place = f"/api/services/{made['id']}"
    assert (await catalog.put(place, json=cheap, headers=studio.owner)).status_code == 422


async def test_a_pages_policy_stands_above_those_of_its_services(
    catalog: httpx2.AsyncClient, studio: Any, heard: Any
) -> None:
    private = await studio.add("services", **reformer(deposit=FIXED))
    trial = await studio.add("services", **reformer(name="Trial", price_cents=1500))

    async def due(policy: dict[str, Any] | None) -> list[tuple[str, int]]:
        slug = f"p-{uuid4().hex[:10]}"
        offered = {"service_ids": [private["id"], trial["id"]], "deposit": policy}
        page = {"slug": slug, "title": "Book", "published": True, "configuration": offered}
        made = await studio.add("booking-pages", **page)
        assert made["configuration"]["deposit"] == policy
        told = await heard.told("booking-page.changed", studio.id, slug=slug)
        assert told["booking_page"]["deposit"] == policy
        seen = (await catalog.get(f"/api/public/booking/{slug}")).json()["services"]
        return [(service["deposit"]["kind"], service["deposit_cents"]) for service in seen]

    assert await due(None) == [("fixed", 2000), ("pay_later", 0)]
    assert await due(PAY_LATER) == [("pay_later", 0)] * 2
    assert await due(PERCENT) == [("percent", 2375), ("percent", 375)]
    assert await due(FULL) == [("full", 9500), ("full", 1500)]
    assert await due(FIXED) == [("fixed", 2000), ("fixed", 1500)]


def test_half_a_cent_is_paid_as_a_whole_one() -> None:
    half = DepositPolicy(kind="percent", percent=50)
    assert [half.due_cents(price) for price in (0, 1, 2, 3, 99)] == [0, 1, 1, 2, 50]
