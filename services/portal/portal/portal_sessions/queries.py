from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import enter_business
from portal.copies.models import Business, Customer
from portal.portal_sessions.cookie import Cookie
from portal.portal_sessions.models import PortalSession
from portal.portal_sessions.problems import NotSignedIn

NOTED_EVERY = timedelta(seconds=1)
"""Requests within so long of one another are one use."""


@dataclass(frozen=True)
class Client:
    """Who acts, and where."""

    customer: Customer
    business: Business

    @property
    def business_id(self) -> UUID:
        return self.business.business_id

    @property
    def id(self) -> UUID:
        return self.customer.id


@dataclass(frozen=True)
class SignedInClient(Client):
    session: PortalSession


FOUND = (
    select(Customer, Business, PortalSession)
    .select_from(PortalSession)
    .join(
        Customer,
        (Customer.business_id == PortalSession.business_id)
        & (Customer.id == PortalSession.customer_id),
    )
    .join(Business, Business.business_id == PortalSession.business_id)
    .where(
        PortalSession.business_id == bindparam("business_id"),
        PortalSession.id == bindparam("id"),
        Customer.archived_at.is_(None),
    )
)


async def recognise(session: AsyncSession, cookie: Cookie | None, now: datetime) -> SignedInClient:
    """From here on the transaction is in the client's business. Raises NotSignedIn."""
    if cookie is None:
        raise NotSignedIn
    await enter_business(session, cookie.business_id)
    asked = {"business_id": cookie.business_id, "id": cookie.session_id}
    found = (await session.execute(FOUND, asked)).first()
    if found is None:
        raise NotSignedIn
    client = SignedInClient(*found)
    if not client.session.expects(cookie.secret) or not client.session.is_live(now):
        raise NotSignedIn
    if now - client.session.seen_at >= NOTED_EVERY:
        await note(session, client.session, now)
    return client


async def note(session: AsyncSession, used: PortalSession, now: datetime) -> None:
    """Used now. Whom another request notes at this moment need not be waited for."""
    free = (
        select(PortalSession.id)
        .where(PortalSession.business_id == used.business_id, PortalSession.id == used.id)
        .with_for_update(skip_locked=True)
    )
    await session.execute(
        update(PortalSession)
        .where(
            PortalSession.business_id == used.business_id,
            PortalSession.id.in_(free),
            PortalSession.seen_at < now,
        )
        .values(seen_at=now)
        .execution_options(synchronize_session=False)
    )


async def sessions_of(
    session: AsyncSession, customer: Customer, now: datetime
) -> list[PortalSession]:
    """Live ones, the last used first."""
    found = await session.scalars(
        select(PortalSession)
        .where(
            PortalSession.business_id == customer.business_id,
            PortalSession.customer_id == customer.id,
            PortalSession.ended_at.is_(None),
            PortalSession.expires_at > now,
        )
        .order_by(PortalSession.seen_at.desc(), PortalSession.id)
    )
    return [one for one in found if one.is_live(now)]
