"""Signing up through the door."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import httpx2
import pytest

WANTED = {
    "password": "reformer-and-cadillac",
    "name": "Olga",
    "business_name": "Studio Käthe & Söhne",
    "time_zone": "Europe/Berlin",
    "currency": "EUR",
    "locale": "de-DE",
}


def wanted(**changed: Any) -> dict[str, Any]:
    return WANTED | {"email": f"{uuid4().hex[:12]}@owner.example"} | changed


async def test_signing_up_makes_account_business_and_owner(
    catalog: httpx2.AsyncClient, heard: Any
) -> None:
    made = await catalog.post("/api/auth/sign-up", json=wanted())
    assert made.status_code == 201, made.text
    answer = made.json()
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 300)
    assert answer["business"]["slug"].startswith("studio-kathe-sohne")
    assert answer["member"]["role"] == "owner"
    bearer = {"Authorization": f"Bearer {answer['access_token']}"}
    me = await catalog.get("/api/auth/me", headers=bearer)
    assert me.json() == {key: answer[key] for key in ("account", "business", "member")}
    told = await heard.told("business.changed", answer["business"]["id"])
    assert told["business"]["time_zone"] == "Europe/Berlin"


async def test_an_email_signs_up_once_whatever_its_case(catalog: httpx2.AsyncClient) -> None:
    first = wanted()
    await catalog.post("/api/auth/sign-up", json=first)
    again = await catalog.post(
        "/api/auth/sign-up", json=wanted(email=first["email"].upper(), business_name="Other")
    )
    assert (again.status_code, again.json()["type"]) == (409, "/problems/email-taken")


async def test_a_taken_slug_is_refused_when_asked_for_and_varied_when_not(
    catalog: httpx2.AsyncClient,
) -> None:
    slug = f"s-{uuid4().hex[:8]}"
    assert (await catalog.post("/api/auth/sign-up", json=wanted(slug=slug))).status_code == 201
    again = await catalog.post("/api/auth/sign-up", json=wanted(slug=slug))
    assert (again.status_code, again.json()["type"]) == (409, "/problems/business-slug-taken")
    varied = await catalog.post("/api/auth/sign-up", json=wanted(business_name=slug))
    assert varied.json()["business"]["slug"].startswith(f"{slug}-")


async def test_a_refused_sign_up_leaves_nothing_behind(catalog: httpx2.AsyncClient) -> None:
    slug, email = f"s-{uuid4().hex[:8]}", f"{uuid4().hex[:8]}@owner.example"
    await catalog.post("/api/auth/sign-up", json=wanted(slug=slug))
    await catalog.post("/api/auth/sign-up", json=wanted(slug=slug, email=email))
    again = await catalog.post("/api/auth/sign-up", json=wanted(email=email))
    assert again.status_code == 201


@pytest.mark.parametrize("same", ["email", "slug"])
async def test_twenty_at_once_for_one_name_have_one_winner(
    catalog: httpx2.AsyncClient, same: str
) -> None:
    value = {"email": f"{uuid4().hex[:8]}@race.example", "slug": f"race-{uuid4().hex[:8]}"}[same]
    answers = await asyncio.gather(
        *(catalog.post("/api/auth/sign-up", json=wanted(**{same: value})) for _ in range(20))
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19


@pytest.mark.parametrize(
    "changed",
    [
        {"password": "too short"},
        {"password": "x" * 201},
        {"password": "lone surrogate \ud800"},
        {"email": "no at"},
        {"email": "a@b.example\r\nBcc: all@b.example"},
        {"name": "Olga\r\nX-Header: 1"},
        {"name": ""},
        {"business_name": "x" * 201},
        {"slug": "Not A Slug"},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": "europe/berlin"},
        {"time_zone": 1},
        {"currency": "eur"},
        {"currency": "XXX"},
        {"currency": "DEM"},
        {"locale": "xx-XX"},
        {"locale": "de_DE\x00"},
        {"role": "owner"},
    ],
    ids=str,
)
async def test_what_makes_no_sense_is_refused_by_name(
    catalog: httpx2.AsyncClient, changed: dict[str, Any]
) -> None:
    body = json.dumps(wanted(**changed)).encode()
    refused = await catalog.post(
        "/api/auth/sign-up", content=body, headers={"Content-Type": "application/json"}
    )
    assert refused.status_code == 422, refused.text
    [field] = changed
    assert [error["pointer"] for error in refused.json()["errors"]] == [f"#/body/{field}"]
    assert str(wanted()["password"]) not in refused.text
