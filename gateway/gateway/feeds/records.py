"""Where feeds are kept: a record each, found by its business or by the hash of its token.

A record names the hash that opens it. So a change of the record is what makes a token work or die,
and a crash before or after it leaves at most a hash that opens nothing.
"""

import hashlib
import secrets
from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from chassis.problems import NotFound, TryAgain
from chassis.runtime import Connected
from gateway.buckets import Bucket
from gateway.feeds.problems import TooManyFeeds
from gateway.feeds.schemas import NewFeed, Scope

MOST_FEEDS = 500
"""Of one business."""


class Feed(BaseModel):
    id: UUID
    business_id: UUID
    scope: Scope
    scope_id: UUID | None
    names: bool
    title: str
    made_by: UUID
    created_at: AwareDatetime
    token_hash: str

    @classmethod
    def made(
        cls, wanted: NewFeed, id_: UUID, business_id: UUID, made_by: UUID, now: datetime
    ) -> Self:
        return cls(
            id=id_,
            business_id=business_id,
            made_by=made_by,
            created_at=now,
            token_hash="",
            **wanted.model_dump(),
        )

    @property
    def key(self) -> str:
        return f"feed.{self.business_id}.{self.id}"


class FeedRecords:
    def __init__(self, runtime: Connected) -> None:
        self._bucket = Bucket(runtime, "feeds", in_memory=False)

    async def of_business(self, business_id: UUID) -> list[Feed]:
        """The oldest first."""
        found = await self._bucket.find(f"feed.{business_id}.*")
        feeds = [Feed.model_validate_json(record) for record in found.values()]
        return sorted(feeds, key=lambda feed: (feed.created_at, feed.id))

    async def find(self, business_id: UUID, feed_id: UUID) -> Feed | None:
        found = await self._bucket.get(f"feed.{business_id}.{feed_id}")
        return Feed.model_validate_json(found.value or b"") if found else None

    async def opened_by(self, token: str) -> Feed:
        """Raises NotFound, for whatever reason."""
        hash_ = hash_of(token)
        place = await self._bucket.get(f"token.{hash_}")
        record = await self._bucket.get((place.value or b"").decode()) if place else None
        if record is None:
            raise NotFound
        feed = Feed.model_validate_json(record.value or b"")
        if feed.token_hash != hash_:
            raise NotFound
        return feed

    async def create(self, feed: Feed) -> str | None:
        """The token; None where a feed of this id is there already."""
        if len(await self._bucket.find(f"feed.{feed.business_id}.*")) >= MOST_FEEDS:
            raise TooManyFeeds(most=MOST_FEEDS)
        token, opened = await self._with_new_token(feed)
        if await self._bucket.create(feed.key, record_of(opened)):
            return token
        await self._forget(opened.token_hash)
        return None

    async def rotate(self, feed: Feed) -> str:
        """The new token; the old one is dead when this returns."""
        token, opened = await self._with_new_token(feed)
        kept = await self._bucket.get(feed.key)
        if kept is None:
            raise NotFound
        if not await self._bucket.replace(feed.key, record_of(opened), kept.revision or 0):
            raise TryAgain("Somebody else has just changed this feed.")
        await self._forget(Feed.model_validate_json(kept.value or b"").token_hash)
        return token

    async def revoke(self, feed: Feed) -> None:
        await self._bucket.remove(feed.key)
        await self._forget(feed.token_hash)
        await self._bucket.remove(f"fetched.{feed.business_id}.{feed.id}")

    async def note_fetched(self, feed: Feed, now: datetime) -> None:
        key = f"fetched.{feed.business_id}.{feed.id}"
        await self._bucket.put(key, now.isoformat().encode())
        # Looked at afterwards: whoever revokes removes the record first and this key last, so
        # whichever of the two comes later removes it.
        if await self._bucket.get(feed.key) is None:
            await self._bucket.remove(key)

    async def last_fetched(self, business_id: UUID) -> dict[str, datetime]:
        """By the feed's id."""
        found = await self._bucket.find(f"fetched.{business_id}.*")
        return {
            key.rpartition(".")[2]: datetime.fromisoformat(at.decode()) for key, at in found.items()
        }

    async def _with_new_token(self, feed: Feed) -> tuple[str, Feed]:
        token = secrets.token_urlsafe(32)
        opened = feed.model_copy(update={"token_hash": hash_of(token)})
        await self._bucket.put(f"token.{opened.token_hash}", feed.key.encode())
        return token, opened

    async def _forget(self, token_hash: str) -> None:
        await self._bucket.remove(f"token.{token_hash}")


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def record_of(feed: Feed) -> bytes:
    return feed.model_dump_json().encode()
