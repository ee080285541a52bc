"""One-time tickets, because a browser's EventSource can send no header and no token is in a URL."""

import hashlib
import secrets
from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel

from chassis.auth import Principal
from chassis.runtime import Connected
from gateway.buckets import Bucket
from gateway.live.problems import TicketUsedUp

LIVES_SECONDS = 30


class Ticket(BaseModel):
    ticket: str
    """Give it as `?ticket=` to `GET /api/calendar/live`; it works once."""
    expires_at: AwareDatetime


class Issued(BaseModel):
    principal: Principal
    expires_at: AwareDatetime


class Tickets:
    """Kept as hashes, in memory, a little longer than they live by the clock of the process."""

    def __init__(self, runtime: Connected) -> None:
        self._bucket = Bucket(
            runtime,
            "stream-tickets",
            in_memory=True,
            ttl_seconds=2 * LIVES_SECONDS,
            # A ticket is used as soon as it is there, and a replica might not know of it yet.
            by_replicas=False,
        )

    async def issue(self, principal: Principal, now: datetime) -> Ticket:
        ticket = secrets.token_urlsafe(32)
        issued = Issued(principal=principal, expires_at=now + timedelta(seconds=LIVES_SECONDS))
        await self._bucket.put(key_of(ticket), issued.model_dump_json().encode())
        return Ticket(ticket=ticket, expires_at=issued.expires_at)

    async def redeem(self, ticket: str, now: datetime) -> Principal:
        found = await self._bucket.get(key_of(ticket))
        if found is None or not await self._bucket.take(found.key, found.revision or 0):
            raise TicketUsedUp
        issued = Issued.model_validate_json(found.value or b"")
        if now >= issued.expires_at:
            raise TicketUsedUp
        return issued.principal


def key_of(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()
