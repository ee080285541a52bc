import unicodedata
from datetime import datetime
from uuid import UUID

from fastapi import Depends, Request, Response

from chassis.http import Now, Session, problems
from chassis.problems import NotFound
from portal.copies.models import Business, Customer
from portal.door import ClientRouter, never_stored
from portal.portal_sessions import commands, queries
from portal.portal_sessions.cookie import FORGET, Cookie, header
from portal.portal_sessions.models import KEPT_LIVES, PortalSession
from portal.portal_sessions.problems import NotSignedIn
from portal.portal_sessions.schemas import (
    SessionItem,
    SessionRead,
    Sessions,
    SignedIn,
    SignIn,
    Who,
)
from portal.portal_sessions.signed_in import SignedIn as Client
from portal.same_origin import AnotherSite
from portal.sign_in_links.problems import LinkGone
from portal.sign_in_links.schemas import PortalPage

router = ClientRouter(prefix="/api/portal", tags=["portal"])


@router.post(
    "/session",
    status_code=201,
    dependencies=[Depends(never_stored)],
    responses=problems(NotFound, LinkGone, AnotherSite),
)
async def sign_in(
    request: Request, response: Response, session: Session, now: Now, wanted: SignIn
) -> SignedIn:
    """Consumes the link; nothing but this does."""
    secret = request.app.state.runtime.settings.link_secret
    opened = await commands.sign_in(session, wanted, device_of(request), secret, now)
    made = opened.session
    cookie = Cookie(made.business_id, made.id, opened.secret)
    response.headers["Set-Cookie"] = header(cookie, KEPT_LIVES if made.kept else None)
    seen = read(made, opened.customer, opened.business)
    return SignedIn(**seen.model_dump(), return_path=opened.return_path)


@router.get("/session", responses=problems(NotSignedIn))
async def read_session(client: Client) -> SessionRead:
    return read(client.session, client.customer, client.business)


@router.delete("/session", status_code=204, responses=problems(NotSignedIn, AnotherSite))
async def sign_out(client: Client, session: Session, now: Now, response: Response) -> None:
    await commands.end(session, client.customer, client.session.id, now)
    response.headers["Set-Cookie"] = FORGET


@router.get("/sessions", responses=problems(NotSignedIn))
async def list_sessions(client: Client, session: Session, now: Now) -> Sessions:
    found = await queries.sessions_of(session, client.customer, now)
    return Sessions(items=[item(one, client.session.id, now) for one in found])


@router.delete(
    "/sessions/{session_id}",
    status_code=204,
    responses=problems(NotSignedIn, NotFound, AnotherSite),
)
async def end_session(session_id: UUID, client: Client, session: Session, now: Now) -> None:
    await commands.end(session, client.customer, session_id, now)


@router.delete("/sessions", status_code=204, responses=problems(NotSignedIn, AnotherSite))
async def end_other_sessions(client: Client, session: Session, now: Now) -> None:
    """All but the one that asks."""
    await commands.end_others(session, client.customer, client.session.id, now)


def read(made: PortalSession, customer: Customer, business: Business) -> SessionRead:
    return SessionRead(
        customer=Who.model_validate(customer),
        business=PortalPage.model_validate(business, from_attributes=True),
        kept=made.kept,
        expires_at=made.expires_at,
    )


def item(one: PortalSession, current: UUID, now: datetime) -> SessionItem:
    seen = SessionItem.model_validate(one)
    is_current = one.id == current
    changed = {"current": is_current} | ({"seen_at": now} if is_current else {})
    return seen.model_copy(update=changed)


def device_of(request: Request) -> str:
    said = request.headers.get("User-Agent", "")
    plain = "".join(one for one in said if unicodedata.category(one)[0] != "C")
    return plain[:200]
