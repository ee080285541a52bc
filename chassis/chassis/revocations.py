"""Access that ended before its token did, shared through a NATS key-value bucket."""

import asyncio
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from nats.js.api import StorageType
from nats.js.errors import BadRequestError, NoKeysError
from nats.js.kv import KeyValue

from chassis.runtime import Connected

BUCKET = "revocations"
KEPT_SECONDS = 3600
"""Longer than any access token lives."""
POLL_SECONDS = 1


class Revocations:
    """What this process knows to be revoked, at most a second or so old while NATS is there.

    Polling the bucket's last sequence survives every kind of reconnection; a watch did not.
    """

    def __init__(self) -> None:
        self._issued_before: dict[str, float] = {}
        self._seen = -1

    def cover(self, member_id: UUID, sign_in_id: UUID, issued_at: float) -> bool:
        ends = (self._issued_before.get(str(id_), 0) for id_ in (member_id, sign_in_id))
        return issued_at < max(ends)

    async def follow(self, runtime: Connected) -> None:
        await runtime.has_met_nats.wait()
        bucket = await open_bucket(runtime)
        while True:
            state = (await runtime.jetstream.stream_info(f"KV_{BUCKET}")).state
            if state.last_seq != self._seen:
                self._issued_before = await read(bucket)
                self._seen = state.last_seq
            await asyncio.sleep(POLL_SECONDS)


async def open_bucket(runtime: Connected) -> KeyValue:
    # Making it again as it is changes nothing; one that an operator made otherwise stays.
    with suppress(BadRequestError):
        await runtime.jetstream.create_key_value(
            bucket=BUCKET,
            ttl=KEPT_SECONDS,
            storage=StorageType.FILE,
            replicas=runtime.settings.nats_replicas,
        )
    return await runtime.jetstream.key_value(BUCKET)


async def read(bucket: KeyValue) -> dict[str, float]:
    try:
        keys = await bucket.keys()
    except NoKeysError:
        return {}
    entries = [await bucket.get(key) for key in keys]
    return {entry.key: float(entry.value or 0) for entry in entries}


async def revoke(runtime: Connected, subject_id: UUID, issued_before: datetime) -> None:
    bucket = await open_bucket(runtime)
    await bucket.put(str(subject_id), str(issued_before.timestamp()).encode())
