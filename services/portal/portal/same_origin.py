"""Another site's page must not act with a client's cookie (CSRF)."""

from urllib.parse import urlsplit

from fastapi import Request

from chassis.problems import Problem

SAFE = ("GET", "HEAD", "OPTIONS")
OUR_PAGES = ("same-origin", "none")
"""`none` is somebody who typed the address."""


class AnotherSite(Problem):
    status, title = 403, "Another site's page may not do this"


async def from_our_pages(request: Request) -> None:
    """Browsers say where a request comes from, and no page can make them say otherwise.

    What says neither is no browser, so it has no cookie but one that it was given itself.
    """
    if request.method in SAFE:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        ours = site in OUR_PAGES
    else:
        ours = origin is None or origin == origin_of(request.app.state.runtime.settings.public_url)
    if not ours:
        raise AnotherSite


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
