"""A series and a template become what their sessions have become, in the same transaction."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pilates.class_series.models import ClassSeries
from pilates.class_sessions.models import ClassSession
from pilates.class_sessions.proposal import OfSeries, OfTemplate
from pilates.class_templates.models import ClassTemplate


async def follow(
    session: AsyncSession,
    business_id: UUID,
    of_series: OfSeries | None,
    of_template: OfTemplate | None,
    now: datetime,
) -> None:
    """Their rows are locked last, after sessions, things and packages."""
    if of_series:
        await follow_as_series(session, business_id, of_series, now)
    if of_template:
        await follow_as_template(session, business_id, of_template)


async def follow_as_series(
    session: AsyncSession, business_id: UUID, wanted: OfSeries, now: datetime
) -> None:
    """What comes before stays a series of its own, as it was."""
    key = (business_id, wanted.series_id)
    series = await session.get_one(ClassSeries, key, with_for_update={"key_share": True})
    since = wanted.since
    if await begins_before(session, series, since):
        series = await split(session, series, since, now)
    series.moved_minutes, series.differs = wanted.moved_minutes, wanted.differs
    series.version += 1
    await session.flush()


async def begins_before(session: AsyncSession, series: ClassSeries, since: datetime) -> bool:
    earlier = select(ClassSession.id).where(
        ClassSession.business_id == series.business_id,
        ClassSession.series_id == series.id,
        ClassSession.occurs_on < since,
    )
    return await session.scalar(earlier.limit(1)) is not None


async def split(
    session: AsyncSession, series: ClassSeries, since: datetime, now: datetime
) -> ClassSeries:
    later = ClassSeries(
        business_id=series.business_id,
        version=0,
        template_id=series.template_id,
        rule=series.rule,
        starts_at=series.starts_at,
        time_zone=series.time_zone,
        moved_minutes=series.moved_minutes,
        differs=series.differs,
        except_for=[moment for moment in series.except_for if moment >= since],
        split_from=series.id,
        made_at=now,
    )
    series.except_for = [moment for moment in series.except_for if moment < since]
    series.version += 1
    session.add(later)
    await session.flush()
    part = (
        ClassSession.business_id == series.business_id,
        ClassSession.series_id == series.id,
        ClassSession.occurs_on >= since,
    )
    # Those that were cancelled go with it, and are locked here in the order of all locks.
    ids = await session.scalars(
        select(ClassSession.id).where(*part).order_by(ClassSession.id).with_for_update()
    )
    moving = update(ClassSession).where(
        ClassSession.business_id == series.business_id, ClassSession.id.in_(list(ids))
    )
    await session.execute(moving.values(series_id=later.id))
    return later


async def follow_as_template(session: AsyncSession, business_id: UUID, wanted: OfTemplate) -> None:
    """One that somebody has changed meanwhile keeps that."""
    key = (business_id, wanted.template_id)
    template = await session.get_one(ClassTemplate, key, with_for_update={"key_share": True})
    if template.version == wanted.version:
        values = wanted.change.values() | {"duration_minutes": wanted.duration_minutes}
        template.change({name: values[name] for name in values if hasattr(template, name)})
        await session.flush()
