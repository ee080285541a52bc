from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import audit
from chassis.auth import Principal
from chassis.preconditions import check_version
from chassis.problems import NotFound
from chassis.runtime import Runtime
from pilates.class_templates.models import ClassTemplate
from pilates.copies.models import Service
from pilates.copies.queries import known
from pilates.package_types.models import PackageType
from pilates.package_types.problems import UnknownOffer
from pilates.package_types.schemas import PackageTypeView, PackageTypeWrite


async def create(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    wanted: PackageTypeWrite,
    now: datetime,
) -> PackageType:
    await check_offers(session, runtime, caller.business_id, wanted)
    type_ = PackageType(business_id=caller.business_id, **wanted.model_dump())
    session.add(type_)
    await session.flush()
    after = snapshot(type_)
    audit.record(session, caller, "package-type.created", type_.id, at=now, after=after)
    return type_


async def change(
    session: AsyncSession,
    runtime: Runtime,
    caller: Principal,
    type_id: UUID,
    wanted: PackageTypeWrite,
    seen: int | None,
    now: datetime,
) -> PackageType:
    type_ = await locked(session, caller, type_id)
    before = snapshot(type_)
    check_version(type_.version, seen, before)
    await check_offers(session, runtime, caller.business_id, wanted)
    type_.change(wanted.model_dump())
    record(session, caller, "package-type.changed", type_, before, now)
    return type_


async def archive(
    session: AsyncSession, caller: Principal, type_id: UUID, seen: int | None, now: datetime
) -> None:
    """Out of sale; packages that were sold of it go on."""
    type_ = await locked(session, caller, type_id)
    before = snapshot(type_)
    check_version(type_.version, seen, before)
    type_.change({"archived_at": now})
    record(session, caller, "package-type.archived", type_, before, now)


async def locked(session: AsyncSession, caller: Principal, type_id: UUID) -> PackageType:
    type_ = await session.get(
        PackageType, (caller.business_id, type_id), with_for_update={"key_share": True}
    )
    if type_ is None or type_.archived_at:
        raise NotFound
    return type_


async def for_sale(session: AsyncSession, business_id: UUID, type_id: UUID) -> PackageType:
    """Raises NotFound for what is not sold any more."""
    type_ = await session.get(PackageType, (business_id, type_id))
    if type_ is None or type_.archived_at:
        raise NotFound
    return type_


async def check_offers(
    session: AsyncSession, runtime: Runtime, business_id: UUID, wanted: PackageTypeWrite
) -> None:
    """Services are asked for that have not been heard of yet."""
    templates = select(ClassTemplate.id).where(
        ClassTemplate.business_id == business_id,
        ClassTemplate.id.in_(wanted.template_ids or ()),
    )
    strange = set(wanted.template_ids or ()) - set(await session.scalars(templates))
    services = select(Service.id).where(
        Service.business_id == business_id, Service.id.in_(wanted.service_ids or ())
    )
    unheard = set(wanted.service_ids or ()) - set(await session.scalars(services))
    for service_id in sorted(unheard):
        try:
            await known(session, runtime, Service, business_id, service_id)
        except NotFound:
            continue
        unheard.discard(service_id)
    if strange or unheard:
        raise UnknownOffer(
            service_ids=sorted(map(str, unheard)), template_ids=sorted(map(str, strange))
        )


def snapshot(type_: PackageType) -> dict[str, object]:
    return PackageTypeView.model_validate(type_).model_dump(mode="json")


def record(
    session: AsyncSession,
    caller: Principal,
    action: str,
    type_: PackageType,
    before: dict[str, object],
    now: datetime,
) -> None:
    after = snapshot(type_)
    audit.record(session, caller, action, type_.id, before=before, after=after, at=now)
