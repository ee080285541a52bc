"""A deposit through the whole product, and a worker that dies with a refund half done."""

from typing import Any

import httpx2

from chassis.testing import eventually
from stack.testing import RunningStack
from tests.failpoints import REFUND, arm_refund
from tests.sandbox import pay
from tests.studio import Studio, open_studio

ASKED_AGAIN_SECONDS = 60
"""A refund that was begun is begun again after half a minute."""
DEPOSIT = {"deposit": {"kind": "percent", "percent": 20}, "price_cents": 9500}


async def test_a_worker_that_dies_between_the_refund_and_its_record_refunds_once(
    stack: RunningStack, gateway: httpx2.AsyncClient
) -> None:
    studio = await open_studio(gateway, **DEPOSIT)
    booked = await book(studio)
    checkout = await pay(gateway, booked["checkout_url"], "19.00 EUR")
    appointment = await read(studio, booked["id"])
    assert (appointment["status"], appointment["deposit_status"]) == ("confirmed", "paid")
    assert [one["kind"] for one in await receipts(studio)] == ["payment"]

    arm_refund(stack.home)
    worker = stack.pid("scheduling-worker")
    version = {"If-Match": f'"{appointment["version"]}"'}
    await studio.told("POST", f"/api/appointments/{booked['id']}/cancel", headers=version)
    await eventually(lambda: died(stack), within_seconds=20)
    first = (await gateway.get(f"{checkout}.json")).json()["refund"]
    assert first is not None
    assert [one["kind"] for one in await receipts(studio)] == ["payment"]

    await eventually(lambda: is_refunded(studio, booked["id"]), within_seconds=ASKED_AGAIN_SECONDS)
    assert stack.pid("scheduling-worker") != worker
    again = (await gateway.get(f"{checkout}.json")).json()
    assert again["refund"] == first
    assert [message["kind"] for message in again["messages"]] == ["paid", "refunded"]
    found = [(one["number"], one["kind"], one["amount_cents"]) for one in await receipts(studio)]
    assert found == [(1, "payment", 1900), (2, "refund", 1900)]


async def book(studio: Studio) -> dict[str, Any]:
    [place] = studio.places(1)
    answer = await studio.book("ada@example.com", **place)
    assert answer.status_code == 201, answer.text
    booked: dict[str, Any] = answer.json()
    assert (booked["status"], booked["deposit_cents"]) == ("pending", 1900)
    return booked


async def read(studio: Studio, id_: str) -> dict[str, Any]:
    found: dict[str, Any] = await studio.told("GET", f"/api/appointments/{id_}")
    return found


async def receipts(studio: Studio) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await studio.told("GET", "/api/receipts"))["items"]
    return found


async def died(stack: RunningStack) -> bool:
    return (stack.home / "failpoints" / REFUND).read_text() == "1"


async def is_refunded(studio: Studio, id_: str) -> bool:
    return bool((await read(studio, id_))["deposit_status"] == "refunded")
