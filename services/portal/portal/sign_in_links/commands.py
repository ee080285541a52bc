from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from portal.copies.models import Business
from portal.sign_in_links import limits
from portal.sign_in_links.models import LinkRequest
from portal.sign_in_links.schemas import LinkWrite


async def ask_for_link(
    session: AsyncSession,
    business: Business,
    wanted: LinkWrite,
    source: str | None,
    link_secret: str,
    now: datetime,
) -> None:
    """Nobody is looked up here, so neither the answer nor its time can tell who is known."""
    address = limits.digest_of(wanted.email, link_secret)
    network = limits.digest_of(limits.network_of(source), link_secret) if source else None
    await limits.check(session, business, address, network, now)
    session.add(
        LinkRequest(
            business_id=business.business_id,
            address_digest=address,
            source_digest=network,
            email=wanted.email,
            return_path=wanted.return_path,
            requested_at=now,
            look_at=now,
        )
    )
