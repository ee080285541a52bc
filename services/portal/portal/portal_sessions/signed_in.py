"""Declares that a route is for a signed-in client, and says which one."""

from typing import Annotated

import structlog
from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import in_transaction
from chassis.http import Now, Process, Session
from portal.portal_sessions.cookie import NAME, Cookie
from portal.portal_sessions.queries import SignedInClient, recognise


def cookie_of(request: Request) -> Cookie | None:
    return Cookie.read(request.cookies.get(NAME))


async def signed_in(request: Request, session: Session, now: Now) -> SignedInClient:
    client = await recognise(session, cookie_of(request), now)
    structlog.contextvars.bind_contextvars(business_id=str(client.business_id))
    return client


async def signed_in_apart(request: Request, process: Process, now: Now) -> SignedInClient:
    """In a transaction of its own, which is over when the route begins."""
    cookie = cookie_of(request)

    async def look(session: AsyncSession) -> SignedInClient:
        return await recognise(session, cookie, now)

    client = await in_transaction(process.sessions, look)
    structlog.contextvars.bind_contextvars(business_id=str(client.business_id))
    return client


SignedIn = Annotated[SignedInClient, Depends(signed_in)]
SignedInApart = Annotated[SignedInClient, Depends(signed_in_apart)]
