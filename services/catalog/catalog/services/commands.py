from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.bookings_ahead import bookings_ahead
from catalog.services.models import Service
from catalog.services.problems import ServiceInUse, UnknownStaffMember
from catalog.services.schemas import ServiceView, ServiceWrite
from catalog.staff.models import StaffMember
from chassis import audit
from chassis.auth import Principal
from chassis.outbox import publish_on_commit
from chassis.preconditions import check_version
from chassis.problems import NotFound
from chassis.runtime import Runtime


async def create(
    session: AsyncSession, caller: Principal, wanted: ServiceWrite, now: datetime
) -> Service:
    await check_staff(session, caller, wanted.staff_ids)
    service = Service(business_id=caller.business_id, **wanted.model_dump())
    session.add(service)
    await session.flush()
    publish_on_commit(session, service.changed(now))
    record(session, caller, "service.created", service, None, now)
    return service


async def change(
    session: AsyncSession,
    caller: Principal,
    service_id: UUID,
    wanted: ServiceWrite,
    seen: int | None,
    now: datetime,
) -> Service:
    service = await locked(session, caller, service_id)
    before = snapshot(service)
    check_version(service.version, seen, before)
    await check_staff(session, caller, wanted.staff_ids)
    publish_on_commit(session, service.change(wanted.model_dump(), now))
    await session.flush()
    record(session, caller, "service.changed", service, before, now)
    return service


async def archive(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    service_id: UUID,
    seen: int | None,
    now: datetime,
) -> None:
    service = await locked(session, caller, service_id)
    before = snapshot(service)
    check_version(service.version, seen, before)
    if ahead := await bookings_ahead(runtime, caller.business_id, "service", service_id, now):
        raise ServiceInUse(f"{ahead} bookings lie ahead; move or cancel them.", bookings=ahead)
    publish_on_commit(session, service.archive(now))
    record(session, caller, "service.archived", service, before, now)


async def check_staff(session: AsyncSession, caller: Principal, staff_ids: set[UUID]) -> None:
    """Locks them, so that nobody who leaves right now is offered afterwards."""
    present = select(StaffMember.id).where(
        StaffMember.business_id == caller.business_id,
        StaffMember.id.in_(staff_ids),
        StaffMember.archived_at.is_(None),
    )
    found = await session.scalars(present.order_by(StaffMember.id).with_for_update(read=True))
    if missing := staff_ids - set(found):
        raise UnknownStaffMember(staff_ids=sorted(map(str, missing)))


async def locked(session: AsyncSession, caller: Principal, service_id: UUID) -> Service:
    service = await session.get(
        Service, (caller.business_id, service_id), with_for_update={"key_share": True}
    )
    if service is None or service.archived_at:
        raise NotFound
    return service


def snapshot(service: Service) -> dict[str, object]:
    return ServiceView.model_validate(service).model_dump(mode="json")


def record(
    session: AsyncSession,
    caller: Principal,
    action: str,
    service: Service,
    before: dict[str, object] | None,
    now: datetime,
) -> None:
    audit.record(
        session, caller, action, service.id, before=before, after=snapshot(service), at=now
    )
