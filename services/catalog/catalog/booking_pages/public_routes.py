from fastapi import Depends

from catalog.booking_pages import public_page
from catalog.booking_pages.schemas import PublicBooking
from chassis.auth import public
from chassis.http import Router, Session, problems
from chassis.problems import NotFound
from contracts.text import Slug

router = Router(
    prefix="/api/public/booking", tags=["public booking"], dependencies=[Depends(public)]
)


@router.get("/{slug}", responses=problems(NotFound))
async def read_public_page(slug: Slug, session: Session) -> PublicBooking:
    return await public_page.read(session, slug)
