from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.booking_pages.models import BookingPage
from catalog.booking_pages.problems import UnknownService
from catalog.booking_pages.schemas import BookingPageView, BookingPageWrite
from catalog.services.models import Service
from chassis import audit
from chassis.auth import Principal
from chassis.outbox import publish_on_commit
from chassis.preconditions import check_version
from chassis.problems import NotFound


async def create(
    session: AsyncSession, caller: Principal, wanted: BookingPageWrite, now: datetime
) -> BookingPage:
    await check_services(session, caller, wanted.configuration.service_ids)
    page = BookingPage(business_id=caller.business_id, **values_of(wanted))
    session.add(page)
    await session.flush()
    publish_on_commit(session, page.changed(now))
    record(session, caller, "booking_page.created", page, None, now)
    return page


async def change(
    session: AsyncSession,
    caller: Principal,
    page_id: UUID,
    wanted: BookingPageWrite,
    seen: int | None,
    now: datetime,
) -> BookingPage:
    page = await locked(session, caller, page_id)
    before = snapshot(page)
    check_version(page.version, seen, before)
    # A service that was archived since may stay on the page, which shows only what is there.
    added = set(wanted.configuration.service_ids) - set(page.service_ids)
    await check_services(session, caller, sorted(added))
    publish_on_commit(session, page.change(values_of(wanted), now))
    await session.flush()
    record(session, caller, "booking_page.changed", page, before, now)
    return page


async def archive(
    session: AsyncSession, caller: Principal, page_id: UUID, seen: int | None, now: datetime
) -> None:
    page = await locked(session, caller, page_id)
    before = snapshot(page)
    check_version(page.version, seen, before)
    publish_on_commit(session, page.archive(now))
    record(session, caller, "booking_page.archived", page, before, now)


async def check_services(session: AsyncSession, caller: Principal, service_ids: list[UUID]) -> None:
    offered = select(Service.id).where(
        Service.business_id == caller.business_id,
        Service.id.in_(service_ids),
        Service.archived_at.is_(None),
    )
    missing = set(service_ids) - set(await session.scalars(offered))
    if missing:
        raise UnknownService(service_ids=sorted(map(str, missing)))


def values_of(wanted: BookingPageWrite) -> dict[str, object]:
    return {
        "slug": wanted.slug,
        "title": wanted.title,
        "published": wanted.published,
        "configuration": wanted.configuration.model_dump(mode="json"),
    }


async def locked(session: AsyncSession, caller: Principal, page_id: UUID) -> BookingPage:
    page = await session.get(
        BookingPage, (caller.business_id, page_id), with_for_update={"key_share": True}
    )
    if page is None or page.archived_at:
        raise NotFound
    return page


def snapshot(page: BookingPage) -> dict[str, object]:
    return BookingPageView.model_validate(page).model_dump(mode="json")


def record(
    session: AsyncSession,
    caller: Principal,
    action: str,
    page: BookingPage,
    before: dict[str, object] | None,
    now: datetime,
) -> None:
    audit.record(session, caller, action, page.id, before=before, after=snapshot(page), at=now)
