from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import enter_business, in_transaction
from chassis.runtime import Runtime
from portal.portal_sessions.queries import Client

Result = TypeVar("Result")


async def in_business_of(
    client: Client, runtime: Runtime, work: Callable[[AsyncSession], Awaitable[Result]]
) -> Result:
    """One transaction in the client's business, before an owner is asked or after."""

    async def entered(session: AsyncSession) -> Result:
        await enter_business(session, client.business_id)
        return await work(session)

    return await in_transaction(runtime.sessions, entered)
