"""What a client does with the links in their mails, in a browser and through the whole stack."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import httpx2
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.links import ask_for_link, link_of, open_portal, reload_until, sign_in
from tests.mailbox import Mailbox
from tests.studio import Studio, open_studio

HOSTILE = "<img src=x onerror=alert(1)>"


async def booked_twice(
    gateway: httpx2.AsyncClient, email: str, **service: str
) -> tuple[Studio, list[str]]:
    """By a guest of the booking page, who becomes a customer by that."""
    studio = await open_studio(gateway, notice_minutes=0, **service)
    day = (datetime.now(UTC) + timedelta(days=3)).date()
    ids = []
    for slot in (await studio.slots(day))[20:29:8]:
        answer = await studio.book(email, starts_at=slot["starts_at"])
        assert answer.status_code == 201, answer.text
        ids.append(answer.json()["id"])
    return studio, ids


async def appointment(studio: Studio, id_: str) -> dict[str, str]:
    found: dict[str, str] = await studio.told("GET", f"/api/appointments/{id_}")
    return found


async def test_a_client_signs_in_by_mail_cancels_one_booking_and_moves_another(
    gateway: httpx2.AsyncClient, mailbox: Mailbox, page: Page, public_url: str
) -> None:
    email = f"{uuid4().hex[:12]}@example.com"
    studio, (first, second) = await booked_twice(gateway, email)
    await sign_in(page, mailbox, studio.slug, public_url, email)
    await reload_until(page, page.get_by_role("heading", name="Reformer private"), 2)
    card = page.locator(f'[id="{first}"]')
    await card.get_by_role("button", name="Cancel").click()
    question = page.get_by_role("dialog", name="Cancel this booking?")
    await expect(question).to_contain_text("Cancelling costs nothing")
    assert (await appointment(studio, first))["status"] == "confirmed"
    await question.get_by_role("button", name="Yes, cancel it").click()
    await expect(page.get_by_role("status")).to_contain_text("Cancelled: Reformer private")
    await expect(page.get_by_role("heading", name="Reformer private")).to_have_count(1)
    assert (await appointment(studio, first))["status"] == "cancelled"
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url("**/sign-in")
    await page.goto(await link_of(mailbox, email, "/manage/", about=second))
    await move(page, studio, second)


async def move(page: Page, studio: Studio, id_: str) -> None:
    """Without signing in."""
    before = await appointment(studio, id_)
    await expect(page.get_by_role("article")).to_be_visible()
    assert await appointment(studio, id_) == before
    await page.get_by_role("button", name="Move").click()
    dialog = page.get_by_role("dialog", name="Move it to when?")
    day = date.fromisoformat(before["starts_at"][:10]) + timedelta(days=2)
    await dialog.get_by_label("From this day on").fill(str(day))
    await dialog.get_by_role("group").filter(has_text=str(day.year)).first.wait_for()
    await expect(dialog.get_by_role("group").first).to_contain_text(f" {day.day} ")
    await dialog.get_by_text("10:30", exact=False).first.click()
    await dialog.get_by_role("button", name="Move it").click()
    await expect(page.get_by_role("status")).to_contain_text("Moved: Reformer private")
    after = await appointment(studio, id_)
    assert after["starts_at"].startswith(f"{day}T10:30:00")


async def test_a_link_is_opened_by_anything_and_used_by_one_click(
    gateway: httpx2.AsyncClient,
    mailbox: Mailbox,
    page: Page,
    browser: BrowserContext,
    public_url: str,
) -> None:
    """What looks into links before the client does runs scripts too, and presses nothing."""
    email = f"{uuid4().hex[:12]}@example.com"
    studio, _ = await booked_twice(gateway, email)
    await open_portal(page, studio.slug, public_url)
    await page.goto(f"{public_url}/portal/{studio.slug}/receipts")
    await page.wait_for_url("**/sign-in?return=*")
    link = await ask_for_link(page, mailbox, email)
    for _ in range(3):
        scanner = await browser.new_page()
        await scanner.goto(link)
        await expect(scanner.get_by_role("button", name="Sign in")).to_be_visible()
        await scanner.close()
    assert await browser.cookies() == []
    await page.goto(link)
    await page.get_by_label("Keep me signed in").check()
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(f"**/portal/{studio.slug}/receipts")
    [cookie] = await browser.cookies()
    assert cookie["httpOnly"]
    assert cookie["expires"] > (datetime.now(UTC) + timedelta(days=29)).timestamp()
    await page.goto(link)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("This link has been used already")).to_be_visible()
    await expect(page.get_by_label("Your e-mail address")).to_be_visible()
    assert "token" not in page.url


async def test_a_new_address_is_confirmed_by_a_click(
    gateway: httpx2.AsyncClient,
    mailbox: Mailbox,
    page: Page,
    browser: BrowserContext,
    public_url: str,
) -> None:
    email, other = (f"{uuid4().hex[:12]}@example.com" for _ in range(2))
    studio, _ = await booked_twice(gateway, email)
    await sign_in(page, mailbox, studio.slug, public_url, email)
    path = f"{public_url}/api/portal/profile/email-changes"
    assert (await browser.request.post(path, data={"email": other})).status == 202
    link = await link_of(mailbox, other, "/confirm-email#token=")
    await page.goto(link)
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.get_by_text(f"Your address is {other} now.")).to_be_visible()
    await page.goto(link)
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.get_by_text("This address has been confirmed already.")).to_be_visible()


async def test_names_are_text_and_fit_on_a_phone(
    gateway: httpx2.AsyncClient, mailbox: Mailbox, page: Page, public_url: str
) -> None:
    email = f"{uuid4().hex[:12]}@example.com"
    studio, _ = await booked_twice(gateway, email, name=HOSTILE + "x" * 80)
    await sign_in(page, mailbox, studio.slug, public_url, email)
    await reload_until(page, page.get_by_role("heading", name=HOSTILE), 2)
    assert await page.locator("img").count() == 0
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(wide) == 0
    # The browser is in Tokyo, and the studio is not.
    await expect(page.get_by_role("article").first).to_contain_text("UTC")


async def test_one_studios_session_opens_no_other_studios_page(
    gateway: httpx2.AsyncClient, mailbox: Mailbox, page: Page, public_url: str
) -> None:
    email = f"{uuid4().hex[:12]}@example.com"
    studio, _ = await booked_twice(gateway, email)
    other = await open_studio(gateway)
    await sign_in(page, mailbox, studio.slug, public_url, email)
    await open_portal(page, other.slug, public_url)
    await expect(page.get_by_label("Your e-mail address")).to_be_visible()


async def test_a_deposit_is_paid_from_the_page_and_leads_back_to_it(
    gateway: httpx2.AsyncClient, mailbox: Mailbox, page: Page, public_url: str
) -> None:
    email = f"{uuid4().hex[:12]}@example.com"
    studio = await open_studio(gateway, notice_minutes=0, price_cents=9000, deposit_cents=2000)
    day = (datetime.now(UTC) + timedelta(days=3)).date()
    booked = await studio.book(email, starts_at=(await studio.slots(day))[20]["starts_at"])
    assert booked.json()["status"] == "pending"
    await sign_in(page, mailbox, studio.slug, public_url, email)
    await reload_until(page, page.get_by_text("Not confirmed yet"))
    await page.get_by_role("button", name="Pay €20.00 now").click()
    await page.wait_for_url("**/dev/checkout/*")
    await page.get_by_role("button", name="Pay").first.click()
    await page.wait_for_url(f"**/portal/{studio.slug}")
    await expect(page.get_by_text("cancelling costs the €20.00 that you paid")).to_be_visible()
    await expect(page.get_by_text("Not confirmed yet")).to_have_count(0)
    # The link in the mail has nothing to send to the provider for any more.
    await page.goto(await link_of(mailbox, email, "/api/public/deposits/"))
    await expect(page.get_by_role("heading", name="Paid")).to_be_visible()
    await expect(page.get_by_text("has received €20.00")).to_be_visible()
    colour = "getComputedStyle(document.querySelector('header')).color"
    assert await page.evaluate(colour) != await page.evaluate(colour.replace("header", "h1"))
