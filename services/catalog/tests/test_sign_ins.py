"""Signing in, staying in, and being out."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from catalog import main
from catalog.settings import CatalogSettings
from chassis.testing import eventually, served

PASSWORD = "reformer-and-cadillac"


async def sign_in(catalog: httpx2.AsyncClient, email: str, **changed: str) -> httpx2.Response:
    return await catalog.post(
        "/api/auth/sign-in", json={"email": email, "password": PASSWORD} | changed
    )


async def refresh(catalog: httpx2.AsyncClient, token: str) -> httpx2.Response:
    return await catalog.post("/api/auth/refresh", json={"refresh_token": token})


@pytest.fixture
async def clock(tmp_path: Path) -> Path:
    file = tmp_path / "now"
    file.write_text(datetime.now(UTC).isoformat())
    return file


@pytest.fixture
async def later(settings: CatalogSettings, clock: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """The same catalog where the clock is ours."""
    moved = settings.model_copy(update={"clock": clock, "embedded": True})
    async with served(main.create(moved)) as client:
        yield client


def pass_time(clock: Path, by: timedelta) -> None:
    clock.write_text((datetime.fromisoformat(clock.read_text()) + by).isoformat())


async def test_email_in_any_case_and_password_sign_in(
    catalog: httpx2.AsyncClient, studio: Any, bearer_of: Callable[..., Any]
) -> None:
    answer = await sign_in(catalog, studio.email.upper())
    assert answer.status_code == 200, answer.text
    me = await catalog.get("/api/auth/me", headers=bearer_of(answer.json()))
    assert me.json()["business"]["id"] == str(studio.id)


async def test_a_wrong_password_and_an_unknown_email_answer_alike(
    catalog: httpx2.AsyncClient, studio: Any
) -> None:
    wrong = await sign_in(catalog, studio.email, password="not the password")
    unknown = await sign_in(catalog, f"{uuid4().hex}@nobody.example")
    assert (wrong.status_code, wrong.content) == (401, unknown.content)


async def test_ten_failures_close_the_door_for_a_quarter_of_an_hour(
    catalog: httpx2.AsyncClient, later: httpx2.AsyncClient, clock: Path, studio: Any
) -> None:
    guesses = await asyncio.gather(
        *(sign_in(later, studio.email, password=f"guess number {n}") for n in range(14))
    )
    assert sorted(guess.status_code for guess in guesses) == [401] * 10 + [429] * 4
    refused = await sign_in(later, studio.email)
    assert (refused.status_code, refused.json()["type"]) == (429, "/problems/too-many-sign-ins")
    assert 0 < int(refused.headers["Retry-After"]) <= 900
    pass_time(clock, timedelta(minutes=15))
    assert (await sign_in(later, studio.email)).status_code == 200


async def test_many_sign_in_at_once_and_all_come_in(
    catalog: httpx2.AsyncClient, studio: Any
) -> None:
    body = {"email": studio.email, "password": PASSWORD}
    answers = await asyncio.gather(
        *(
            catalog.post("/api/auth/sign-in", json=body, headers={"Idempotency-Key": f"k{n}"})
            for n in range(25)
        )
    )
    assert [answer.status_code for answer in answers] == [200] * 25


async def test_credentials_are_not_kept_with_an_idempotency_key(
    catalog: httpx2.AsyncClient, studio: Any
) -> None:
    body = {"email": studio.email, "password": PASSWORD}
    key = {"Idempotency-Key": "signing in twice"}
    first, second = [
        await catalog.post("/api/auth/sign-in", json=body, headers=key) for _ in range(2)
    ]
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.headers["Cache-Control"] == "no-store"
    assert first.json()["refresh_token"] != second.json()["refresh_token"]


async def test_unknown_emails_are_throttled_the_same(catalog: httpx2.AsyncClient) -> None:
    email = f"{uuid4().hex}@nobody.example"
    answers = [await sign_in(catalog, email) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]


async def test_a_refresh_token_is_spent_by_its_use(
    catalog: httpx2.AsyncClient, studio: Any, bearer_of: Callable[..., Any]
) -> None:
    fresh = await refresh(catalog, studio.signed_in["refresh_token"])
    assert fresh.status_code == 200, fresh.text
    assert fresh.json()["refresh_token"] != studio.signed_in["refresh_token"]
    me = await catalog.get("/api/auth/me", headers=bearer_of(fresh.json()))
    assert me.status_code == 200


async def test_reuse_of_a_spent_token_ends_the_whole_family(
    catalog: httpx2.AsyncClient, studio: Any, bearer_of: Callable[..., Any]
) -> None:
    spent = studio.signed_in["refresh_token"]
    fresh = (await refresh(catalog, spent)).json()
    other = (await sign_in(catalog, studio.email)).json()
    stolen = await refresh(catalog, spent)
    assert (stolen.status_code, stolen.json()["type"]) == (401, "/problems/refresh-token-reused")
    assert (await refresh(catalog, fresh["refresh_token"])).status_code == 401

    async def is_out() -> bool:
        return (await catalog.get("/api/auth/me", headers=bearer_of(fresh))).status_code == 401

    await eventually(is_out, within_seconds=5)
    assert (await catalog.get("/api/auth/me", headers=bearer_of(other))).status_code == 200


async def test_one_of_many_parallel_refreshes_wins_and_the_family_ends(
    catalog: httpx2.AsyncClient, studio: Any
) -> None:
    token = studio.signed_in["refresh_token"]
    answers = await asyncio.gather(*(refresh(catalog, token) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 9


async def test_signing_out_ends_this_sign_in_only(
    catalog: httpx2.AsyncClient, studio: Any, bearer_of: Callable[..., Any]
) -> None:
    other = (await sign_in(catalog, studio.email)).json()
    assert (await catalog.post("/api/auth/sign-out", headers=bearer_of(other))).status_code == 204
    assert (await refresh(catalog, other["refresh_token"])).status_code == 401

    async def is_out() -> bool:
        return (await catalog.get("/api/auth/me", headers=bearer_of(other))).status_code == 401

    await eventually(is_out, within_seconds=5)
    assert (await catalog.get("/api/auth/me", headers=studio.owner)).status_code == 200


async def test_access_lasts_five_minutes_and_a_sign_in_thirty_unused_days(
    later: httpx2.AsyncClient, clock: Path, studio: Any, bearer_of: Callable[..., Any]
) -> None:
    signed_in = (await sign_in(later, studio.email)).json()
    pass_time(clock, timedelta(minutes=5))
    assert (await later.get("/api/auth/me", headers=bearer_of(signed_in))).status_code == 401
    pass_time(clock, timedelta(days=29))
    fresh = await refresh(later, signed_in["refresh_token"])
    assert fresh.status_code == 200
    pass_time(clock, timedelta(days=30))
    ended = await refresh(later, fresh.json()["refresh_token"])
    assert (ended.status_code, ended.json()["type"]) == (401, "/problems/sign-in-ended")


async def test_who_belongs_to_several_businesses_says_which(
    catalog: httpx2.AsyncClient, found: Callable[..., Any]
) -> None:
    first, second = await found(), await found()
    token = await second.invite(email=first.email)
    joined = await catalog.post(
        "/api/members/invitations/accept", json={"token": token, "password": PASSWORD}
    )
    assert joined.status_code == 201, joined.text
    asked = await sign_in(catalog, first.email)
    assert (asked.status_code, asked.json()["type"]) == (409, "/problems/business-not-chosen")
    slugs = {business["slug"] for business in asked.json()["businesses"]}
    assert slugs == {studio.signed_in["business"]["slug"] for studio in (first, second)}
    for studio, role in ((first, "owner"), (second, "staff")):
        slug = studio.signed_in["business"]["slug"]
        answer = await sign_in(catalog, first.email, business=slug)
        assert answer.json()["member"]["role"] == role
        assert answer.json()["business"]["id"] == str(studio.id)
    stranger = await found()
    refused = await sign_in(catalog, first.email, business=stranger.signed_in["business"]["slug"])
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-a-member")


@pytest.mark.parametrize("token", ["", "a.b.c", "\x00", "..", f"{UUID(int=1)}.{UUID(int=2)}.short"])
async def test_what_is_no_refresh_token_is_refused(catalog: httpx2.AsyncClient, token: str) -> None:
    assert (await refresh(catalog, token)).status_code == 422


async def test_a_forged_refresh_token_is_refused(catalog: httpx2.AsyncClient) -> None:
    forged = f"{uuid4()}.{uuid4()}.{'a' * 43}"
    assert (await refresh(catalog, forged)).status_code == 401
