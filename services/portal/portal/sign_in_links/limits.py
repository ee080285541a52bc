"""How often links may be asked for: for one address, and from one network."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from portal.copies.models import Business
from portal.sign_in_links.models import LinkRequest
from portal.sign_in_links.problems import TooManyLinks

WINDOW = timedelta(minutes=15)
MOST_FOR_AN_ADDRESS = 3
MOST_FROM_A_NETWORK = 30
"""A studio's own network is one address to us, and a class of people may sign in from it."""


async def check(
    session: AsyncSession, business: Business, address: str, source: str | None, now: datetime
) -> None:
    """Raises TooManyLinks. Requests at once are counted like requests in a row: this locks the
    address and then the network, to the end of the transaction.
    """
    kinds = (
        (LinkRequest.address_digest, address, MOST_FOR_AN_ADDRESS),
        (LinkRequest.source_digest, source, MOST_FROM_A_NETWORK),
    )
    for column, digest, most in kinds:
        if digest is None:
            continue
        name = f"{business.business_id} {column.key} {digest}"
        lock = func.pg_advisory_xact_lock(func.hashtextextended(name, 0))
        await session.execute(select(lock))
        asked_at = await latest(session, business, column, digest, most, now)
        if len(asked_at) >= most:
            raise TooManyLinks(asked_at[-1] + WINDOW - now)


async def latest(
    session: AsyncSession,
    business: Business,
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
    digest: str,
    most: int,
    now: datetime,
) -> Sequence[datetime]:
    """Within the window, newest first."""
    statement = (
        select(LinkRequest.requested_at)
        .where(
            LinkRequest.business_id == business.business_id,
            column == digest,
            LinkRequest.requested_at > now - WINDOW,
        )
        .order_by(LinkRequest.requested_at.desc())
        .limit(most)
    )
    return (await session.scalars(statement)).all()


def digest_of(what: str, key: str) -> str:
    """By the key, so that a list of addresses does not find them."""
    return hmac.digest(key.encode(), what.casefold().encode(), hashlib.sha256).hex()


def network_of(address: str) -> str:
    """An IPv6 household or server has a /64."""
    try:
        parsed = ip_address(address.strip())
    except ValueError:
        return "unknown"
    if parsed.version == 6:
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)
