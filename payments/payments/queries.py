import hmac
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import enter_business
from chassis.problems import NotFound
from payments.link import Link, read_link
from payments.models import Demand

Asked = TypeVar("Asked", bound=Demand)


def link_in(secret: str) -> Link:
    """Raises NotFound for what cannot be one of ours."""
    link = read_link(secret)
    if link is None:
        raise NotFound
    return link


async def demand_of(session: AsyncSession, type_: type[Asked], link: Link) -> Asked:
    """Whoever has the link may know and pay it; raises NotFound for a link that we never gave."""
    await enter_business(session, link.business_id)
    demand = await session.get(type_, link.key)
    if demand is None or not hmac.compare_digest(demand.link_digest, link.digest):
        raise NotFound
    return demand
