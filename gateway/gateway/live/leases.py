"""So many streams an account may have open, however many gateways there are."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

from chassis.problems import TryAgain
from chassis.runtime import Connected
from gateway.buckets import Bucket
from gateway.live.problems import TooManyStreams

MOST_STREAMS = 5
LIVES_SECONDS = 30
"""After a crash of a gateway its streams count for so long."""
RENEWED_SECONDS = 10


@dataclass(eq=False)
class Lease:
    key: str
    revision: int
    mark: bytes
    """Its value in the bucket: a write of ours is told from that of another stream by it."""
    is_lost: bool = False
    """NATS forgot it and another stream has its place."""


class Leases:
    def __init__(self, runtime: Connected) -> None:
        self._bucket = Bucket(runtime, "stream-leases", in_memory=True, ttl_seconds=LIVES_SECONDS)
        self._held: dict[str, Lease] = {}

    @asynccontextmanager
    async def held(self, account_id: UUID) -> AsyncIterator[Lease]:
        """Raises TooManyStreams where the account has no place left."""
        lease = await self._take(account_id)
        try:
            yield lease
        finally:
            if self._held.pop(lease.key, None):
                # Without NATS it ends by itself.
                with suppress(TryAgain):
                    await self._give_back(lease)

    async def _take(self, account_id: UUID) -> Lease:
        for place in range(MOST_STREAMS):
            key, mark = f"{account_id}.{place}", secrets.token_hex(8).encode()
            if key not in self._held and (revision := await self._bucket.create(key, mark)):
                lease = self._held[key] = Lease(key, revision, mark)
                return lease
        raise TooManyStreams(
            f"At most {MOST_STREAMS} at a time; close a tab that shows the calendar.",
            most=MOST_STREAMS,
        )

    async def renew(self, _runtime: Connected) -> None:
        while True:
            await asyncio.sleep(RENEWED_SECONDS)
            for lease in list(self._held.values()):
                with suppress(TryAgain):
                    await self._renew(lease)

    async def _renew(self, lease: Lease) -> None:
        revision = await self._bucket.replace(lease.key, lease.mark, lease.revision)
        if self._held.get(lease.key) is not lease:
            # It was given back meanwhile, as it was before this renewal.
            await self._bucket.take(lease.key, revision or lease.revision)
            return
        revision = (
            revision
            or await self._bucket.create(lease.key, lease.mark)
            or await self._unheard_of(lease)
        )
        if revision:
            lease.revision = revision
        else:
            lease.is_lost = True

    async def _give_back(self, lease: Lease) -> None:
        if not await self._bucket.take(lease.key, lease.revision) and (
            revision := await self._unheard_of(lease)
        ):
            await self._bucket.take(lease.key, revision)

    async def _unheard_of(self, lease: Lease) -> int | None:
        """The revision of a renewal that was done although no answer came in time."""
        found = await self._bucket.get(lease.key)
        return found.revision if found and found.value == lease.mark else None
