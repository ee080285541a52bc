"""The ways from a mail to a page."""

import contextlib
import re

from playwright.async_api import Locator, Page, expect

from chassis.testing import eventually
from tests.mailbox import Mailbox


async def link_of(
    mailbox: Mailbox, email: str, path: str, *, about: str = "", within_seconds: float = 30
) -> str:
    """The newest mail's link to such a page, of those whose invitation is about a booking."""

    async def look() -> str | None:
        for mail in reversed(await mailbox(email)):
            attached = [part["text"] or "" for part in mail["attachments"]]
            found = re.search(rf"https?://\S+{path}[^\s>]+", mail["text"])
            if found and (not about or any(about in text for text in attached)):
                return found[0]
        return None

    return await eventually(look, within_seconds=within_seconds)


async def ask_for_link(page: Page, mailbox: Mailbox, email: str) -> str:
    """Again, if the portal has not heard of this client yet: it writes to nobody else."""
    await page.get_by_label("Your e-mail address").fill(email)
    for _ in range(2):
        await page.get_by_role("button", name="link").click()
        await expect(page.get_by_text(f"If {email} is known here")).to_be_visible()
        with contextlib.suppress(AssertionError):
            return await link_of(mailbox, email, "/sign-in#token=", within_seconds=10)
    raise AssertionError("Two links were asked for, and no mail has come")


async def open_portal(page: Page, slug: str, url: str) -> None:
    """Not signed in, and once the portal has heard of the studio."""

    async def is_there() -> bool:
        answer = await page.goto(f"{url}/portal/{slug}")
        return answer is not None and answer.status == 200

    await eventually(is_there, within_seconds=30)
    await page.wait_for_url("**/sign-in")


async def reload_until(page: Page, shown: Locator, count: int = 1) -> None:
    """So many of them: what was booked just now is heard a moment later."""

    async def are_shown() -> bool:
        await page.reload()
        try:
            await expect(shown).to_have_count(count, timeout=2000)
        except AssertionError:
            return False
        return True

    await eventually(are_shown, within_seconds=30)


async def sign_in(page: Page, mailbox: Mailbox, slug: str, url: str, email: str) -> None:
    await open_portal(page, slug, url)
    await page.goto(await ask_for_link(page, mailbox, email))
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(f"**/portal/{slug}")
