"""Paying as a guest does, on the page of the sandbox provider."""

from urllib.parse import urlsplit

import httpx2


async def pay(gateway: httpx2.AsyncClient, checkout_url: str, price: str) -> str:
    """The path of the provider's page; when it returns, the studio has been told."""
    opened = await gateway.post(urlsplit(checkout_url).path)
    assert opened.status_code == 200, opened.text
    page = urlsplit(opened.json()["url"]).path
    shown = await gateway.get(page)
    assert price in shown.text
    # Told when we say so: the provider's own word would else come in its own time.
    paid = await gateway.post(f"{page}/pay", params={"later": 1})
    assert paid.status_code == 303, paid.text
    assert (await gateway.post(f"{page}/messages")).json() == [200]
    state = await gateway.get(urlsplit(paid.headers["location"]).path)
    assert state.json()["deposit_status"] == "paid"
    return page
