"""Signing in by a link: what opens it, what ends it, and what nobody learns from it."""

import asyncio
import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from portal.sign_in_links.models import LinkRequest, MagicLink
from portal.signed_token import new_token

NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)


async def test_only_the_first_post_consumes_a_link(studio, portal, rows) -> None:
    token = await studio.link((await studio.customer())["email"])
    page = f"/api/portal/{studio.slug}/page"
    for method in ("HEAD", "GET", "GET", "GET"):
        await portal.request(method, page, params={"token": token})
        seen = await portal.request(method, "/api/portal/session", params={"token": token})
        assert seen.status_code in (401, 405)
    [link] = await rows(MagicLink, studio.id)
    assert (link.consumed_at, link.ended_at) == (None, None)
    first = await portal.post("/api/portal/session", json={"token": token})
    assert (first.status_code, first.json()["business"]["slug"]) == (201, studio.slug)
    second = await portal.post("/api/portal/session", json={"token": token})
    assert (second.status_code, second.json()["type"]) == (410, "/problems/link-gone")
    assert second.json()["because"] == "used"
    assert "Set-Cookie" not in second.headers


async def test_the_link_is_on_our_own_address_and_its_token_on_no_server(studio, settings) -> None:
    email = (await studio.customer())["email"]
    hostile = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    await studio.link(email, headers=hostile)
    told = await studio.heard.told("portal.magic-link.requested", studio.id, email=email)
    assert told["url"].startswith(f"https://bookly.example/portal/{studio.slug}/sign-in#token=")


async def test_fifty_who_come_at_once_with_one_link_are_one_session(studio, portal) -> None:
    token = await studio.link((await studio.customer())["email"])
    came = await asyncio.gather(
        *(portal.post("/api/portal/session", json={"token": token}) for _ in range(50))
    )
    assert sorted(one.status_code for one in came) == [201] + [410] * 49


@pytest.mark.parametrize(("after", "status"), [(0, 201), (1, 410), (1000, 410)])
async def test_a_link_lives_fifteen_minutes(studio, portal, clock, after, status) -> None:
    """Gone iff `now >= expires_at`: a millisecond before it is good."""
    clock.set(NOW)
    token = await studio.link((await studio.customer())["email"])
    clock.set(NOW + timedelta(minutes=15, milliseconds=after - 1))
    came = await portal.post("/api/portal/session", json={"token": token})
    assert came.status_code == status, came.text


async def test_a_newer_link_ends_the_older(studio, portal) -> None:
    email = (await studio.customer())["email"]
    older, newer = await studio.link(email), await studio.link(email)
    refused = await portal.post("/api/portal/session", json={"token": older})
    assert (refused.status_code, refused.json()["because"]) == (410, "replaced")
    assert (await portal.post("/api/portal/session", json={"token": newer})).status_code == 201


async def test_only_a_hash_of_the_token_is_kept(studio, rows) -> None:
    token = await studio.link((await studio.customer())["email"])
    [link] = await rows(MagicLink, studio.id)
    kept = " ".join(str(value) for value in vars(link).values())
    assert token not in kept
    assert len(link.token_hash) == 64
    assert [asked.email for asked in await rows(LinkRequest, studio.id)] == [None]


async def test_what_was_not_signed_for_signing_in_opens_nothing(studio, portal, settings) -> None:
    token = await studio.link((await studio.customer())["email"])
    turned = token[:-1] + ("A" if token[-1] != "A" else "B")
    forged = new_token(studio.id, uuid4())
    tokens = [
        turned,
        forged.signed("sign-in", "another secret of thirty-two characters"),
        forged.signed("email-change", settings.link_secret),
        forged.signed("feed", settings.link_secret),
        "x",
        "%00",
    ]
    for one in tokens:
        refused = await portal.post("/api/portal/session", json={"token": one})
        assert (refused.status_code, refused.json()["type"]) == (404, "/problems/not-found")
    gone = forged.signed("sign-in", settings.link_secret)
    assert (await portal.post("/api/portal/session", json={"token": gone})).status_code == 410
    assert (await portal.post("/api/portal/session", json={"token": token})).status_code == 201


async def test_three_links_in_a_quarter_of_an_hour_for_one_address(studio, clock) -> None:
    for email in ((await studio.customer())["email"], "nobody@example.com"):
        clock.set(NOW)
        for _ in range(3):
            assert (await studio.ask_for_link(email)).status_code == 202
        for spelled in (email, email.upper()):
            refused = await studio.ask_for_link(spelled)
            assert (refused.status_code, refused.headers["Retry-After"]) == (429, "900")
        clock.set(NOW + timedelta(minutes=14, seconds=59))
        assert (await studio.ask_for_link(email)).status_code == 429
        clock.set(NOW + timedelta(minutes=15))
        assert (await studio.ask_for_link(email)).status_code == 202


async def test_many_at_once_are_counted_like_many_in_a_row(studio) -> None:
    asked = await asyncio.gather(*(studio.ask_for_link("ada@example.com") for _ in range(20)))
    assert sorted(one.status_code for one in asked) == [202] * 3 + [429] * 17


async def test_one_network_asks_for_no_more_than_thirty(studio) -> None:
    there = {"X-Forwarded-For": "2001:db8:1:2::1"}
    for number in range(30):
        asked = await studio.ask_for_link(f"guest{number}@example.com", headers=there)
        assert asked.status_code == 202
    same = {"X-Forwarded-For": "2001:db8:1:2:ffff::9"}
    refused = await studio.ask_for_link("one.more@example.com", headers=same)
    assert refused.status_code == 429
    other = {"X-Forwarded-For": "2001:db8:1:3::1"}
    assert (await studio.ask_for_link("one.more@example.com", headers=other)).status_code == 202


async def test_an_unknown_address_gets_the_same_answer_in_the_same_time(studio, clock) -> None:
    """Two hundred of each, one after the other. Nothing but a busy machine needs a second round."""
    known = [(await studio.customer())["email"] for _ in range(4)]
    at, answers, apart = NOW, set(), []
    for _ in range(3):
        seconds: dict[str, list[float]] = {"known": [], "unknown": []}
        for pair in range(200):
            # Each address may ask three times a quarter of an hour, so time goes on.
            clock.set(at := at + timedelta(minutes=6))
            both = [("known", known[pair % 4]), ("unknown", f"{uuid4().hex[:12]}@example.com")]
            for kind, email in both if pair % 2 else reversed(both):
                began = time.perf_counter()
                asked = await studio.ask_for_link(email)
                seconds[kind].append(time.perf_counter() - began)
                answers.add((asked.status_code, asked.content, str(sorted(asked.headers.items()))))
        apart.append(
            abs(statistics.median(seconds["known"]) - statistics.median(seconds["unknown"]))
        )
        if apart[-1] < 0.005:
            break
    assert len(answers) == 1
    assert min(apart) < 0.005, apart


async def test_an_unknown_address_gets_no_mail(studio) -> None:
    await studio.ask_for_link("nobody@example.com")
    await studio.link((await studio.customer())["email"])
    mails = studio.heard.of("portal.magic-link.requested", studio.id)
    assert "nobody@example.com" not in {mail["email"] for mail in mails}


async def test_who_is_archived_or_somebody_elses_gets_no_mail(studio, open_studio) -> None:
    other = await open_studio()
    stranger = await other.customer()
    await studio.ask_for_link(stranger["email"])
    await studio.link((await studio.customer())["email"])
    assert studio.heard.of("portal.magic-link.requested", studio.id, email=stranger["email"]) == []


ELSEWHERE = (
    "//evil.example",
    "https://evil.example/",
    "/portal/core/../../x",
    "/portal/core/bookings?next=//evil.example",
    "/portal/core/bookings#x",
    "/portal/core/bookings/",
    "/api/portal/session",
    "/portal/core\\evil",
    "/portal/core/bookings\n",
)


async def test_nobody_is_led_away_after_signing_in(studio) -> None:
    for path in ELSEWHERE:
        asked = await studio.ask_for_link("ada@example.com", json={"return_path": path})
        assert asked.status_code == 422, path


async def test_the_client_goes_on_with_what_they_were_doing(studio, portal) -> None:
    email = (await studio.customer())["email"]
    for path in (f"/portal/{studio.slug}/bookings/{uuid4()}", f"/book/{studio.slug}"):
        token = await studio.link(email, json={"return_path": path})
        opened = await portal.post("/api/portal/session", json={"token": token})
        assert opened.json()["return_path"] == path


async def test_an_unknown_studio_has_no_portal(portal) -> None:
    for method, path in (("GET", "page"), ("POST", "magic-links")):
        body: Any = {"email": "a@example.com"} if method == "POST" else None
        asked = await portal.request(method, f"/api/portal/no-such-studio/{path}", json=body)
        assert asked.status_code == 404
