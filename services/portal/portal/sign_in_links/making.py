"""The worker looks up whose address it is, and has a mail written if it is a client's."""

from datetime import datetime
from functools import partial
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import enter_business, in_transaction
from chassis.due_rows import Due, Key
from chassis.outbox import publish_on_commit
from chassis.runtime import Runtime
from contracts.portal import MagicLinkRequested
from portal.copies.models import Business, Customer
from portal.copies.queries import customer_with_email
from portal.settings import PortalSettings
from portal.sign_in_links.models import LIVES, LinkRequest, MagicLink
from portal.signed_token import new_token


async def make_link(runtime: Runtime, key: Key) -> None:
    assert isinstance(runtime.settings, PortalSettings)
    await in_transaction(runtime.sessions, partial(make, runtime, runtime.settings, key))


async def make(runtime: Runtime, settings: PortalSettings, key: Key, session: AsyncSession) -> None:
    await enter_business(session, key[0])
    asked = await session.get(
        LinkRequest, key, with_for_update={"skip_locked": True}, populate_existing=True
    )
    if asked is None or asked.look_at is None:
        return
    email, asked.look_at, asked.email = asked.email, None, None
    customer = await customer_with_email(session, asked.business_id, email)
    if customer is None:
        return
    # Whoever makes links for one client does it one after the other.
    await session.refresh(customer, with_for_update={"key_share": True})
    if await is_overtaken(session, customer, asked):
        return
    business = await session.get_one(Business, key[0])
    await send_link(session, settings, business, customer, asked, runtime.clock())


async def is_overtaken(session: AsyncSession, customer: Customer, asked: LinkRequest) -> bool:
    """A later request has its link already; an older one must not end it."""
    later = select(MagicLink.id).where(
        MagicLink.business_id == asked.business_id,
        MagicLink.customer_id == customer.id,
        MagicLink.requested_at > asked.requested_at,
    )
    return await session.scalar(later.limit(1)) is not None


async def send_link(
    session: AsyncSession,
    settings: PortalSettings,
    business: Business,
    customer: Customer,
    asked: LinkRequest,
    now: datetime,
) -> None:
    await session.execute(
        update(MagicLink)
        .where(
            MagicLink.business_id == business.business_id,
            MagicLink.customer_id == customer.id,
            MagicLink.consumed_at.is_(None),
            MagicLink.ended_at.is_(None),
        )
        .values(ended_at=now)
    )
    token = new_token(business.business_id, uuid4())
    link = MagicLink(
        business_id=business.business_id,
        id=token.id,
        customer_id=customer.id,
        token_hash=token.digest,
        return_path=asked.return_path,
        requested_at=asked.requested_at,
        created_at=now,
        expires_at=now + LIVES,
    )
    session.add(link)
    # After #, so that no server on the way sees it, and what fetches links in mails sends nothing.
    page = f"{settings.public_url.rstrip('/')}/portal/{business.slug}/sign-in"
    publish_on_commit(
        session,
        MagicLinkRequested(
            occurred_at=now,
            business_id=business.business_id,
            customer_id=customer.id,
            customer_name=customer.name,
            business_name=business.name,
            time_zone=business.time_zone,
            locale=customer.locale or business.locale,
            link_id=link.id,
            email=str(customer.email),
            url=f"{page}#token={token.signed('sign-in', settings.link_secret)}",
            expires_at=link.expires_at,
        ),
    )


make_links = Due(LinkRequest.look_at, make_link)
