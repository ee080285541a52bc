"""How members come."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2

from catalog.settings import CatalogSettings

PASSWORD = "reformer-and-cadillac"


async def accept(catalog: httpx2.AsyncClient, token: str, **changed: Any) -> httpx2.Response:
    body = {"token": token, "name": "Ana", "password": PASSWORD} | changed
    return await catalog.post("/api/members/invitations/accept", json=body)


async def test_an_invited_staff_member_is_active_once_they_have_joined(
    catalog: httpx2.AsyncClient, studio: Any, heard: Any, bearer_of: Callable[..., Any]
) -> None:
    staff = await studio.add("staff", name="Ana")
    token = await studio.invite(staff_id=staff["id"], permissions=["MANAGE_CUSTOMERS"])
    place = f"/api/staff/{staff['id']}"
    assert (await catalog.get(place, headers=studio.owner)).json()["status"] == "invited"
    joined = await accept(catalog, token)
    assert joined.status_code == 201, joined.text
    member = joined.json()["member"]
    assert (member["staff_id"], member["permissions"]) == (staff["id"], ["MANAGE_CUSTOMERS"])
    assert (await catalog.get(place, headers=studio.owner)).json()["status"] == "active"
    await heard.told("staff-member.changed", studio.id, status="active", version=3)
    me = await catalog.get("/api/auth/me", headers=bearer_of(joined.json()))
    assert me.json()["account"]["name"] == "Ana"


async def test_an_invitation_is_used_once(catalog: httpx2.AsyncClient, studio: Any) -> None:
    token = await studio.invite()
    answers = await asyncio.gather(*(accept(catalog, token) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers)[0] == 201
    assert all(answer.status_code in (201, 401, 409, 410) for answer in answers)
    assert sum(answer.status_code == 201 for answer in answers) == 1
    again = await accept(catalog, token)
    assert (again.status_code, again.json()["type"]) == (410, "/problems/invitation-ended")


async def test_a_withdrawn_or_replaced_invitation_has_ended(
    catalog: httpx2.AsyncClient, studio: Any
) -> None:
    staff = await studio.add("staff", name="Ana")
    first = await studio.invite("ana@core.example", staff_id=staff["id"])
    listed = await catalog.get("/api/members/invitations", headers=studio.owner)
    [only] = listed.json()["items"]
    place = f"/api/members/invitations/{only['id']}"
    assert (await catalog.delete(place, headers=studio.owner)).status_code == 204
    assert (await catalog.delete(place, headers=studio.owner)).status_code == 404
    assert (await accept(catalog, first)).status_code == 410
    shown = await catalog.get(f"/api/staff/{staff['id']}", headers=studio.owner)
    assert shown.json()["status"] == "active"


async def test_a_newer_invitation_ends_the_older(
    catalog: httpx2.AsyncClient, studio: Any, heard: Any
) -> None:
    email = f"{uuid4().hex[:8]}@core.example"
    older = await studio.invite(email)
    heard.messages.clear()
    newer = await studio.invite(email.upper())
    assert (await accept(catalog, older)).status_code == 410
    assert (await accept(catalog, newer)).status_code == 201


async def test_who_is_archived_is_not_awaited_any_more(
    catalog: httpx2.AsyncClient, studio: Any, heard: Any, future_bookings: Any
) -> None:
    ana, ben = await studio.add("staff", name="Ana"), await studio.add("staff", name="Ben")
    for_ana = await studio.invite(staff_id=ana["id"])
    for_ben = await studio.invite(staff_id=ben["id"])
    archived = await catalog.delete(f"/api/staff/{ana['id']}", headers=studio.owner)
    assert archived.status_code == 204
    assert (await accept(catalog, for_ana)).status_code == 410
    listed = await catalog.get("/api/members/invitations", headers=studio.owner)
    assert [one["staff_id"] for one in listed.json()["items"]] == [ben["id"]]
    told = await heard.told("staff-member.changed", studio.id, id=ana["id"], version=3)
    assert told["staff_member"]["status"] == "active"
    assert told["staff_member"]["archived_at"]
    assert (await accept(catalog, for_ben)).status_code == 201


async def test_who_is_archived_while_they_accept_has_one_of_the_two_outcomes(
    catalog: httpx2.AsyncClient, studio: Any, future_bookings: Any
) -> None:
    for _ in range(5):
        staff = await studio.add("staff", name="Ana")
        token = await studio.invite(staff_id=staff["id"])
        archived, accepted = await asyncio.gather(
            catalog.delete(f"/api/staff/{staff['id']}", headers=studio.owner),
            accept(catalog, token),
        )
        assert (archived.status_code, accepted.status_code) in ((204, 201), (204, 410))
        shown = await catalog.get(f"/api/staff/{staff['id']}", headers=studio.owner)
        assert shown.json()["archived_at"]
        assert shown.json()["status"] == "active"


async def test_an_existing_account_joins_by_its_own_password(
    catalog: httpx2.AsyncClient, found: Callable[..., Any]
) -> None:
    here, there = await found(), await found()
    token = await here.invite(email=there.email)
    wrong = await accept(catalog, token, password="somebody else's")
    assert (wrong.status_code, wrong.json()["type"]) == (401, "/problems/wrong-credentials")
    right = await accept(catalog, token)
    assert right.status_code == 201
    assert right.json()["account"]["id"] == there.signed_in["account"]["id"]
    assert right.json()["account"]["name"] == "Olga Owner"


async def test_who_is_new_says_a_name_and_a_good_password(
    catalog: httpx2.AsyncClient, studio: Any
) -> None:
    token = await studio.invite()
    for changed in ({"name": None}, {"password": "short"}):
        refused = await accept(catalog, token, **changed)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/name-needed")
    assert (await accept(catalog, token)).status_code == 201


async def test_a_member_is_not_invited_again(catalog: httpx2.AsyncClient, studio: Any) -> None:
    again = await catalog.post(
        "/api/members/invitations", json={"email": studio.email}, headers=studio.owner
    )
    assert (again.status_code, again.json()["type"]) == (409, "/problems/already-member")


async def test_a_foreign_staff_member_cannot_be_named(
    catalog: httpx2.AsyncClient, studio: Any, found: Callable[..., Any]
) -> None:
    staff = await (await found()).add("staff", name="Ana")
    body = {"email": "a@b.example", "staff_id": staff["id"]}
    refused = await catalog.post("/api/members/invitations", json=body, headers=studio.owner)
    assert refused.status_code == 404


async def test_a_made_up_token_leads_nowhere(catalog: httpx2.AsyncClient, studio: Any) -> None:
    assert (await accept(catalog, f"{studio.id}.{'a' * 43}")).status_code == 404
    assert (await accept(catalog, "\x00")).status_code == 422


async def test_no_token_is_kept_in_clear(
    catalog: httpx2.AsyncClient, studio: Any, settings: CatalogSettings
) -> None:
    token = await studio.invite()
    refresh = studio.signed_in["refresh_token"]
    connection = await asyncpg.connect(settings.database_url)
    await connection.execute("SELECT set_config('app.business_id', $1, false)", str(studio.id))
    kept = await connection.fetch("SELECT row_to_json(i)::text AS row FROM invitations i")
    kept += await connection.fetch("SELECT row_to_json(s)::text AS row FROM sign_ins s")
    await connection.close()
    assert len(kept) == 2
    for row in kept:
        assert token.split(".")[1] not in row["row"]
        assert refresh.split(".")[2] not in row["row"]
