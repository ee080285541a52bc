from typing import Annotated

from fastapi import Depends, Query

from chassis.auth import public
from chassis.http import Now, Process, Router, Session, problems
from chassis.problems import NotFound
from pilates.class_sessions import public_queries
from pilates.class_sessions.public_schemas import PublicSessions, PublicSessionsQuery
from pilates.copies.queries import known_business, published_page

router = Router(prefix="/api/public/booking", tags=["class sessions"])


@router.get("/{slug}/class-sessions", dependencies=[Depends(public)], responses=problems(NotFound))
async def list_public_class_sessions(
    slug: str,
    session: Session,
    process: Process,
    now: Now,
    wanted: Annotated[PublicSessionsQuery, Query()],
) -> PublicSessions:
    """Classes that can be booked, by page; what is full can be waited for."""
    page = await published_page(session, process, slug)
    business = await known_business(session, process, page.business_id)
    return await public_queries.find(session, business, page, wanted, now)
