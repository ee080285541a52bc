"""The page behind the link in an invitation: opened by anything, it changes nothing."""

import re
from typing import Any

import httpx2
import pytest

from catalog.pages.routes import FILES, FOLDER
from catalog.pages.words import WORDS

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
ACCEPT = "/api/members/invitations/accept"
ACCEPTED = {"name": "Ana", "password": "reformer-and-cadillac"}


async def test_an_invitation_is_opened_thrice_and_still_good(
    catalog: httpx2.AsyncClient, studio: Any
) -> None:
    token = await studio.invite()
    for method in ("HEAD", "GET", "GET", "GET"):
        seen = await catalog.request(method, "/join")
        assert (seen.status_code, "Set-Cookie" in seen.headers) == (200, False)
    assert (await catalog.post("/join")).status_code == 405
    joined = await catalog.post(ACCEPT, json={"token": token} | ACCEPTED)
    assert joined.status_code == 201
    # What its page says then.
    assert joined.json()["business"]["name"] == "Core Berlin"


async def test_the_page_loads_from_us_alone_and_is_kept_by_nobody(
    catalog: httpx2.AsyncClient,
) -> None:
    seen = await catalog.get("/join")
    assert seen.headers["Content-Type"] == "text/html; charset=utf-8"
    assert seen.headers["Content-Security-Policy"] == POLICY
    assert seen.headers["Cache-Control"] == "no-store"
    assert seen.headers["Referrer-Policy"] == "no-referrer"
    loaded = re.findall(r'(?:src|href)="([^"]+)"', seen.text)
    assert sorted(loaded) == [f"/join/{name}" for name in sorted(FILES)]
    # What its own policy would refuse.
    assert not re.search(r"<style|style=|<script(?! type=\"module\" src=)| on\w+=", seen.text)


@pytest.mark.parametrize("name", FILES)
async def test_what_it_loads_is_sent_again_only_when_it_has_changed(
    catalog: httpx2.AsyncClient, name: str
) -> None:
    first = await catalog.get(f"/join/{name}")
    assert (first.status_code, first.content) == (200, FILES[name])
    assert first.headers["Cache-Control"] == "no-cache"
    seen = {"If-None-Match": first.headers["ETag"]}
    again = await catalog.get(f"/join/{name}", headers=seen)
    assert (again.status_code, again.content) == (304, b"")


async def test_nothing_else_is_there(catalog: httpx2.AsyncClient) -> None:
    for name in ("join.html", "nothing.js", "..%2Froutes.py", "%00"):
        assert (await catalog.get(f"/join/{name}")).status_code == 404


@pytest.mark.parametrize(
    ("asked", "language"),
    [("fr, es-MX;q=0.9, de;q=0.8", "es"), ("DE-at", "de"), ("fr", "en"), ("", "en")],
)
async def test_it_speaks_the_first_language_of_ours_that_is_asked_for(
    catalog: httpx2.AsyncClient, asked: str, language: str
) -> None:
    seen = await catalog.get("/join", headers={"Accept-Language": asked})
    assert f'<html lang="{language}">' in seen.text
    assert f"<h1>{WORDS[language]['heading']}</h1>" in seen.text


def test_every_text_is_there_in_every_language() -> None:
    assert WORDS["en"].keys() == WORDS["de"].keys() == WORDS["es"].keys()
    assert all(text.strip() for words in WORDS.values() for text in words.values())


def test_every_text_that_is_said_is_there() -> None:
    script, page = (FOLDER / "join.js").read_text(), (FOLDER / "join.html").read_text()
    there = set(re.findall(r'data-says="(\w+)"', page))
    said = set(re.findall(r'(?:return|say\(|[?:]) ?"([a-z_]+)"', script)) | {"joined", "sign_in"}
    assert said == there


def test_the_script_makes_no_markup_of_text() -> None:
    ways = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(")
    assert [way for way in ways if way in (FOLDER / "join.js").read_text()] == []
