import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import enter_business
from chassis.problems import NotFound
from portal.copies.models import Business, Customer
from portal.portal_sessions.models import KEPT_LIVES, LIVES, PortalSession, digest
from portal.portal_sessions.schemas import SignIn
from portal.sign_in_links.models import MagicLink
from portal.sign_in_links.problems import LinkGone
from portal.signed_token import read_token


@dataclass(frozen=True)
class Opened:
    session: PortalSession
    secret: str
    customer: Customer
    business: Business
    return_path: str | None


async def sign_in(
    session: AsyncSession, wanted: SignIn, device: str, link_secret: str, now: datetime
) -> Opened:
    """The first who comes with a link is signed in; everybody after that finds it used."""
    token = read_token(wanted.token, "sign-in", link_secret)
    if token is None:
        raise NotFound
    await enter_business(session, token.business_id)
    link = await session.get(MagicLink, token.key, with_for_update=True)
    if link is None:
        # We have signed it, so there was one: it was forgotten long after its time.
        raise LinkGone(because="expired")
    if not secrets.compare_digest(link.token_hash, token.digest):
        raise NotFound
    link.consume(now)
    customer = await session.get_one(Customer, (link.business_id, link.customer_id))
    if customer.archived_at:
        raise LinkGone(because="expired")
    business = await session.get_one(Business, link.business_id)
    opened, secret = open_session(customer, device, now, kept=wanted.keep_signed_in)
    session.add(opened)
    return Opened(opened, secret, customer, business, link.return_path)


def open_session(
    customer: Customer, device: str, now: datetime, *, kept: bool
) -> tuple[PortalSession, str]:
    secret = secrets.token_urlsafe(32)
    opened = PortalSession(
        business_id=customer.business_id,
        id=uuid4(),
        customer_id=customer.id,
        secret_hash=digest(secret),
        device=device,
        kept=kept,
        created_at=now,
        seen_at=now,
        expires_at=now + (KEPT_LIVES if kept else LIVES),
    )
    return opened, secret


async def end(session: AsyncSession, customer: Customer, session_id: UUID, now: datetime) -> None:
    """Raises NotFound, also for somebody else's and for one that has ended."""
    found = await session.get(
        PortalSession, (customer.business_id, session_id), with_for_update=True
    )
    if found is None or found.customer_id != customer.id or not found.is_live(now):
        raise NotFound
    found.ended_at = now


async def end_others(
    session: AsyncSession, customer: Customer, but: UUID | None, now: datetime
) -> None:
    others = update(PortalSession).where(
        PortalSession.business_id == customer.business_id,
        PortalSession.customer_id == customer.id,
        PortalSession.ended_at.is_(None),
    )
    if but is not None:
        others = others.where(PortalSession.id != but)
    await session.execute(others.values(ended_at=now))
