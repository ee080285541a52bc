"""What a calendar app reads: `GET /feeds/{token}.ics`."""

from fastapi import APIRouter, BackgroundTasks, Request, Response, status

from chassis.http import Now, problems
from chassis.problems import NotFound
from gateway.conditional import is_unchanged
from gateway.feeds.document import wrapped
from gateway.feeds.fetched import FetchedTimes
from gateway.feeds.parts import OWNERS, Parts
from gateway.feeds.problems import FeedIncomplete
from gateway.feeds.records import FeedRecords
from gateway.feeds.tags import tag_for, versions_in

ENDING = ".ics"
FRESH_SECONDS = 60
HEADERS = {"Cache-Control": f"private, max-age={FRESH_SECONDS}", "X-Robots-Tag": "noindex"}
DOCUMENTED = {
    "description": "The calendar",
    "content": {"text/calendar": {"schema": {"type": "string"}}},
}

router = APIRouter(prefix="/feeds", tags=["feeds"])


@router.head("/{file}", include_in_schema=False)
@router.get(
    "/{file}",
    response_class=Response,
    responses={
        **problems(NotFound, FeedIncomplete),
        status.HTTP_200_OK: DOCUMENTED,
        status.HTTP_304_NOT_MODIFIED: {"description": "Nothing has changed"},
    },
)
async def read_feed(request: Request, file: str, now: Now, afterwards: BackgroundTasks) -> Response:
    """`{token}.ics`: whoever has the token may read it, in whole or not at all."""
    parts_of_feeds: Parts = request.app.state.parts
    records: FeedRecords = request.app.state.feeds
    fetched: FetchedTimes = request.app.state.fetched
    if not file.endswith(ENDING):
        raise NotFound
    feed = await records.opened_by(file.removesuffix(ENDING))
    condition = request.headers.get("If-None-Match")
    parts = await parts_of_feeds.read(feed, now, versions_in(condition, len(OWNERS)))
    if request.method == "GET":
        afterwards.add_task(fetched.note, feed, now)
    headers = HEADERS | {"ETag": tag_for([part.version for part in parts])}
    if is_unchanged(condition, headers["ETag"]):
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    events = [part.events for part in parts if part.events]
    return Response(wrapped(feed.title, events), headers=headers, media_type="text/calendar")
