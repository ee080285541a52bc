import hashlib
from typing import Annotated

from fastapi import Depends, Header, Response

from chassis.http import Now, Process, Session, problems
from chassis.problems import NotFound
from portal.door import FOR_ONE_CLIENT, ClientRouter, never_stored
from portal.feeds import commands
from portal.feeds.models import ClientFeed
from portal.feeds.schemas import FeedRead, FeedWithAddress
from portal.portal_sessions.problems import NotSignedIn
from portal.portal_sessions.signed_in import SignedIn
from portal.same_origin import AnotherSite
from portal.settings import PortalSettings

router = ClientRouter(prefix="/api/portal", tags=["portal"])


@router.post(
    "/feed",
    status_code=201,
    dependencies=[Depends(never_stored)],
    responses=problems(NotSignedIn, AnotherSite),
)
async def make_my_feed(
    client: SignedIn, session: Session, process: Process, now: Now
) -> FeedWithAddress:
    """For a calendar app; it ends the address that was there before."""
    assert isinstance(process.settings, PortalSettings)
    return await commands.rotate(session, process.settings, client, now)


@router.get("/feed", response_model=FeedRead, responses=problems(NotSignedIn, NotFound))
async def read_my_feed(client: SignedIn, session: Session) -> ClientFeed:
    return await commands.find(session, client)


@router.delete("/feed", status_code=204, responses=problems(NotSignedIn, NotFound, AnotherSite))
async def revoke_my_feed(client: SignedIn, session: Session) -> None:
    await commands.revoke(session, client)


@router.get(
    "/feeds/{token}.ics",
    response_class=Response,
    responses=problems(NotFound) | {200: {"content": {"text/calendar": {}}}},
)
async def fetch_feed(
    token: str,
    session: Session,
    process: Process,
    now: Now,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Whoever has the address may read it; there is no other way with calendar apps."""
    assert isinstance(process.settings, PortalSettings)
    body = (await commands.text_of(session, process.settings, token, now)).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    kept = {"ETag": tag, **FOR_ONE_CLIENT}
    if if_none_match and tag in if_none_match:
        return Response(status_code=304, headers=kept)
    return Response(body, media_type="text/calendar; charset=utf-8", headers=kept)
