from fastapi import Request

from chassis.http import Now, Session, problems
from chassis.problems import NotFound
from portal.copies.models import Business
from portal.copies.queries import business_named
from portal.door import ClientRouter
from portal.sign_in_links import commands
from portal.sign_in_links.problems import TooManyLinks
from portal.sign_in_links.schemas import LinkRequested, LinkWrite, PortalPage

router = ClientRouter(prefix="/api/portal/{slug}", tags=["portal"])


@router.get("/page", response_model=PortalPage, responses=problems(NotFound))
async def read_portal_page(slug: str, session: Session) -> Business:
    return await business_named(session, slug)


@router.post("/magic-links", status_code=202, responses=problems(NotFound, TooManyLinks))
async def ask_for_magic_link(
    slug: str, request: Request, session: Session, now: Now, wanted: LinkWrite
) -> LinkRequested:
    """Answers alike for every address. The mail's link lives 15 minutes; a newer one ends it."""
    business = await business_named(session, slug)
    # The gateway is in front of us and has put there whom it serves, and nothing else.
    source = request.headers.get("X-Forwarded-For")
    secret = request.app.state.runtime.settings.link_secret
    await commands.ask_for_link(session, business, wanted, source, secret, now)
    return LinkRequested()
