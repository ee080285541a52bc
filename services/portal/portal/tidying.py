"""What can open nothing any more is forgotten."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import enter_business, in_transaction, set_local
from chassis.outbox import OutboxMessage
from chassis.runtime import Runtime
from portal.copies.models import Business
from portal.email_changes.models import EmailChange
from portal.portal_sessions.models import PortalSession
from portal.sign_in_links.models import LinkRequest, MagicLink

HOUR_SECONDS = 3600
AN_HOUR = timedelta(hours=1)
KEPT: tuple[tuple[Any, timedelta], ...] = (
    (LinkRequest.requested_at, timedelta(hours=1)),
    (MagicLink.expires_at, timedelta(days=1)),
    (EmailChange.expires_at, timedelta(days=1)),
    (PortalSession.expires_at, timedelta(days=1)),
)
"""Links a day longer than they are good for, so that whoever is late is told why."""


async def forget_what_is_over(runtime: Runtime) -> None:
    while True:
        last_words = partial(forget_last_words, runtime.clock())
        await in_transaction(runtime.sessions, last_words)
        for business_id in await in_transaction(runtime.sessions, every_business):
            work = partial(forget, business_id, runtime.clock())
            await in_transaction(runtime.sessions, work)
        await asyncio.sleep(HOUR_SECONDS)


async def every_business(session: AsyncSession) -> Sequence[UUID]:
    # Row-level security lets it see all of them, but nothing of theirs.
    await set_local(session, "app.every_business", "yes")
    return (await session.scalars(select(Business.business_id))).all()


async def forget_last_words(now: datetime, session: AsyncSession) -> None:
    """Of erasures: their events name the address that nobody is to know any more."""
    ours = OutboxMessage.address.startswith("portal.erasure.", autoescape=True)
    left = OutboxMessage.published_at < now - AN_HOUR
    await session.execute(delete(OutboxMessage).where(ours, left))


async def forget(business_id: UUID, now: datetime, session: AsyncSession) -> None:
    await enter_business(session, business_id)
    for column, kept in KEPT:
        model = column.class_
        over = (model.business_id == business_id) & (column < now - kept)
        await session.execute(delete(model).where(over))
