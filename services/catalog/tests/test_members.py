"""Who may do what, and who is out."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from nats.js.errors import NoKeysError

from catalog import main, worker
from catalog.settings import CatalogSettings
from chassis.revocations import BUCKET
from chassis.runtime import running
from chassis.testing import eventually, served
from contracts.permissions import Permission

SERVICE = {"name": "Reformer", "duration_minutes": 55}


async def test_a_revoked_member_is_out_everywhere_within_five_seconds(
    catalog: httpx2.AsyncClient,
    settings: CatalogSettings,
    studio: Any,
    bearer_of: Callable[..., Any],
) -> None:
    member = await studio.join()
    async with served(main.create(settings)) as elsewhere:
        before = await elsewhere.get("/api/services", headers=bearer_of(member))
        assert before.status_code == 200
        place = f"/api/members/{member['member']['id']}"
        assert (await catalog.delete(place, headers=studio.owner)).status_code == 204

        async def is_out() -> bool:
            answer = await elsewhere.get("/api/services", headers=bearer_of(member))
            return answer.status_code == 401

        await eventually(is_out, within_seconds=5)
    body = {"refresh_token": member["refresh_token"]}
    assert (await catalog.post("/api/auth/refresh", json=body)).status_code == 401
    again = {"email": member["account"]["email"], "password": "reformer-and-cadillac"}
    assert (await catalog.post("/api/auth/sign-in", json=again)).status_code == 403


async def test_a_worker_that_starts_again_tells_what_a_killed_one_may_not_have_told(
    catalog: httpx2.AsyncClient, settings: CatalogSettings, studio: Any, heard: Any
) -> None:
    member = await studio.join()
    member_id = member["member"]["id"]
    await catalog.delete(f"/api/members/{member_id}", headers=studio.owner)
    await heard.told("access.revoked", studio.id, member_id=member_id)
    async with running(settings, []) as runtime:

        async def is_known() -> bool:
            bucket = await runtime.jetstream.key_value(BUCKET)
            with suppress(NoKeysError):
                return member_id in await bucket.keys()
            return False

        await eventually(connected(runtime))
        await eventually(is_known)
        await (await runtime.jetstream.key_value(BUCKET)).delete(member_id)
        async with served(worker.create(settings)):
            await eventually(is_known)


def connected(runtime: Any) -> Callable[[], Any]:
    async def look() -> bool:
        return bool(runtime.nats.is_connected)

    return look


async def test_a_changed_member_gets_the_new_permissions_with_the_next_token(
    catalog: httpx2.AsyncClient, studio: Any, bearer_of: Callable[..., Any]
) -> None:
    member = await studio.join(Permission.MANAGE_SERVICES)
    place = f"/api/members/{member['member']['id']}"
    changed = await catalog.patch(
        place, json={"permissions": ["MANAGE_CUSTOMERS"]}, headers=studio.owner
    )
    assert changed.status_code == 200, changed.text

    async def is_void() -> bool:
        answer = await catalog.post("/api/services", json=SERVICE, headers=bearer_of(member))
        return answer.status_code == 401

    await eventually(is_void, within_seconds=5)
    fresh = await catalog.post("/api/auth/refresh", json={"refresh_token": member["refresh_token"]})
    assert fresh.json()["member"]["permissions"] == ["MANAGE_CUSTOMERS"]
    bearer = bearer_of(fresh.json())
    assert (await catalog.get("/api/auth/me", headers=bearer)).status_code == 200
    refused = await catalog.post("/api/services", json=SERVICE, headers=bearer)
    assert (refused.status_code, refused.json()["missing"]) == (403, ["MANAGE_SERVICES"])


async def test_the_last_owner_can_neither_go_nor_be_demoted(
    catalog: httpx2.AsyncClient, studio: Any
) -> None:
    place = f"/api/members/{studio.signed_in['member']['id']}"
    gone = await catalog.delete(place, headers=studio.owner)
    demoted = await catalog.patch(place, json={"role": "staff"}, headers=studio.owner)
    for refused in (gone, demoted):
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/last-owner")


async def test_two_owners_who_demote_each_other_leave_one(
    catalog: httpx2.AsyncClient, studio: Any, bearer_of: Callable[..., Any]
) -> None:
    other = await studio.join(role="owner")
    first, second = (
        catalog.patch(f"/api/members/{id_}", json={"role": "staff"}, headers=who)
        for id_, who in (
            (other["member"]["id"], studio.owner),
            (studio.signed_in["member"]["id"], bearer_of(other)),
        )
    )
    answers = await asyncio.gather(first, second)
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_nobody_gives_what_they_do_not_have(
    catalog: httpx2.AsyncClient, studio: Any, bearer_of: Callable[..., Any]
) -> None:
    manager = await studio.join(Permission.MANAGE_STAFF, Permission.MANAGE_SERVICES)
    colleague = await studio.join(Permission.VIEW_FINANCIALS)
    bearer = bearer_of(manager)
    owner = f"/api/members/{studio.signed_in['member']['id']}"
    other = f"/api/members/{colleague['member']['id']}"
    myself = f"/api/members/{manager['member']['id']}"
    for place, body in (
        (owner, {"role": "staff"}),
        (other, {"role": "owner"}),
        (myself, {"role": "owner"}),
        (other, {"permissions": ["VIEW_FINANCIALS", "WAIVE_PENALTIES"]}),
        (myself, {"permissions": list(Permission)}),
    ):
        answer = await catalog.patch(place, json=body, headers=bearer)
        assert answer.status_code == 403, (place, body, answer.text)
    assert (await catalog.delete(owner, headers=bearer)).status_code == 403
    kept = {"permissions": ["VIEW_FINANCIALS", "MANAGE_SERVICES"]}
    assert (await catalog.patch(other, json=kept, headers=bearer)).status_code == 200
    for body in ({"role": "owner"}, {"permissions": ["WAIVE_PENALTIES"]}):
        invited = await catalog.post(
            "/api/members/invitations", json={"email": "x@y.example"} | body, headers=bearer
        )
        assert invited.status_code == 403


DOORS = [
    (Permission.MANAGE_SERVICES, "POST", "/api/services"),
    (Permission.MANAGE_STAFF, "POST", "/api/staff"),
    (Permission.MANAGE_STAFF, "GET", "/api/members"),
    (Permission.MANAGE_STAFF, "POST", "/api/members/invitations"),
    (Permission.MANAGE_STAFF, "GET", "/api/members/invitations"),
    (Permission.MANAGE_CUSTOMERS, "POST", "/api/customers"),
    (Permission.MANAGE_CUSTOMERS, "POST", "/api/customers/import"),
    (Permission.MANAGE_CUSTOMERS, "GET", "/api/customers/export"),
    (Permission.MANAGE_BOOKING_PAGES, "POST", "/api/booking-pages"),
]


@pytest.mark.parametrize(("needed", "method", "path"), DOORS)
async def test_a_door_opens_for_its_permission_and_no_other(
    catalog: httpx2.AsyncClient, signer: Any, needed: str, method: str, path: str
) -> None:
    others = set(Permission) - {needed}
    for permissions, refused in (({needed}, False), (others, True), (set(), True)):
        bearer = signer.bearer(uuid4(), *permissions, role="staff")
        answer = await catalog.request(method, path, headers=bearer)
        assert (answer.status_code == 403) == refused, answer.text
        assert answer.status_code < 500
    assert (await catalog.request(method, path)).status_code == 401


async def test_members_are_listed_in_the_order_in_which_they_joined(
    catalog: httpx2.AsyncClient, studio: Any
) -> None:
    await studio.join(Permission.MANAGE_CALENDAR)
    pages, cursor = [], {}
    while True:
        answer = await catalog.get(
            "/api/members", params={"limit": 1} | cursor, headers=studio.owner
        )
        page = answer.json()
        pages.append([member["role"] for member in page["items"]])
        if not page["next_cursor"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert pages == [["owner"], ["staff"]]
