"""Declares that a route is for a signed-in client, and says which one."""

from typing import Annotated

import structlog
from fastapi import Depends
from fastapi.security import APIKeyCookie
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import in_transaction
from chassis.http import Now, Process, Session
from portal.portal_sessions.cookie import NAME, Cookie
from portal.portal_sessions.queries import SignedInClient, recognise

SESSION_COOKIE = APIKeyCookie(name=NAME, scheme_name="portal-session", auto_error=False)
Value = Annotated[str | None, Depends(SESSION_COOKIE)]


async def signed_in(value: Value, session: Session, now: Now) -> SignedInClient:
    client = await recognise(session, Cookie.read(value), now)
    structlog.contextvars.bind_contextvars(business_id=str(client.business_id))
    return client


async def signed_in_apart(value: Value, process: Process, now: Now) -> SignedInClient:
    """In a transaction of its own, which is over when the route begins."""

    async def look(session: AsyncSession) -> SignedInClient:
        return await recognise(session, Cookie.read(value), now)

    client = await in_transaction(process.sessions, look)
    structlog.contextvars.bind_contextvars(business_id=str(client.business_id))
    return client


SignedIn = Annotated[SignedInClient, Depends(signed_in)]
SignedInApart = Annotated[SignedInClient, Depends(signed_in_apart)]
