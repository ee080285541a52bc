"""What somebody does who is invited to a studio's team, in a browser."""

from uuid import uuid4

import httpx2
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.links import link_of
from tests.mailbox import Mailbox
from tests.studio import open_studio

PASSWORD = "reformer-and-cadillac"


async def test_an_invitation_is_accepted_by_one_click_and_once(
    gateway: httpx2.AsyncClient, mailbox: Mailbox, page: Page, browser: BrowserContext
) -> None:
    """What looks into links before anybody does runs scripts too, and presses nothing."""
    email = f"{uuid4().hex[:12]}@staff.example"
    studio = await open_studio(gateway)
    await studio.told("POST", "/api/members/invitations", json={"email": email})
    link = await link_of(mailbox, email, "/join#token=")
    for _ in range(3):
        scanner = await browser.new_page()
        await scanner.goto(link)
        await expect(scanner.get_by_role("button", name="Accept")).to_be_visible()
        await scanner.close()
    await page.goto(link)
    await page.get_by_label("Password").fill("too short")
    await page.get_by_role("button", name="Accept").click()
    await expect(page.get_by_text("You are new here")).to_be_visible()
    await page.get_by_label("Your name").fill("<b>Ana</b>")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Accept").click()
    await expect(page.get_by_text("You can sign in from now on")).to_be_visible()
    await expect(page.get_by_label("Password")).to_have_count(0)
    assert "token" not in page.url
    signed_in = await gateway.post("/api/auth/sign-in", json={"email": email, "password": PASSWORD})
    assert signed_in.status_code == 200
    assert signed_in.json()["business"]["id"] == studio.business_id
    await page.goto(link)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Accept").click()
    await expect(page.get_by_text("has been used already")).to_be_visible()
