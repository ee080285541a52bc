"""What the gateway must remember, in NATS key-value buckets."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

import nats.errors
from nats.js.api import StorageType
from nats.js.errors import (
    BadRequestError,
    KeyNotFoundError,
    KeyWrongLastSequenceError,
    NoStreamResponseError,
)
from nats.js.kv import KV_OP, KeyValue

from chassis.problems import TryAgain
from chassis.runtime import Connected
from gateway.batches import read_batch

MARKED_SECONDS = 60
"""So long does a removed key leave a mark."""
MOST_LISTED = 1000

Found = TypeVar("Found")


class Bucket:
    """Made when it is first used, and again when a restart of NATS has lost one in memory.

    Every method raises TryAgain where NATS does not answer.
    """

    def __init__(
        self,
        runtime: Connected,
        name: str,
        *,
        in_memory: bool,
        ttl_seconds: float | None = None,
        by_replicas: bool = True,
    ) -> None:
        """`by_replicas`: any may answer `get`, which spares the leader and may lag a little."""
        self._runtime = runtime
        self._name = name
        self._by_replicas = by_replicas
        self._storage = StorageType.MEMORY if in_memory else StorageType.FILE
        self._ttl_seconds = ttl_seconds
        self._opened: KeyValue | None = None

    async def get(self, key: str) -> KeyValue.Entry | None:
        try:
            return await self._do(lambda bucket: bucket.get(key))
        except KeyNotFoundError:
            return None

    async def put(self, key: str, value: bytes) -> None:
        await self._do(lambda bucket: bucket.put(key, value))

    async def create(self, key: str, value: bytes) -> int | None:
        """Its revision; None where the key is taken."""
        try:
            return await self._do(lambda bucket: bucket.create(key, value))
        except KeyWrongLastSequenceError:
            return None

    async def replace(self, key: str, value: bytes, revision: int) -> int | None:
        """The new revision; None where it is not the one that was seen any more."""
        try:
            return await self._do(lambda bucket: bucket.update(key, value, revision))
        except KeyWrongLastSequenceError:
            return None

    async def take(self, key: str, revision: int) -> bool:
        """Removes the key; only one of several who saw this revision has taken it."""
        try:
            return await self._do(lambda bucket: bucket.delete(key, revision))
        except BadRequestError:
            return False

    async def remove(self, key: str) -> None:
        await self._do(lambda bucket: bucket.purge(key, msg_ttl=MARKED_SECONDS))

    async def find(self, pattern: str) -> dict[str, bytes]:
        """By key; the wildcards are those of NATS subjects."""
        prefix, stream = f"$KV.{self._name}.", f"KV_{self._name}"
        await self._open()
        messages = await read_batch(
            self._runtime, stream, multi_last=[prefix + pattern], batch=MOST_LISTED
        )
        if messages is None:
            raise TryAgain("This cannot be looked up right now.")
        return {
            message.subject.removeprefix(prefix): message.body
            for message in messages
            if KV_OP not in message.headers
        }

    async def _do(self, work: Callable[[KeyValue], Awaitable[Found]]) -> Found:
        try:
            try:
                return await work(await self._open())
            except (nats.errors.NoRespondersError, NoStreamResponseError):
                self._opened = None
                return await work(await self._open())
        except (KeyNotFoundError, BadRequestError):
            raise
        except (nats.errors.Error, TimeoutError, OSError) as error:
            raise TryAgain("This cannot be looked up right now.") from error

    async def _open(self) -> KeyValue:
        if self._opened is None:
            if not self._runtime.has_met_nats.is_set():
                raise TryAgain("This cannot be looked up right now.")
            # Making it again as it is changes nothing; one that an operator made otherwise stays.
            with suppress(BadRequestError):
                await self._runtime.jetstream.create_key_value(
                    bucket=self._name,
                    ttl=self._ttl_seconds,
                    storage=self._storage,
                    replicas=self._runtime.settings.nats_replicas,
                    direct=self._by_replicas,
                )
            self._opened = await self._runtime.jetstream.key_value(self._name)
        return self._opened
