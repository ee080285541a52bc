"""What a browser shows behind the link that pays a place in a class."""

import httpx2

from services.pilates.tests.studio import MovedClock
from services.pilates.tests.till import Booked, Till

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


async def look(booked: Booked, what: str = "") -> httpx2.Response:
    """As a browser does."""
    path = booked.link.removesuffix("/checkout") + what
    return await booked.till.studio.client.get(path, headers=BROWSER)


async def test_a_place_is_paid_from_the_mail_and_the_page_says_so(till: Till) -> None:
    booked = await till.book(await till.publish(), companions=[{}])
    opened = await look(booked, "/pay")
    assert opened.status_code == 303
    waiting = await look(booked)
    assert (waiting.status_code, waiting.headers["Refresh"]) == (200, "10")
    assert "Reformer Flow" in waiting.text
    # For both places.
    assert "€50.00" in waiting.text
    assert "Ada" not in waiting.text
    await till.tell("paid", till.sandbox.pay(opened.headers["Location"]))
    for what, status in (("", 200), ("/pay", 410)):
        paid = await look(booked, what)
        assert (paid.status_code, "<h1>Paid</h1>" in paid.text) == (status, True)


async def test_from_its_end_on_nothing_is_to_be_paid(till: Till, clock: MovedClock) -> None:
    booked = await till.book(await till.publish())
    clock.set(booked.pay_by.isoformat())
    for what, status in (("", 200), ("/pay", 410)):
        seen = await look(booked, what)
        assert seen.status_code == status
        assert "<h1>Nothing is to be paid any more</h1>" in seen.text


async def test_given_up_late_it_is_said_that_nothing_goes_back(
    till: Till, clock: MovedClock
) -> None:
    booked = await till.book(await till.publish())
    await booked.pay()
    clock.set("2027-01-11T16:00:00Z")
    assert (await booked.cancel(on_behalf_of="customer")).status_code == 200
    assert "<h1>Paid, and cancelled late</h1>" in (await look(booked)).text
