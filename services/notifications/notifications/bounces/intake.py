"""Takes reports about mails by SMTP, at the addresses that our mails come from and at no others."""

import asyncio
import logging
from functools import partial
from typing import Any

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import in_transaction
from chassis.runtime import Runtime
from notifications.bounces import return_address
from notifications.bounces.commands import record
from notifications.bounces.problems import StillBeingSent
from notifications.bounces.report import NotAReport, why_bounced
from notifications.mails.links import Message
from notifications.settings import NotificationsSettings

log = structlog.get_logger()

MOST_BYTES = 256 * 1024
MOST_AT_ONCE = 50
SILENCE_SECONDS = 60
THANKS = "250 2.0.0 Thank you"
NOBODY = "550 5.1.1 No mail came from this address"
ONE_AT_A_TIME = "452 4.5.3 One address at a time"
NO_REPORT = "550 5.6.0 This is not a delivery status notification"
LATER = "451 4.3.0 Please try again later"


class Desk:
    """What aiosmtpd asks; the address is all that is believed of a report."""

    def __init__(self, runtime: Runtime, settings: NotificationsSettings) -> None:
        self._runtime, self._settings = runtime, settings

    async def handle_RCPT(  # noqa: N802
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        if self._named(address) is None:
            return NOBODY
        if envelope.rcpt_tos:
            return ONE_AT_A_TIME
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Go on"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        message = self._named(envelope.rcpt_tos[0])
        assert message is not None, "only such addresses are taken"
        content = envelope.content
        assert isinstance(content, bytes)
        try:
            reason = await asyncio.to_thread(why_bounced, content)
        except NotAReport:
            return NO_REPORT
        if reason is None:
            return THANKS
        return await self._keep(message, reason)

    async def handle_exception(self, error: Exception) -> str:
        log.warning("A report was not taken", exc_info=error)
        return LATER

    async def _keep(self, message: Message, reason: str) -> str:
        async def work(session: AsyncSession) -> None:
            await record(session, message, reason, self._runtime.clock())

        try:
            await in_transaction(self._runtime.sessions, work)
        except StillBeingSent:
            # Who has handed it on to whom is not settled on our side yet.
            return LATER
        return THANKS

    def _named(self, address: str) -> Message | None:
        domain = self._settings.return_domain
        assert domain is not None, "nobody listens without one"
        return return_address.read(address, domain, self._settings.link_secret)


class Door(SMTP):
    """One connection, if there are not too many."""

    def __init__(self, open_: set[asyncio.BaseTransport], *told: Any, **more: Any) -> None:
        super().__init__(*told, **more)
        self._open = open_
        self._own: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if len(self._open) >= MOST_AT_ONCE:
            transport.close()
            return
        self._own = transport
        self._open.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._own is not None:
            self._open.discard(self._own)
            super().connection_lost(error)


async def take_reports(runtime: Runtime) -> None:
    """Nothing to do where mails come from one address for all."""
    settings = runtime.settings
    assert isinstance(settings, NotificationsSettings)
    if settings.return_domain is None:
        await asyncio.Event().wait()
        return
    # It writes down who connects and who is written to.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    open_: set[asyncio.BaseTransport] = set()
    loop = asyncio.get_running_loop()
    answering = partial(
        Door,
        open_,
        Desk(runtime, settings),
        data_size_limit=MOST_BYTES,
        hostname=settings.return_domain,
        ident="ESMTP",
        timeout=SILENCE_SECONDS,
        loop=loop,
    )
    server = await loop.create_server(answering, settings.host, settings.reports_port)
    try:
        await asyncio.Event().wait()
    finally:
        server.close()
        for transport in list(open_):
            transport.close()
