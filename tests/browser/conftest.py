"""Debian's Chromium, as clients would use it."""

import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from stack.testing import RunningStack

QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
A_PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 20_000


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("There is no Chromium here. On Debian: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(QUIET))
        expect.set_options(timeout=PATIENCE_MS)
        yield browser
        await browser.close()


@pytest.fixture
async def browser(chromium: Browser) -> AsyncIterator[BrowserContext]:
    """A phone that nobody has signed in with, elsewhere than any studio of these tests."""
    context = await chromium.new_context(
        viewport=A_PHONE,  # type: ignore[arg-type]
        locale="en-GB",
        timezone_id="Asia/Tokyo",
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context
    await context.close()


@pytest.fixture
async def page(browser: BrowserContext) -> AsyncIterator[Page]:
    """On which no script may fail, and nothing be refused by the page's own policy."""
    opened = await browser.new_page()
    failures: list[str] = []
    opened.on("pageerror", lambda error: failures.append(str(error)))
    opened.on("console", lambda said: failures.append(said.text) if "Policy" in said.text else None)
    yield opened
    assert failures == []


@pytest.fixture
def public_url(stack: RunningStack) -> str:
    """As links in mails say it."""
    return f"http://localhost:{stack.facts['ports']['gateway']}"
