"""Places, queues, packages and receipts, as a client finds them on the page."""

from datetime import timedelta
from uuid import uuid4

import httpx2
from playwright.async_api import BrowserContext, Page, expect

from chassis.testing import eventually
from tests.browser.links import link_of, reload_until, sign_in
from tests.classes import ClassStudio, open_class_studio
from tests.mailbox import Mailbox


async def with_classes(gateway: httpx2.AsyncClient, *emails: str) -> tuple[ClassStudio, list[str]]:
    """One reformer, a class a day for three days, and five credits for each client."""
    studio = await open_class_studio(gateway)
    wanted = {"spot_kind": "reformer", "credit_cost": 1, "waitlist_mode": "offer"}
    made = await studio.template(room_id=await studio.room_with(1), **wanted)
    await studio.introduce(*emails)
    await studio.sell(await studio.package_type(5), *emails)
    noon = studio.studio.first_midnight + timedelta(hours=12)
    return studio, [await studio.session(made, noon + timedelta(days=n)) for n in range(3)]


async def test_a_client_takes_an_offered_place_and_moves_another(
    gateway: httpx2.AsyncClient,
    mailbox: Mailbox,
    page: Page,
    browser: BrowserContext,
    public_url: str,
) -> None:
    mia, ben = (f"{name}-{uuid4().hex[:12]}@example.com" for name in ("mia", "ben"))
    studio, (first, second, third) = await with_classes(gateway, mia, ben)
    await studio.book(first, mia)
    taken = (await studio.book(second, ben)).json()["attendances"][0]
    assert (await studio.book(second, mia, join_waitlist=True)).status_code == 202
    await sign_in(page, mailbox, studio.studio.slug, public_url, mia)
    await reload_until(page, page.get_by_text("You are number 1 in the queue."))
    place = f"/api/class-sessions/{second}/attendances/{taken['id']}/cancel"
    seen = {"If-Match": f'"{taken["version"]}"'}
    await studio.studio.told("POST", place, json={}, headers=seen)
    await eventually(lambda: is_offered(browser, public_url))
    await page.reload()
    await page.get_by_role("button", name="Take the place").click()
    await expect(page.get_by_role("status")).to_contain_text("The place is yours: Reformer Flow")
    await expect(page.locator("#bookings article")).to_have_count(2)
    await expect(page.locator("#waitlist")).to_be_hidden()
    await expect(page.get_by_text("3 credits of 5 left")).to_be_visible()
    await page.locator("#bookings article").first.get_by_role("button", name="Move").click()
    dialog = page.get_by_role("dialog", name="Move it to when?")
    # Of the three classes one is the client's own, and in one of them they are already.
    await expect(dialog.get_by_role("radio")).to_have_count(1)
    await dialog.get_by_text("Reformer Flow · 1 place").click()
    await dialog.get_by_role("button", name="Move it").click()
    await expect(page.get_by_role("status")).to_contain_text("Moved: Reformer Flow")
    assert len(await studio.attendances(third, status="booked")) == 1
    await look_through_the_account(page, browser)


async def is_offered(browser: BrowserContext, url: str) -> bool:
    """The place, as the portal knows by now."""
    return '"offered"' in await (await browser.request.get(f"{url}/api/portal/waitlist")).text()


async def look_through_the_account(page: Page, browser: BrowserContext) -> None:
    await page.get_by_text("What became of it").click()
    await expect(page.get_by_text("5 credits bought")).to_be_visible()
    await page.get_by_text("Past and cancelled").click()
    await expect(page.get_by_text("There is nothing yet.")).to_be_visible()
    for name, kind in (("PDF", "application/pdf"), ("Save to calendar", "text/calendar")):
        path = await page.get_by_role("link", name=name).first.get_attribute("href")
        found = await browser.request.get(page.url.partition("/portal/")[0] + str(path))
        assert found.headers["content-type"].startswith(kind)


async def test_a_place_in_a_queue_is_left_by_the_link_in_its_mail(
    gateway: httpx2.AsyncClient, mailbox: Mailbox, page: Page, public_url: str
) -> None:
    mia, ben = (f"{name}-{uuid4().hex[:12]}@example.com" for name in ("mia", "ben"))
    studio, (first, *_) = await with_classes(gateway, mia, ben)
    await studio.book(first, ben)
    await studio.book(first, mia, join_waitlist=True)
    await page.goto(await link_of(mailbox, mia, "/manage/"))
    await page.get_by_role("button", name="Leave the queue").click()
    question = page.get_by_role("dialog", name="Leave the queue?")
    await question.get_by_role("button", name="Keep it").click()
    assert len(await studio.waitlist(first)) == 1
    await page.get_by_role("button", name="Leave the queue").click()
    await question.get_by_role("button", name="Yes, leave it").click()
    await expect(page.get_by_role("status")).to_contain_text("You are not in the queue any more.")
    assert await studio.waitlist(first) == []


async def test_what_is_paid_together_is_cancelled_as_a_whole(
    gateway: httpx2.AsyncClient, mailbox: Mailbox, page: Page, public_url: str
) -> None:
    email = f"mia-{uuid4().hex[:12]}@example.com"
    studio = await open_class_studio(gateway)
    made = await studio.template(price_cents=2500, largest_party=2)
    await studio.page(made)
    noon = studio.studio.first_midnight + timedelta(hours=12)
    session = await studio.session(made, noon)
    booked = await studio.book_as_guest(session, email, companions=[{"name": "Ben"}])
    assert booked.status_code == 201, booked.text
    await sign_in(page, mailbox, studio.studio.slug, public_url, email)
    await reload_until(page, page.get_by_role("button", name="Pay €50.00 now"))
    cards = page.locator("#bookings article")
    await cards.filter(has_text="Ben").get_by_role("button", name="Cancel").click()
    agree = page.get_by_role("button", name="Yes, cancel it")
    await agree.click()
    await expect(page.get_by_text("It is paid for together with others.")).to_be_visible()
    await expect(cards).to_have_count(2)
    await agree.click()
    await expect(page.get_by_role("status")).to_contain_text("Cancelled: Reformer Flow")
    await expect(cards).to_have_count(0)
