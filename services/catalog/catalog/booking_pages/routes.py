from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Response

from catalog.booking_pages import commands, queries
from catalog.booking_pages.models import BookingPage
from catalog.booking_pages.problems import PageSlugTaken, UnknownService
from catalog.booking_pages.schemas import (
    BookingPageFilter,
    BookingPageView,
    BookingPageWrite,
    PageConfiguration,
)
from chassis.auth import Allow, Principal, public
from chassis.http import Now, Router, Session, problems
from chassis.pages import Page
from chassis.preconditions import VersionSeen, tag
from chassis.problems import NotFound, Stale
from contracts.permissions import Permission

router = Router(prefix="/api/booking-pages", tags=["booking pages"])

Member = Annotated[Principal, Depends(Allow())]
Manager = Annotated[Principal, Depends(Allow(Permission.MANAGE_BOOKING_PAGES))]


@router.get("", response_model=Page[BookingPageView])
async def list_booking_pages(
    caller: Member, session: Session, wanted: Annotated[BookingPageFilter, Query()]
) -> dict[str, object]:
    items, next_cursor = await queries.find(session, caller.business_id, wanted)
    return {"items": items, "next_cursor": next_cursor}


@router.post(
    "",
    status_code=201,
    response_model=BookingPageView,
    responses=problems(PageSlugTaken, UnknownService),
)
async def create_booking_page(
    caller: Manager, session: Session, now: Now, wanted: BookingPageWrite, response: Response
) -> BookingPage:
    page = await commands.create(session, caller, wanted, now)
    response.headers["Location"] = f"/api/booking-pages/{page.id}"
    tag(response, page.version)
    return page


@router.get("/configuration-schema", dependencies=[Depends(public)])
async def read_configuration_schema() -> dict[str, Any]:
    """JSON Schema of a page's configuration, as a request may send it."""
    return PageConfiguration.model_json_schema()


@router.get("/{page_id}", response_model=BookingPageView, responses=problems(NotFound))
async def read_booking_page(
    page_id: UUID, caller: Member, session: Session, response: Response
) -> BookingPage:
    page = await queries.read(session, caller.business_id, page_id)
    tag(response, page.version)
    return page


@router.put(
    "/{page_id}",
    response_model=BookingPageView,
    responses=problems(NotFound, PageSlugTaken, UnknownService, Stale),
)
async def change_booking_page(
    page_id: UUID,
    caller: Manager,
    session: Session,
    now: Now,
    seen: VersionSeen,
    wanted: BookingPageWrite,
    response: Response,
) -> BookingPage:
    page = await commands.change(session, caller, page_id, wanted, seen, now)
    tag(response, page.version)
    return page


@router.delete("/{page_id}", status_code=204, responses=problems(NotFound, Stale))
async def archive_booking_page(
    page_id: UUID,
    caller: Manager,
    session: Session,
    now: Now,
    seen: VersionSeen,
) -> None:
    await commands.archive(session, caller, page_id, seen, now)
