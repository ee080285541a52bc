"""What the portal's pages do when an answer is not what they hoped for; the API is made up here."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, Route, expect

from portal.pages.shell import HEADERS, Host, Script
from portal.pages.shell import page as shell
from portal.pages.static_files import FILES

HERE = "http://localhost:1"
PORTAL = f"{HERE}/portal/core"
NOT_SIGNED_IN = (401, {"type": "/problems/not-signed-in", "title": "Sign in first", "status": 401})
NOTHING: dict[str, Any] = {"items": [], "next_cursor": None}
BOOKING = {
    "id": "b1",
    "kind": "appointment",
    "version": 1,
    "status": "confirmed",
    "title": "Reformer private",
    "starts_at": "2999-01-04T09:00:00Z",
    "ends_at": "2999-01-04T10:00:00Z",
    "time_zone": "Europe/Berlin",
    "attendee": "Ana",
    "currency": "EUR",
    "free_until": "2999-01-03T09:00:00Z",
    "at_stake": {"credits": 0, "deposit_cents": 0},
    "may_cancel": True,
    "may_move": False,
    "ending": None,
}
Answers = dict[str, Any]
Open = Callable[..., Any]


def session(locale: str | None = "en") -> dict[str, Any]:
    customer = {"name": "Ana", "locale": locale}
    business = {"slug": "core", "name": "Core", "locale": "de-DE", "time_zone": "Europe/Berlin"}
    return {"customer": customer, "business": business}


@pytest.fixture
def answers() -> Answers:
    """By method and path; what is not among them is an empty list."""
    return {
        "GET /api/portal/session": (200, session()),
        "GET /api/portal/bookings": (200, NOTHING | {"items": [BOOKING]}),
    }


@pytest.fixture
async def portal(page: Page, answers: Answers) -> Page:
    host = Host("Core", "core", "en")
    pages: dict[str, Script] = {
        "/portal/core": "portal",
        "/portal/core/sign-in": "sign-in",
        "/manage/link": "manage",
    }

    async def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path in pages:
            headers = HEADERS | {"Content-Type": "text/html; charset=utf-8"}
            await route.fulfill(body=shell(pages[path], host), headers=headers)
        elif path.startswith("/pages/"):
            file = FILES[path.removeprefix("/pages/")]
            await route.fulfill(body=file.content, content_type=file.media_type)
        else:
            status, told = answers.get(f"{route.request.method} {path}", (200, NOTHING))
            body = told if isinstance(told, str) else json.dumps(told)
            await route.fulfill(status=status, body=body)

    await page.route("**/*", answer)
    return page


async def cancel(portal: Page) -> None:
    await portal.goto(PORTAL)
    await portal.get_by_role("article").get_by_role("button", name="Cancel").click()
    await portal.get_by_role("button", name="Yes, cancel it").click()


async def test_whose_session_has_ended_meanwhile_is_told_so(portal: Page, answers: Answers) -> None:
    answers["POST /api/portal/bookings/b1/cancel"] = NOT_SIGNED_IN
    await cancel(portal)
    dialog = portal.get_by_role("dialog")
    await expect(dialog.get_by_role("alert")).to_contain_text("You are not signed in any more")


async def test_an_answer_of_somebody_else_is_none_and_may_be_asked_for_again(
    portal: Page, answers: Answers
) -> None:
    answers["POST /api/portal/bookings/b1/cancel"] = (200, "<html>Welcome to our Wi-Fi</html>")
    await cancel(portal)
    dialog = portal.get_by_role("dialog")
    await expect(dialog.get_by_role("alert")).to_contain_text("No answer came")
    await expect(dialog.get_by_role("button", name="Yes, cancel it")).to_be_enabled()


async def test_who_is_signed_out_already_is_signed_out(portal: Page, answers: Answers) -> None:
    answers["DELETE /api/portal/session"] = NOT_SIGNED_IN
    await portal.goto(PORTAL)
    await portal.get_by_role("button", name="Sign out").click()
    await portal.wait_for_url("**/sign-in")


@pytest.mark.parametrize(
    ("locale", "heading"),
    [("es-ES", "Mis reservas"), ("fr-FR", "Meine Buchungen"), (None, "Meine Buchungen")],
)
async def test_it_speaks_the_clients_language_else_the_studios(
    portal: Page, answers: Answers, locale: str | None, heading: str
) -> None:
    """As mails do."""
    answers["GET /api/portal/session"] = (200, session(locale))
    await portal.goto(PORTAL)
    await expect(portal.get_by_role("heading", level=1)).to_have_text(heading)


async def test_a_booking_that_is_not_to_be_had_is_not_waited_for(
    portal: Page, answers: Answers
) -> None:
    answers["GET /api/portal/manage/link"] = (503, {"type": "/problems/try-again"})
    await portal.goto(f"{HERE}/manage/link")
    await expect(portal.get_by_role("alert")).to_contain_text("Try again in a moment")
    await expect(portal.get_by_text("One moment")).to_have_count(0)
