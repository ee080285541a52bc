from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response, status

from chassis.auth import Principal
from chassis.http import Now, problems
from chassis.idempotency import IdempotencyKeyReused
from chassis.problems import Forbidden, InvalidRequest, NotFound, TryAgain, Unauthenticated
from chassis.runtime import Connected
from gateway.feeds.problems import FeedRevoked, TooManyFeeds
from gateway.feeds.records import Feed, FeedRecords
from gateway.feeds.repetitions import Repetitions
from gateway.feeds.rights import check_exists, check_may_make, may_have
from gateway.feeds.schemas import FeedPage, FeedRead, FeedWithAddress, NewFeed
from gateway.members import Member

router = APIRouter(prefix="/api/feeds", tags=["feeds"])


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        *(Unauthenticated, Forbidden, NotFound, InvalidRequest, IdempotencyKeyReused),
        *(TooManyFeeds, FeedRevoked, TryAgain),
    ),
)
async def create_feed(
    request: Request,
    response: Response,
    wanted: NewFeed,
    caller: Member,
    now: Now,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> FeedWithAddress:
    runtime: Connected = request.app.state.runtime
    repetitions: Repetitions = request.app.state.repetitions
    check_may_make(caller, wanted)
    await check_exists(runtime, caller, wanted)
    feed_id = await repetitions.feed_id(idempotency_key, caller, wanted)
    records = records_of(request)
    feed = await records.find(caller.business_id, feed_id) if idempotency_key else None
    token = None
    if feed is None:
        if idempotency_key and await repetitions.has_ended(feed_id):
            raise FeedRevoked
        feed = Feed.made(wanted, feed_id, caller.business_id, caller.member_id, now)
        token = await records.create(feed)
    response.headers["Location"] = f"/api/feeds/{feed_id}"
    return shown_once(request, response, feed, token)


@router.get("", responses=problems(Unauthenticated, TryAgain))
async def list_feeds(request: Request, caller: Member) -> FeedPage:
    """All on one page: a business has few. A member sees those that they might have made."""
    records = records_of(request)
    fetched = await records.last_fetched(caller.business_id)
    return FeedPage(
        items=[
            FeedRead.model_validate(feed).model_copy(
                update={"last_fetched_at": fetched.get(str(feed.id))}
            )
            for feed in await records.of_business(caller.business_id)
            if may_have(caller, feed)
        ]
    )


@router.post("/{feed_id}/rotate", responses=problems(Unauthenticated, NotFound, TryAgain))
async def rotate_feed(
    request: Request, response: Response, feed_id: UUID, caller: Member
) -> FeedWithAddress:
    """A new address; the old one is dead at once."""
    feed = await found(request, caller, feed_id)
    token = await records_of(request).rotate(feed)
    return shown_once(request, response, feed, token)


@router.delete(
    "/{feed_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(Unauthenticated, NotFound, TryAgain),
)
async def revoke_feed(request: Request, feed_id: UUID, caller: Member) -> None:
    feed = await found(request, caller, feed_id)
    repetitions: Repetitions = request.app.state.repetitions
    await repetitions.end(feed.id)
    await records_of(request).revoke(feed)


async def found(request: Request, caller: Principal, feed_id: UUID) -> Feed:
    feed = await records_of(request).find(caller.business_id, feed_id)
    if feed is None or not may_have(caller, feed):
        raise NotFound
    return feed


def records_of(request: Request) -> FeedRecords:
    records: FeedRecords = request.app.state.feeds
    return records


def shown_once(
    request: Request, response: Response, feed: Feed, token: str | None
) -> FeedWithAddress:
    response.headers["Cache-Control"] = "no-store"
    public_url = request.app.state.runtime.settings.public_url.rstrip("/")
    url = f"{public_url}/feeds/{token}.ics" if token else None
    return FeedWithAddress(**FeedRead.model_validate(feed).model_dump(), url=url)
