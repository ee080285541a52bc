from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import in_zone, local_date
from chassis import audit
from chassis.auth import Principal
from chassis.preconditions import check_version
from chassis.problems import Forbidden
from contracts.catalog import BusinessChanged
from notifications.copies.models import Business
from notifications.mail_settings.models import DEFAULTS, MailSettings
from notifications.mail_settings.queries import NEVER_SET
from notifications.mail_settings.schemas import MailSettingsView, MailSettingsWrite
from notifications.reminders.commands import plan_all

DAY = timedelta(days=1)


async def change(
    session: AsyncSession,
    caller: Principal,
    wanted: MailSettingsWrite,
    seen: int | None,
    now: datetime,
) -> MailSettings:
    if caller.role != "owner":
        raise Forbidden("Only an owner changes how the business writes.")
    settings = await locked(session, caller.business_id)
    before = snapshot(settings)
    check_version(settings.version, seen, before)
    for name, value in wanted.model_dump(mode="python").items():
        setattr(settings, name, value)
    settings.version += 1
    await plan_agenda(session, settings, now)
    await plan_all(session, settings, now)
    what = {"before": before, "after": snapshot(settings)}
    audit.record(session, caller, "mail_settings.changed", settings.id, at=now, **what)
    await session.flush()
    return settings


async def follow_business(session: AsyncSession, event: BusinessChanged) -> None:
    """Its zone may have changed, and with it when its agendas are due. Said after its copy."""
    settings = await locked(session, event.business_id)
    told, now = event.business, event.occurred_at
    copy = await session.get(Business, event.business_id)
    if copy is None or copy.version <= told.version:
        settings.agenda_due_at = next_agenda(settings, told.time_zone, now)


async def locked(session: AsyncSession, business_id: UUID) -> MailSettings:
    """The row of its settings, which begins with what stood before there was one."""
    values = {"business_id": business_id, "version": NEVER_SET, **DEFAULTS}
    await session.execute(
        insert(MailSettings)
        .values(values)
        .on_conflict_do_nothing(constraint="one_settings_a_business")
    )
    mine = select(MailSettings).where(MailSettings.business_id == business_id)
    return (await session.scalars(mine.with_for_update(key_share=True))).one()


async def plan_agenda(session: AsyncSession, settings: MailSettings, now: datetime) -> None:
    business = await session.get(Business, settings.business_id)
    settings.agenda_due_at = next_agenda(settings, business.time_zone, now) if business else None


def next_agenda(settings: MailSettings, zone: str, now: datetime) -> datetime | None:
    """Today if that is still to come, else tomorrow."""
    if settings.agenda_at is None:
        return None
    today = local_date(now, zone)
    for day in (today, today + DAY):
        due_at = in_zone(datetime.combine(day, settings.agenda_at), zone).instant
        if due_at > now:
            return due_at
    raise AssertionError("unreachable")


def snapshot(settings: MailSettings) -> dict[str, Any]:
    return MailSettingsView.model_validate(settings).model_dump(mode="json")
