"""What a browser shows behind the link that pays a deposit."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx2

from chassis.testing import eventually
from contracts import catalog
from payments.link import new_link
from services.scheduling.tests.till import Booked, Till

HOSTILE = "<img src=x onerror=alert(1)>\"'&"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
NOT_AWAITED = "/problems/deposit-not-awaited"


async def look(booked: Booked, what: str = "", **more: str) -> httpx2.Response:
    """As a browser does."""
    path = booked.link.removesuffix("/checkout") + what
    seen: httpx2.Response = await booked.till.studio.client.get(path, headers=BROWSER | more)
    is_page = seen.status_code != 303
    assert not is_page or seen.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Accept" in seen.headers["Vary"]
    return seen


def says(seen: httpx2.Response, heading: str) -> bool:
    return f"<h1>{heading}</h1>" in seen.text


async def test_who_comes_back_from_paying_sees_it_paid_once_we_are_told(till: Till) -> None:
    booked = await till.book()
    asked = await look(booked)
    assert (asked.status_code, says(asked, "To be paid")) == (200, True)
    assert "€20.00" in asked.text
    # Nobody has been at the provider's page, so there is nothing to wait for.
    assert "Refresh" not in asked.headers
    opened = await look(booked, "/pay")
    assert (opened.status_code, opened.headers["Cache-Control"]) == (303, "no-store")
    checkout = till.sandbox.pay(opened.headers["Location"])
    assert checkout.paid_url.endswith(booked.link.removesuffix("/checkout"))
    waiting = await look(booked)
    assert (says(waiting, "To be paid"), waiting.headers["Refresh"]) == (True, "10")
    assert "Have you just paid?" in waiting.text
    await till.tell("paid", checkout)
    paid = await look(booked)
    assert (says(paid, "Paid"), "Refresh" in paid.headers) == (True, False)
    assert "/pay" not in paid.text
    again = await look(booked, "/pay")
    assert (again.status_code, says(again, "Paid")) == (410, True)


async def test_programs_are_answered_in_json_as_ever(till: Till) -> None:
    booked = await till.book()
    for accepted in ("*/*", "application/json", "application/json, text/html"):
        path = booked.link.removesuffix("/checkout")
        seen = await till.studio.client.get(path, headers={"Accept": accepted})
        assert seen.json()["deposit_status"] == "awaited"
        assert seen.headers["Vary"] == "Accept"
    await till.tell("paid", await booked.checkout())
    refused = await till.studio.client.get(f"{path}/pay")
    assert (refused.status_code, refused.json()["type"]) == (410, NOT_AWAITED)


async def test_what_was_not_paid_in_time_is_gone_at_that_very_moment(
    till: Till, clock: Any
) -> None:
    booked = await till.book()
    clock.set(booked.pay_by.isoformat())
    for what, status in (("", 200), ("/pay", 410)):
        seen = await look(booked, what)
        assert (seen.status_code, says(seen, "Nothing is to be paid any more")) == (status, True)
        assert "was not paid in time or has been cancelled" in seen.text
    await eventually(lambda: booked.is_("cancelled", "none"))
    assert says(await look(booked), "Nothing is to be paid any more")


async def test_money_that_goes_back_is_said_to(till: Till) -> None:
    booked = await till.book()
    await till.tell("paid", await booked.checkout())
    till.sandbox.is_out = True
    try:
        assert (await booked.change("cancel")).status_code == 200
        assert says(await look(booked), "On its way back")
    finally:
        till.sandbox.is_out = False
    booked = await till.book("2027-01-05T08:00:00Z")
    await till.tell("paid", checkout := await booked.checkout())
    await till.tell("refunded", checkout)
    seen = await look(booked, "/pay")
    assert (seen.status_code, says(seen, "Given back")) == (410, True)


async def test_while_the_provider_is_away_the_page_says_to_try_again(till: Till) -> None:
    booked = await till.book()
    till.sandbox.is_out = True
    try:
        seen = await look(booked, "/pay")
    finally:
        till.sandbox.is_out = False
    assert (seen.status_code, seen.headers["Retry-After"]) == (503, "5")
    assert "does not answer at the moment" in seen.text
    assert "Refresh" not in seen.headers
    assert (await look(booked, "/pay")).status_code == 303


async def test_a_link_that_we_never_gave_leads_to_a_page_that_says_so(till: Till) -> None:
    booked = await till.book()
    forged = new_link(till.studio.id, UUID(booked.answer["id"])).secret
    for secret in (forged, "x", "%00", "<b>"):
        for what in ("", "/pay"):
            path = f"/api/public/deposits/{secret}{what}"
            spanish = BROWSER | {"Accept-Language": "fr, es;q=0.9"}
            seen = await till.studio.client.get(path, headers=spanish)
            assert (seen.status_code, says(seen, "Aquí no hay nada que pagar")) == (404, True)
            assert "<b>" not in seen.text


async def test_the_page_runs_nothing_and_is_kept_by_nobody(till: Till) -> None:
    booked = await till.book()
    seen = await look(booked)
    policy = seen.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert seen.headers["Cache-Control"] == "no-store"
    assert seen.headers["Referrer-Policy"] == "no-referrer"
    assert "<script" not in seen.text
    assert "Ada" not in seen.text
    head = await till.studio.client.head(booked.link.removesuffix("/checkout"), headers=BROWSER)
    assert (head.status_code, head.text) == (200, "")


async def test_it_speaks_the_studios_language_and_names_are_text(
    open_till: Callable[..., Awaitable[Till]],
) -> None:
    till = await open_till(name=HOSTILE)
    booked = await till.book()
    await rename(till, name=HOSTILE, locale="de-AT")

    async def is_german() -> bool:
        return says(await look(booked), "Noch zu bezahlen")

    await eventually(is_german)
    seen = await look(booked)
    assert "€\N{NO-BREAK SPACE}20,00" in seen.text
    assert "<img" not in seen.text
    assert seen.text.count("&lt;img src=x") >= 3


async def rename(till: Till, **changed: str) -> None:
    studio = till.studio
    wanted = {"id": studio.id, "version": 2, "slug": studio.slug, "currency": "EUR"}
    business = catalog.Business.model_validate(wanted | {"time_zone": studio.zone} | changed)
    await studio.tell(catalog.BusinessChanged, business=business)
