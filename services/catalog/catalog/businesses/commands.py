from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.businesses.models import Business
from catalog.businesses.problems import BusinessSlugTaken
from catalog.businesses.schemas import BusinessPatch, BusinessView
from catalog.businesses.slug import another, slug_of
from chassis import audit
from chassis.auth import Principal
from chassis.database import enter_business
from chassis.outbox import publish_on_commit
from chassis.preconditions import check_version
from chassis.problems import Forbidden, NotFound

ATTEMPTS = 5


async def found(
    session: AsyncSession, values: dict[str, Any], slug: str | None, now: datetime
) -> Business:
    """A new business; without a slug, one is made of its name. The transaction enters it."""
    wanted = slug or slug_of(values["name"])
    for _ in range(1 if slug else ATTEMPTS):
        if business := await insert_one(session, values | {"slug": wanted, "created_at": now}):
            publish_on_commit(session, business.changed(now))
            return business
        wanted = another(slug_of(values["name"]))
    raise BusinessSlugTaken


async def insert_one(session: AsyncSession, values: dict[str, Any]) -> Business | None:
    business_id = uuid4()
    await enter_business(session, business_id)
    # A taken slug is another business's row, which only the unique index can see.
    statement = (
        insert(Business)
        .values(id=business_id, **values)
        .on_conflict_do_nothing(index_elements=[Business.slug])
        .returning(Business)
    )
    business: Business | None = await session.scalar(statement)
    return business


async def change(
    session: AsyncSession,
    caller: Principal,
    wanted: BusinessPatch,
    seen: int | None,
    now: datetime,
) -> Business:
    if caller.role != "owner":
        raise Forbidden("Only an owner changes the business.")
    business = await locked(session, caller.business_id)
    before = snapshot(business)
    check_version(business.version, seen, before)
    changed = business.change(wanted.model_dump(mode="json", exclude_unset=True), now)
    publish_on_commit(session, changed)
    await session.flush()
    audit.record(
        session,
        caller,
        "business.changed",
        business.id,
        before=before,
        after=snapshot(business),
        at=now,
    )
    return business


async def locked(session: AsyncSession, business_id: UUID) -> Business:
    statement = select(Business).where(Business.id == business_id).with_for_update(key_share=True)
    if (business := await session.scalar(statement)) is None:
        raise NotFound
    return business


def snapshot(business: Business) -> dict[str, object]:
    """Without billing, which an entry's reader may not be allowed to see."""
    return BusinessView.model_validate(business).model_dump(mode="json", exclude={"billing"})
