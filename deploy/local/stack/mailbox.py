"""The mailbox of the local stack: takes every mail by SMTP and shows it to anybody who asks.

Nothing leaves the machine. Each path answers with and without the prefix /dev, under which the
gateway forwards it. The sandbox checkout lives in the same process, which saves one.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from stack import mailbox_page
from stack.checkout import CheckoutDesk
from stack.mail_store import MailStore, described


class Sink:
    """What aiosmtpd asks when a mail has arrived."""

    def __init__(self, store: MailStore) -> None:
        self._store = store

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        sender, recipients = envelope.mail_from or "", envelope.rcpt_tos
        content = envelope.original_content or b""
        await asyncio.to_thread(self._store.keep, sender, recipients, content)
        return "250 kept"


async def read_page(request: Request) -> Response:
    store: MailStore = request.app.state.store
    entries = store.newest_first()[: mailbox_page.SHOWN]
    mails = [described(entry, store.message(entry)) for entry in entries]
    return _page(mailbox_page.overview(mails))


async def read_mail(request: Request) -> Response:
    store: MailStore = request.app.state.store
    entry = store.find(request.path_params["mail_id"])
    if entry is None:
        return PlainTextResponse("There is no such mail (any more).", 404)
    message = store.message(entry)
    return _page(mailbox_page.detail(described(entry, message), message.as_string()))


async def list_mails(request: Request) -> Response:
    store: MailStore = request.app.state.store
    wanted = request.query_params
    entries = store.newest_first(wanted.get("message_id"), wanted.get("to"))

    def describe_all() -> list[Any]:
        return [described(entry, store.message(entry)) for entry in entries]

    # Parsing hundreds of mails must not keep those waiting that are being delivered.
    return JSONResponse(await asyncio.to_thread(describe_all))


async def delete_mails(request: Request) -> Response:
    request.app.state.store.empty()
    return Response(status_code=204)


async def ready(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


def create(
    folder: Path, host: str, smtp_port: int, checkouts: CheckoutDesk | None = None
) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.store = MailStore(folder)
        protocol = partial(SMTP, Sink(app.state.store), enable_SMTPUTF8=True, ident="Bookly")
        server = await asyncio.get_running_loop().create_server(protocol, host, smtp_port)
        async with server, checkouts.open() if checkouts else nullcontext():
            yield

    routes = [Route(path, ready) for path in ("/healthz", "/readyz")]
    for prefix in ("", "/dev"):
        routes += [
            Route(f"{prefix}/mailbox", read_page),
            Route(f"{prefix}/mailbox/{{mail_id}}", read_mail),
            Route(f"{prefix}/mailbox.json", list_mails, methods=["GET"]),
            Route(f"{prefix}/mailbox.json", delete_mails, methods=["DELETE"]),
        ]
    routes += checkouts.routes() if checkouts else []
    return Starlette(routes=routes, lifespan=lifespan)


def _page(html: str) -> Response:
    # A mail is written by strangers: no scripts, nothing from elsewhere.
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'"
    return HTMLResponse(html, headers={"Content-Security-Policy": policy})


def _checkouts() -> CheckoutDesk | None:
    told = os.environ
    if (secret := told.get("BOOKLY_SANDBOX_SECRET")) is None:
        return None
    folder = Path(told["BOOKLY_HOME"]) / "checkouts"
    return CheckoutDesk(folder, secret, told["BOOKLY_PUBLIC_URL"])


def main() -> None:
    told = os.environ
    host = told.get("BOOKLY_HOST", "127.0.0.1")
    folder = Path(told["BOOKLY_HOME"]) / "mailbox"
    app = create(folder, host, int(told["BOOKLY_SMTP_PORT"]), _checkouts())
    uvicorn.run(
        app,
        host=host,
        port=int(told["BOOKLY_PORT"]),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()
