"""`Idempotency-Key` without a database: which feed a key has made, for two days."""

import hashlib
from uuid import UUID, uuid4

from pydantic import BaseModel

from chassis.auth import Principal
from chassis.idempotency import IdempotencyKeyReused
from chassis.problems import InvalidRequest, TryAgain
from chassis.runtime import DAY_SECONDS, Connected
from gateway.buckets import Bucket

KEPT_SECONDS = 2 * DAY_SECONDS


ENDED = "ended."


class Claim(BaseModel):
    feed_id: UUID
    fingerprint: str


class Repetitions:
    def __init__(self, runtime: Connected) -> None:
        self._bucket = Bucket(
            runtime, "feed-idempotency-keys", in_memory=False, ttl_seconds=KEPT_SECONDS
        )

    async def feed_id(self, key: str | None, caller: Principal, body: BaseModel) -> UUID:
        """The same for the same key and body, whether or not the first try got to an end."""
        if key is None:
            return uuid4()
        if not (0 < len(key) <= 200 and key.isprintable()):
            raise InvalidRequest("An Idempotency-Key has 1 to 200 printable characters.")
        place = digest(f"{caller.business_id} {caller.account_id} {key}")
        claim = Claim(feed_id=uuid4(), fingerprint=digest(body.model_dump_json()))
        if await self._bucket.create(place, claim.model_dump_json().encode()):
            return claim.feed_id
        found = await self._bucket.get(place)
        if found is None:
            raise TryAgain
        first = Claim.model_validate_json(found.value or b"")
        if first.fingerprint != claim.fingerprint:
            raise IdempotencyKeyReused
        return first.feed_id

    async def end(self, feed_id: UUID) -> None:
        """Before the feed is revoked, so that no key makes it again; known longer than any key."""
        await self._bucket.put(f"{ENDED}{feed_id}", b"")

    async def has_ended(self, feed_id: UUID) -> bool:
        return await self._bucket.get(f"{ENDED}{feed_id}") is not None


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
